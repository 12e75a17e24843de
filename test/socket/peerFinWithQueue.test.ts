// The peer sends FIN while our send queue holds data: the answer is delivered first (ICS drops it).
import assert from 'node:assert/strict';
import { TWSocketClient } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, fillSendQueue, isDeserted, pattern } from './accepted';

const tenMB = 10_000_000;

/** Records the end of the session with what was still queued at that moment. */
function recordEnd(client: TWSocketClient, events: string[]): void {
  client.OnSessionClosed = (_sender, error) => {
    events.push(`OnSessionClosed ${error}, queued ${client.BufferedByteCount}`);
  };
}

describe('A peer that closes its side and waits for the answer', () => {
  it('[H-50] gets 10 MB that OnDataAvailable answers, then the end, then OnSessionClosed(0) fires', async () => {
    const answer = pattern(tenMB);
    const events: string[] = [];
    const { server, peer } = await accepted((client) => {
      recordEnd(client, events);
      client.OnDataAvailable = () => {
        if (client.ReceiveStr() !== '') client.Send(answer);
      };
    });
    server.OnClientDisconnect = (_server, _client, error) => {
      events.push(`OnClientDisconnect ${error}`);
    };
    peer.socket.end('request');
    assert.ok((await peer.read(tenMB)).equals(answer));
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, tenMB);
    await waitFor(() => isDeserted(server), 'the client is gone');
    assert.deepEqual(events, ['OnSessionClosed 0, queued 0', 'OnClientDisconnect 0']);
  });

  it('[H-50] gets what was queued before the FIN arrived', async () => {
    const events: string[] = [];
    const { client, peer } = await accepted((newClient) => recordEnd(newClient, events));
    peer.socket.pause();
    const sent = fillSendQueue(client, 4 * 1024 * 1024);
    peer.end();
    await drained();
    assert.deepEqual(events, []);

    peer.socket.resume();
    assert.equal((await peer.read(sent)).length, sent);
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => events.length > 0, 'OnSessionClosed');
    assert.deepEqual(events, ['OnSessionClosed 0, queued 0']);
    assert.equal(client.DroppedByteCount, 0);
  });

  it('[H-50] gets what OnDataSent adds, until it adds nothing more', async () => {
    const block = Buffer.alloc(10 * 1024 * 1024, 'b');
    const events: string[] = [];
    let blocks = 0;
    const { peer } = await accepted((client) => {
      recordEnd(client, events);
      client.OnDataAvailable = () => {
        client.ReceiveStr();
        client.Send(block);
        blocks = 1;
      };
      client.OnDataSent = () => {
        if (blocks === 0 || blocks === 3) return;
        blocks++;
        client.Send(block);
      };
    });
    peer.socket.pause();
    peer.socket.end('request');
    await waitFor(() => blocks > 0, 'the request');
    await drained();
    peer.socket.resume();
    await peer.read(3 * block.length);
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => events.length > 0, 'OnSessionClosed');
    assert.deepEqual(events, ['OnSessionClosed 0, queued 0']);
  });

  it('[H-50] gets the blocks that OnDataSent feeds although the first one went out at once', async () => {
    const events: string[] = [];
    let blocks = 0;
    const { peer } = await accepted((client) => {
      recordEnd(client, events);
      client.OnDataAvailable = () => {
        client.SendStr(`block ${++blocks} for ${client.ReceiveStr()};`);
      };
      client.OnDataSent = () => {
        if (blocks > 0 && blocks < 4) client.SendStr(`block ${++blocks};`);
      };
    });
    peer.socket.end('request');
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'block 1 for request;block 2;block 3;block 4;');
    await waitFor(() => events.length > 0, 'OnSessionClosed');
    assert.deepEqual(events, ['OnSessionClosed 0, queued 0']);
  });

  it('[H-50] is told at once, as in ICS, when nothing is queued', async () => {
    const events: string[] = [];
    const { client, peer } = await accepted((newClient) => recordEnd(newClient, events));
    client.CloseFlushTimeout = 60_000;
    peer.end();
    await waitFor(() => events.length > 0, 'OnSessionClosed', 1000);
    assert.deepEqual(events, ['OnSessionClosed 0, queued 0']);
  });

  it('[H-50] cannot hold the connection longer than CloseFlushTimeout by not reading', async () => {
    const closed: number[] = [];
    const { server, client, peer } = await accepted((newClient) => {
      newClient.CloseFlushTimeout = 300;
      newClient.OnSessionClosed = (_sender, error) => {
        closed.push(error);
      };
    });
    peer.socket.pause();
    fillSendQueue(client, 4 * 1024 * 1024);
    const start = performance.now();
    peer.end();
    await waitFor(() => closed.length > 0, 'OnSessionClosed');
    assert.ok(performance.now() - start > 250, 'the queue got its time');
    assert.ok(client.DroppedByteCount > 0);
    await waitFor(() => isDeserted(server), 'the client is gone');
    assert.equal(closed.length, 1);
  });
});
