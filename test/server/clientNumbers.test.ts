// CliId: every connection gets the next number, for as long as the server object lives.

import assert from 'node:assert/strict';
import type { TWSocketServer } from '../../lib';
import { connect, startServer, waitFor } from '../support';

function recordNumbers(server: TWSocketServer): number[] {
  const numbers: number[] = [];
  server.OnClientConnect = (_Sender, Client, Error) => {
    if (Error === 0) numbers.push(Client.CliId);
  };
  return numbers;
}

describe('CliId', () => {
  it('[WSS-22] counts 1, 2, 3, and goes on when all have left', async () => {
    const server = startServer();
    const numbers = recordNumbers(server);
    const peers = [await connect(server), await connect(server), await connect(server)];
    await waitFor(() => numbers.length === 3, 'three clients');

    peers.forEach((peer) => peer.end());
    await waitFor(() => server.ClientCount === 0, 'all clients to leave');
    await connect(server);

    await waitFor(() => numbers.length === 4, 'the fourth client');
    assert.deepEqual(numbers, [1, 2, 3, 4]);
  });

  it('[WSS-23] goes on after Close and Listen', async () => {
    const server = startServer();
    const numbers = recordNumbers(server);
    await connect(server);
    await connect(server);
    await waitFor(() => numbers.length === 2, 'two clients');

    server.Close();
    server.Listen();
    await connect(server);

    await waitFor(() => numbers.length === 3, 'the third client');
    assert.deepEqual(numbers, [1, 2, 3]);
  });

  it('counts for each server separately', async () => {
    const one = startServer();
    const other = startServer();
    const oneNumbers = recordNumbers(one);
    const otherNumbers = recordNumbers(other);

    await connect(one);
    await connect(other);

    await waitFor(() => oneNumbers.length + otherNumbers.length === 2, 'two clients');
    assert.deepEqual([oneNumbers, otherNumbers], [[1], [1]]);
  });

  it('[WSS-30] 200 clients at once are all served and numbered in order', async () => {
    const server = startServer();
    const numbers = recordNumbers(server);

    await Promise.all(Array.from({ length: 200 }, () => connect(server)));

    await waitFor(() => numbers.length >= 200, '200 clients');
    assert.deepEqual(
      numbers,
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    assert.equal(server.ClientCount, 200);
  });
});
