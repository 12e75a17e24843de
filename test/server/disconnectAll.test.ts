// DisconnectAll: everybody leaves, in list order, before it returns — also when the handlers get
// in its way.

import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import { wsListening } from '../../lib';
import { drained, onCleanup, portOf, startServer, waitFor } from '../support';
import { pairs } from '../support/pair';

describe('TWSocketServer.DisconnectAll', () => {
  it('[WSS-75] fires OnClientDisconnect(10053) for five clients in list order', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`${Client.CliId} ${ErrCode}`);
      },
    });
    const all = await pairs(server, 5);
    server.DisconnectAll();
    assert.deepEqual(log, ['1 10053', '2 10053', '3 10053', '4 10053', '5 10053']);
    assert.equal(server.ClientCount, 0);
    assert.equal(server.State, wsListening);
    for (const { peer } of all) assert.equal(await peer.closed(), 'end');
  });

  it('[H-64] called inside OnClientDisconnect terminates; every client is announced once', async () => {
    const log: number[] = [];
    const server = startServer({
      OnClientDisconnect: (Sender, Client) => {
        log.push(Client.CliId);
        server.DisconnectAll();
      },
    });
    const all = await pairs(server, 5);
    all[2]!.peer.end();
    await waitFor(() => server.ClientCount === 0, 'an empty list');
    await drained();
    assert.deepEqual(log, [3, 1, 2, 4, 5]);
  });

  it('[H-64] called inside its own OnClientDisconnect terminates too', async () => {
    const log: number[] = [];
    const server = startServer({
      OnClientDisconnect: (Sender, Client) => {
        log.push(Client.CliId);
        server.DisconnectAll();
      },
    });
    await pairs(server, 5);
    server.DisconnectAll();
    assert.equal(server.ClientCount, 0);
    await drained();
    assert.deepEqual(log, [1, 2, 3, 4, 5]);
  });

  it('[H-65] is bounded by the clients present at the call when newcomers are let in', async () => {
    const left: number[] = [];
    const server = startServer({
      OnClientDisconnect: (Sender, Client) => {
        left.push(Client.CliId);
        server.ProcessMessages();
      },
    });
    await pairs(server, 3);

    // Five connections that the kernel has established and the server has not accepted yet.
    for (let i = 0; i < 5; i++) {
      const socket = netConnect({ port: portOf(server), host: '127.0.0.1' });
      socket.on('error', () => undefined);
      onCleanup(() => socket.destroy());
    }
    await new Promise<void>((resolve) => process.nextTick(resolve));
    server.DisconnectAll();
    assert.deepEqual(left, [1, 2, 3]);
    await waitFor(() => server.ClientCount === 5, 'the five newcomers');
  });
});
