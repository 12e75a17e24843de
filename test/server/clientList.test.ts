// Client[], ClientCount and IsClient.

import assert from 'node:assert/strict';
import { TWSocketClient } from '../../lib';
import type { TWSocketServer } from '../../lib';
import { connect, drained, startServer, track, waitFor } from '../support';
import type { Peer } from '../support';

async function connectThree(server: TWSocketServer): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let count = 1; count <= 3; count++) {
    peers.push(await connect(server));
    await waitFor(() => server.ClientCount === count, `client ${count}`);
  }
  return peers;
}

function numbers(server: TWSocketServer): (number | undefined)[] {
  return Array.from({ length: server.ClientCount }, (_, index) => server.Client[index]?.CliId);
}

describe('The client list', () => {
  it('[WSS-24] keeps the order of arrival and closes the gap of a client that left', async () => {
    const server = startServer();
    const peers = await connectThree(server);
    assert.deepEqual(numbers(server), [1, 2, 3]);

    peers[1]!.end();
    await waitFor(() => server.ClientCount === 2, 'client 2 to leave');
    await drained();

    assert.equal(server.ClientCount, 2);
    assert.equal(server.Client[0]?.CliId, 1);
    assert.equal(server.Client[1]?.CliId, 3);
    assert.equal(server.Client[2], null);
    assert.equal(server.Client[-1], null);
  });

  it('is empty, and answers nil, before the first client', () => {
    const server = startServer();

    assert.equal(server.ClientCount, 0);
    assert.equal(server.Client[0], null);
    assert.equal(server.Client[-1], null);
  });

  it('can be walked downwards while its clients are disconnected', async () => {
    const server = startServer();
    await connectThree(server);

    for (let index = server.ClientCount - 1; index >= 0; index--) {
      server.Disconnect(server.Client[index]!);
    }

    assert.equal(server.ClientCount, 0);
  });

  it('[WSS-27] IsClient knows its own live clients only', async () => {
    const server = startServer();
    const other = startServer();
    const [peer] = await connectThree(server);
    await connect(other);
    await waitFor(() => other.ClientCount === 1, 'the other server’s client');
    const client = server.Client[0]!;
    const foreign = other.Client[0]!;

    assert.equal(server.IsClient(client), true);
    assert.equal(server.IsClient(null), false);
    assert.equal(server.IsClient(server), false);
    assert.equal(server.IsClient(foreign), false);
    assert.equal(server.IsClient(track(new TWSocketClient())), false);

    peer!.end();
    await waitFor(() => server.ClientCount === 2, 'the client to leave');
    assert.equal(server.IsClient(client), false);
    assert.equal(client.CliId, 0);
  });

  it('[WSS-27] forgets a client that the application frees', async () => {
    const server = startServer();
    await connectThree(server);
    const client = server.Client[1]!;

    client.Free();

    assert.equal(server.IsClient(client), false);
    assert.deepEqual(numbers(server), [1, 3]);
  });
});
