// Destroying a server: every connection is closed and nobody is told (F15).

import assert from 'node:assert/strict';
import { TComponent, TWSocketServer, wsConnected } from '../../lib';
import { connect, drained, newServer, portOf, startServer, track, waitFor } from '../support';
import { pair, pairs } from '../support/pair';

const EVENTS = [
  'OnSessionClosed',
  'OnClientDisconnect',
  'OnClientConnect',
  'OnClientCreate',
] as const;

describe('TWSocketServer.Free', () => {
  it('[WSS-78] gives every peer its end; no session or disconnect event fires', async () => {
    const log: string[] = [];
    const server = startServer();
    const all = await pairs(server, 3);
    for (const event of EVENTS) server[event] = () => void log.push(event);
    for (const { client } of all) {
      client.OnSessionClosed = () => void log.push('client OnSessionClosed');
      client.OnDataAvailable = () => void log.push('client OnDataAvailable');
    }
    all[0]!.peer.write('unread');
    server.Free();
    for (const { peer } of all) assert.notEqual(await peer.closed(), null);
    assert.equal(await all[1]!.peer.closed(), 'end');
    await drained();
    assert.deepEqual(log, []);
  });

  it('[WSS-78] may be called twice and through Symbol.dispose', async () => {
    const server = newServer();
    server.Listen();
    const { peer } = await pair(server);
    server.Free();
    server.Free();
    server.Destroy();
    server[Symbol.dispose]();
    assert.equal(await peer.closed(), 'end');
  });

  it('discards disconnect messages that were queued', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientDisconnect: () => void log.push('OnClientDisconnect'),
    });
    const { client } = await pair(server);
    client.Close();
    server.Free();
    await drained();
    assert.deepEqual(log, []);
  });

  it('answers afterwards as a closed server does', async () => {
    const server = startServer();
    const { client } = await pair(server);
    server.Free();
    assert.equal(server.ClientCount, 0);
    assert.equal(server.Client[0], null);
    assert.equal(server.IsClient(client), false);
    assert.equal(server.HSocket, -1);
    server.Close();
    server.Abort();
    server.CloseDelayed();
    server.DisconnectAll();
    server.Disconnect(client);
    server.ProcessMessages();
    await drained();
  });

  it('[H-74] of the owner closes 1,000 clients', async () => {
    const owner = track(new TComponent());
    const server = new TWSocketServer(owner);
    Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
    server.Listen();
    const port = portOf(server);
    const peers = await Promise.all(Array.from({ length: 1000 }, () => connect(port)));
    await waitFor(() => server.ClientCount === 1000, '1,000 clients');
    const clients = Array.from({ length: 1000 }, (none, i) => server.Client[i]!);

    owner.Free();
    for (const peer of peers) assert.equal(await peer.closed(), 'end');
    assert.equal(server.ClientCount, 0);
    assert.equal(clients.filter((client) => client.State === wsConnected).length, 0);
  });
});
