// TWSocketThrdServer: which thread a client gets, and what the main thread is told.

import assert from 'node:assert/strict';
import { threadId } from 'node:worker_threads';
import { TWSocketThrdServer, wsConnected } from '../../lib';
import { connect, waitFor } from '../support';
import { startThrdServer } from '../support/thrdServer';

async function ask(peer: Awaited<ReturnType<typeof connect>>, text: string): Promise<string> {
  peer.write(`${text}\n`);
  return peer.line('\n');
}

describe('TWSocketThrdServer', () => {
  it('[WSS-171] ClientsPerThread 1: three clients have three threads, each attached once', async () => {
    const log: string[] = [];
    const server = startThrdServer({
      OnThreadCreate: () => void log.push('thread'),
      OnClientAttached: (_Sender, Client) => void log.push(`attached ${Client.CliId}`),
    });
    const peers = await Promise.all([connect(server), connect(server), connect(server)]);
    await waitFor(() => server.ClientCount === 3, 'three clients');
    assert.equal(server.ThreadCount, 3);
    assert.deepEqual(log, ['thread', 'attached 1', 'thread', 'attached 2', 'thread', 'attached 3']);
    const threads = await Promise.all(peers.map((peer) => ask(peer, 'thread')));
    assert.equal(new Set([...threads, String(threadId)]).size, 4);
  });

  it('[WSS-171] ClientsPerThread 2: three clients have two threads', async () => {
    const server = startThrdServer({ ClientsPerThread: 2 });
    const peers = await Promise.all([connect(server), connect(server), connect(server)]);
    await waitFor(() => server.ClientCount === 3, 'three clients');
    assert.equal(server.ThreadCount, 2);
    assert.deepEqual(
      server.ClientThreads.map(({ ClientCount }) => ClientCount),
      [2, 1],
    );
    const threads = await Promise.all(peers.map((peer) => ask(peer, 'thread')));
    assert.equal(new Set(threads).size, 2);
  });

  it('[WSS-172] ClientsPerThread 0 raises', () => {
    const server = new TWSocketThrdServer();
    const refused = { message: 'At least one client per thread must be allowed' };
    assert.throws(() => (server.ClientsPerThread = 0), refused);
    assert.throws(() => (server.ClientsPerThread = NaN), refused);
    assert.equal(server.ClientsPerThread, 1);
  });

  it('[WSS-173] data events are in the worker, the others in the main thread, in ICS order', async () => {
    const log: string[] = [];
    const note = (what: string) => () => void log.push(`${what} in ${threadId}`);
    const server = startThrdServer({
      OnClientCreate: note('create'),
      OnThreadCreate: note('thread'),
      OnClientAttached: note('attached'),
      OnClientConnect: note('connect'),
      OnClientDisconnect: note('disconnect'),
      OnClientDetached: note('detached'),
    });
    const peer = await connect(server);
    assert.notEqual(await ask(peer, 'thread'), String(threadId));
    assert.equal(server.Client[0]!.State, wsConnected);
    peer.end();
    await waitFor(() => server.ClientCount === 0, 'the client gone');
    const events = ['create', 'thread', 'attached', 'connect', 'disconnect', 'detached'];
    assert.deepEqual(
      log,
      events.map((event) => `${event} in ${threadId}`),
    );
  });
});
