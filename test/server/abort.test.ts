// Abort: everything is dropped and the peer sees a reset.

import assert from 'node:assert/strict';
import { wsClosed, wsListening } from '../../lib';
import { drained, startServer, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { pair } from '../support/pair';

describe('TWSocketClient.Abort', () => {
  it('[WSS-71][WS-54] resets the peer; OnSessionClosed(0) inside, OnClientDisconnect(0) later', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnSessionClosed = (Socket, ErrCode) => {
          log.push(`OnSessionClosed ${ErrCode}`);
        };
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode}`);
      },
    });
    const { peer, client } = await pair(server);
    client.Abort();
    assert.deepEqual(log, ['OnSessionClosed 0']);
    assert.equal(client.State, wsClosed);

    assert.equal(await peer.closed(), 'reset');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    assert.deepEqual(log, ['OnSessionClosed 0', 'OnClientDisconnect 0']);
  });

  it('[WS-54] drops the send queue and counts it', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    client.Send(Buffer.alloc(8 << 20));
    const queued = client.BufferedByteCount;
    client.Abort();
    assert.ok(queued > 0);
    assert.equal(client.BufferedByteCount, 0);
    assert.equal(client.DroppedByteCount, queued);

    peer.socket.resume();
    await peer.closed();
    assert.ok(peer.bytes().length < (8 << 20) - queued, 'the kernel must drop its part as well');
  });

  it('[H-60] after Close fires nothing again, and so does Close after Abort', async () => {
    const log: string[] = [];
    const server = await attackedServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnSessionClosed = (Socket, ErrCode) => {
          log.push(`OnSessionClosed ${Client.CliId} ${ErrCode}`);
          Client.Close();
          Client.Abort();
        };
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${Client.CliId} ${ErrCode}`);
      },
    });
    const first = await pair(server);
    const second = await pair(server);
    first.client.Close();
    first.client.Abort();
    second.client.Abort();
    second.client.Close();
    assert.equal(await first.peer.closed(), 'end');
    assert.equal(await second.peer.closed(), 'reset');
    await waitFor(() => visitors(server).length === 0, 'both gone from the list');
    await drained();
    assert.deepEqual(log, [
      'OnSessionClosed 2 0',
      'OnSessionClosed 3 0',
      'OnClientDisconnect 2 0',
      'OnClientDisconnect 3 0',
    ]);
  });

  it('on the server closes the listener only', async () => {
    const log: string[] = [];
    const server = startServer({
      OnSessionClosed: (Sender, ErrCode) => {
        log.push(`OnSessionClosed ${ErrCode}`);
      },
    });
    const { peer, client } = await pair(server);
    assert.equal(server.State, wsListening);
    server.Abort();
    assert.equal(server.State, wsClosed);
    assert.deepEqual(log, ['OnSessionClosed 0']);

    client.SendStr('still here');
    await peer.waitText('still here');
  });
});
