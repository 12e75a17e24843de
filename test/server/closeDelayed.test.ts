// CloseDelayed: after the current event, once everything queued for sending has left.

import assert from 'node:assert/strict';
import { wsConnected } from '../../lib';
import { connect, startServer, waitFor } from '../support';
import { pair } from '../support/pair';

describe('TWSocketClient.CloseDelayed', () => {
  it('[WSS-67][WS-55] lets the handler finish, sends what was queued, then closes', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnDataAvailable = () => {
          Client.ReceiveStr();
          Client.SendStr('bye');
          Client.CloseDelayed();
          log.push(`behind it ${Client.State === wsConnected}`);
        };
        Client.OnSessionClosed = (Socket, ErrCode) => {
          log.push(`OnSessionClosed ${ErrCode}`);
        };
      },
    });
    const peer = await connect(server);
    peer.write('x');
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'bye');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    assert.deepEqual(log, ['behind it true', 'OnSessionClosed 0']);
  });

  it('[WSS-70] in OnClientConnect still sends the banner', async () => {
    const server = startServer({
      Banner: 'welcome',
      OnClientConnect: (Sender, Client) => {
        Client.CloseDelayed();
      },
    });
    const peer = await connect(server);
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'welcome\r\n');
  });

  it('delivers 8 MiB queued for a slow peer before it closes', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    const data = Buffer.alloc(8 << 20, 'abcdefghijk');
    client.Send(data);
    client.CloseDelayed();
    assert.ok(client.BufferedByteCount > 0, 'the kernel must not have taken all of it');

    setTimeout(() => peer.socket.resume(), 20);
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(data));
    assert.equal(client.DroppedByteCount, 0);
  });

  it('reads nothing any more once it was called', async () => {
    const events: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnDataAvailable = () => {
          events.push(Client.ReceiveStr());
          Client.CloseDelayed();
        };
      },
    });
    const { peer, client } = await pair(server);
    peer.socket.pause();
    client.Send(Buffer.alloc(8 << 20));
    peer.write('first');
    await waitFor(() => events.length === 1, 'the first event');
    peer.write('second');
    peer.socket.resume();
    await peer.closed();
    assert.deepEqual(events, ['first']);
  });

  it('closes after CloseFlushTimeout when the peer never reads, and counts what was dropped', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    const total = 8 << 20;
    client.Send(Buffer.alloc(total));
    const queued = client.BufferedByteCount;
    const closed: number[] = [];
    client.OnSessionClosed = () => {
      closed.push(client.DroppedByteCount, client.WriteCount);
    };
    client.CloseFlushTimeout = 50;
    client.CloseDelayed();

    await waitFor(() => closed.length > 0, 'OnSessionClosed');
    // The kernel may have taken a little more in the meantime.
    const [dropped, written] = closed as [number, number];
    assert.ok(dropped > 0 && dropped <= queued);
    assert.equal(dropped + written, total);
  });

  it('may be called again and followed by Close', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode}`);
      },
    });
    const { peer, client } = await pair(server);
    client.CloseDelayed();
    client.CloseDelayed();
    client.Close();
    client.CloseDelayed();
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    assert.deepEqual(log, ['OnClientDisconnect 0']);
  });
});
