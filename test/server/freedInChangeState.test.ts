// Clients that end, or are being freed, while their own OnChangeState runs: nothing of them is told
// afterwards, and nothing twice.

import assert from 'node:assert/strict';
import { ESocketException, wsClosed, wsConnected } from '../../lib';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { connect, drained, portOf, startServer, waitFor } from '../support';

/** The events of the server, one word each; `act` runs in each OnChangeState of a client. */
function listen(act: (Client: TWSocketClient, connected: boolean) => void): {
  server: TWSocketServer;
  log: string[];
} {
  const log: string[] = [];
  const server = startServer({
    OnClientCreate: (Sender, Client) => {
      Client.OnChangeState = (_sender, _old, state) => act(Client, state === wsConnected);
    },
    OnClientConnect: (Sender, Client, Error) => void log.push(`connect ${Error}`),
    OnClientDisconnect: (Sender, Client, Error) => void log.push(`disconnect ${Error}`),
  });
  return { server, log };
}

describe('Ending a client in its OnChangeState', () => {
  it('Disconnect in the first one: no OnClientConnect, whatever LastError says', async () => {
    const { server, log } = listen((Client, connected) => {
      if (!connected) return;
      server.Disconnect(Client);
      assert.throws(() => Client.SendStr('too late'), ESocketException);
    });

    const peer = await connect(portOf(server));
    await peer.closed();
    await drained();

    assert.deepEqual(log, ['disconnect 10053']);
    assert.equal(server.ClientCount, 0);
  });

  it('Disconnect in the last one of a client that is being freed has no effect', async () => {
    const { server, log } = listen((Client, connected) => {
      if (!connected) server.Disconnect(Client);
    });
    const peer = await connect(portOf(server));
    await waitFor(() => log.length === 1, 'the connection');

    server.Client[0]!.Free();
    await peer.closed();
    await drained();

    assert.deepEqual(log, ['connect 0']);
    assert.equal(server.ClientCount, 0);
  });

  it('DisconnectAll and Abort while the server is being freed tell nothing', async () => {
    const { server, log } = listen((Client, connected) => {
      if (connected) return;
      server.DisconnectAll();
      server.Abort();
    });
    server.OnSessionClosed = () => void log.push('session closed');
    const peers = [await connect(portOf(server)), await connect(portOf(server))];
    await waitFor(() => log.length === 2, 'the connections');

    server.Free();
    for (const peer of peers) await peer.closed();
    await drained();

    assert.deepEqual(log, ['connect 0', 'connect 0']);
    assert.equal(server.State, wsClosed);
  });
});
