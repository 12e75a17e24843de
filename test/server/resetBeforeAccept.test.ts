// Peers that are gone before the server has looked at them. ICS closed its listener over them
// (D-32); here they come and go like any other client.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { wsListening } from '../../lib';
import type { TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, portOf, startServer, waitFor } from '../support';

const PEER_PROGRAM = `
  const net = require('node:net');
  const [port, count] = process.argv.slice(1).map(Number);
  (function next(left) {
    if (left === 0) return;
    const socket = net.connect(port, '127.0.0.1', () => socket.resetAndDestroy());
    socket.on('close', () => next(left - 1));
  })(count);
`;

/**
 * Connects and resets from another process while this one is blocked, so that no connection can
 * be accepted before its reset has arrived.
 */
function resetInBacklog(port: number, count: number): void {
  const child = spawnSync(process.execPath, ['-e', PEER_PROGRAM, String(port), String(count)]);
  assert.equal(child.status, 0, child.stderr.toString());
}

interface Log {
  created: number[];
  connected: string[];
  disconnected: Map<number, number[]>;
  exceptions: unknown[];
}

function recordPairs(server: TWSocketServer): Log {
  const log: Log = { created: [], connected: [], disconnected: new Map(), exceptions: [] };
  server.OnClientCreate = (_Sender, Client) => {
    log.created.push(Client.CliId);
  };
  server.OnClientConnect = (_Sender, Client, Error) => {
    log.connected.push(`${Client.PeerAddr} ${Error}`);
    echo(Client);
  };
  server.OnClientDisconnect = (_Sender, Client, Error) => {
    log.disconnected.set(Client.CliId, [...(log.disconnected.get(Client.CliId) ?? []), Error]);
  };
  server.OnBgException = (_Sender, E) => {
    log.exceptions.push(E);
  };
  return log;
}

describe('Peers that reset at once', () => {
  it('[H-04] in the backlog: connect and disconnect 10054, the peer’s address is known', async () => {
    const server = startServer();
    const log = recordPairs(server);
    resetInBacklog(portOf(server), 20);

    await waitFor(() => log.created.length === 20 && server.ClientCount === 0, '20 clients to go');

    assert.deepEqual(new Set(log.connected), new Set(['127.0.0.1 0']));
    assert.equal(log.connected.length, 20);
    assert.deepEqual(
      [...log.disconnected],
      log.created.map((number) => [number, [10054]]),
    );
    assert.deepEqual(log.exceptions, []);
    assert.equal(server.State, wsListening);
    await expectEcho(await connect(server));
  });

  it('[H-04] in the backlog, with a banner to send: no exception, the server goes on', async () => {
    const server = startServer({ Banner: 'welcome' });
    const log = recordPairs(server);
    resetInBacklog(portOf(server), 20);

    await waitFor(() => log.disconnected.size === 20, '20 clients to go');

    assert.ok([...log.disconnected.values()].every((codes) => codes.length === 1));
    assert.deepEqual(log.exceptions, []);
    assert.equal(server.State, wsListening);
    const peer = await connect(server);
    assert.equal(await peer.line(), 'welcome');
  });

  it('[WSS-182] 100 times in a row: every client created gets one OnClientDisconnect', async () => {
    const server = startServer();
    const log = recordPairs(server);

    for (let round = 0; round < 100; round++) (await connect(server)).reset();

    await expectEcho(await connect(server));
    await waitFor(() => log.disconnected.size === log.created.length - 1, 'the disconnects');
    assert.ok([...log.disconnected.values()].every((codes) => codes.length === 1));
    assert.deepEqual(log.exceptions, []);
    assert.equal(server.State, wsListening);
    assert.equal(server.ClientCount, 1);
  });
});
