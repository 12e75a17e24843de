// Walking Client[] while clients are being closed.

import assert from 'node:assert/strict';
import type { TWSocketServer } from '../../lib';
import { startServer, waitFor } from '../support';
import { attackedServer } from '../support/bystander';
import { pairs } from '../support/pair';

function upwards(server: TWSocketServer, visit: (index: number) => void): number {
  let visited = 0;
  for (let i = 0; i < server.ClientCount; i++) {
    visit(i);
    visited++;
  }
  return visited;
}

function downwards(server: TWSocketServer, visit: (index: number) => void): number {
  let visited = 0;
  for (let i = server.ClientCount - 1; i >= 0; i--) {
    visit(i);
    visited++;
  }
  return visited;
}

describe('Walking Client[] while closing', () => {
  for (const [direction, walk] of Object.entries({ upwards, downwards })) {
    it(`[H-73] ${direction} with Close meets every client, still listed`, async () => {
      const server = startServer();
      await pairs(server, 9);
      const visited = walk(server, (i) => server.Client[i]!.Close());
      assert.equal(visited, 9);
      assert.equal(server.ClientCount, 9);
      await waitFor(() => server.ClientCount === 0, 'an empty list');
    });
  }

  it('[H-73] downwards with Disconnect removes everybody', async () => {
    const server = startServer();
    await pairs(server, 9);
    const visited = downwards(server, (i) => server.Disconnect(server.Client[i]!));
    assert.equal(visited, 9);
    assert.equal(server.ClientCount, 0);
  });

  it('[H-73] upwards with Disconnect skips, as the list is compacted at once', async () => {
    const server = startServer();
    await pairs(server, 9);
    const left: number[] = [];
    server.OnClientDisconnect = (Sender, Client) => void left.push(Client.CliId);
    upwards(server, (i) => server.Disconnect(server.Client[i]!));
    assert.deepEqual(left, [1, 3, 5, 7, 9]);
    assert.deepEqual(
      Array.from({ length: server.ClientCount }, (none, i) => server.Client[i]!.CliId),
      [2, 4, 6, 8],
    );
  });

  it('[H-73] a walk out of range meets null, whatever a handler did meanwhile', async () => {
    const server = await attackedServer();
    const all = await pairs(server, 5);
    server.OnClientDisconnect = () => {
      for (let i = -1; i <= server.ClientCount; i++) {
        const client = server.Client[i];
        assert.equal(client === null, i < 0 || i >= server.ClientCount);
      }
    };
    for (const { client } of all.slice(0, 3)) server.Disconnect(client);
    assert.equal(server.ClientCount, 3);
    assert.equal(server.Client[3], null);
    assert.equal(server.Client[-1], null);
  });
});
