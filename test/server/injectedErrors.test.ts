// Low-level failures, provoked from outside: an accept that finds nobody, a write into a
// connection that was just reset, the trigger-exception message.

import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import { closeSync } from 'node:fs';
import { PostMessage, WM_TRIGGER_EXCEPTION, wsListening } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { connect, drained, onCleanup, portOf, startServer, waitFor } from '../support';
import { pair } from '../support/pair';

function logClient(log: string[], Client: TWSocketClient): void {
  Client.OnChangeState = () => void log.push('OnChangeState');
  Client.OnSessionClosed = (Socket, ErrCode) => void log.push(`OnSessionClosed ${ErrCode}`);
}

describe('TWSocketServer and low-level failures', () => {
  it('[WSS-178] an accept that would block creates no client', async () => {
    const log: string[] = [];
    let stolen = -1;
    const server = startServer({
      OnSessionAvailable: () => {
        // The application takes the connection itself, so the server finds nobody.
        if (stolen < 0) stolen = server.Accept();
      },
      OnClientCreate: () => void log.push('OnClientCreate'),
      OnClientConnect: (Sender, Client, ErrCode) => void log.push(`OnClientConnect ${ErrCode}`),
      OnClientDisconnect: () => void log.push('OnClientDisconnect'),
      OnBgException: (Sender, E) => void log.push(E.message),
    });
    await connect(server);
    await waitFor(() => stolen >= 0, 'the stolen connection');
    await drained();
    closeSync(stolen);
    assert.deepEqual(log, []);
    assert.equal(server.ClientCount, 0);
    assert.equal(server.State, wsListening);

    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the next client');
    assert.deepEqual(log, ['OnClientCreate', 'OnClientConnect 0']);
  });

  it('[WSS-179] an accept notification with an error fires OnSessionAvailable only', async () => {
    const log: string[] = [];
    const server = startServer({
      OnSessionAvailable: (Sender, ErrCode) => void log.push(`OnSessionAvailable ${ErrCode}`),
      OnClientCreate: () => void log.push('OnClientCreate'),
      OnClientConnect: () => void log.push('OnClientConnect'),
    });
    // The systems we know report no such error, so the notification is made here.
    server.TriggerSessionAvailable(10050);
    await drained();
    assert.deepEqual(log, ['OnSessionAvailable 10050']);
    assert.equal(server.ClientCount, 0);
    assert.equal(server.State, wsListening);
    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the next client');
  });

  it('[WSS-180][WS-44] a write into a reset connection: both events carry 10054, each once', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => logClient(log, Client),
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode}`);
      },
    });
    const { peer, client } = await pair(server);
    log.length = 0;
    peer.reset();
    // Nothing has been dispatched since, so the server still believes in its connection.
    client.SendStr('first');
    try {
      client.SendStr('second');
    } catch {
      // Not connected any more: that is what the second call may say.
    }
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    await drained();
    assert.deepEqual(log, ['OnChangeState', 'OnSessionClosed 10054', 'OnClientDisconnect 10054']);
  });

  it('[WSS-181] the trigger-exception message raises in the client and closes it', async () => {
    const caught: unknown[] = [];
    const server = startServer({
      OnBgException: (Sender, E) => {
        caught.push(Sender, E.name, E.message);
      },
    });
    const { peer, client } = await pair(server);
    PostMessage(client.Handle, WM_TRIGGER_EXCEPTION, 0, 0);
    assert.deepEqual(caught, []);
    await peer.closed();
    assert.deepEqual(caught, [client, 'ESocketException', 'Test exception in WSocket']);
    assert.equal(server.State, wsListening);
  });

  it('[WSS-180] a peer that has shut its reading side and is gone ends the session once', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnSessionClosed = (Socket, ErrCode) => void log.push(`closed ${ErrCode}`);
      },
    });
    const socket = netConnect({ port: portOf(server), host: '127.0.0.1' });
    onCleanup(() => socket.destroy());
    await waitFor(() => server.ClientCount === 1, 'the client');
    const client = server.Client[0]!;
    socket.destroy();
    // The kernel answers data for a closed socket with a reset; the session may end by the FIN
    // before it or by the reset, but only once.
    client.SendStr('nobody reads this');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    await drained();
    assert.equal(log.length, 1);
    assert.match(log[0]!, /^closed (0|10054)$/);
  });
});
