// MessagePump and OnMessagePump: the application's own pump instead of the built-in one.

import assert from 'node:assert/strict';
import { PostMessage, TIcsWndControl, WM_USER } from '../../lib';
import type { TMessage } from '../../lib';
import { startServer, track } from '../support';
import { pair } from '../support/pair';

class Collector extends TIcsWndControl {
  readonly got: number[] = [];

  override WndProc(Msg: TMessage): void {
    if (Msg.Msg === WM_USER) this.got.push(Msg.WParam);
    else super.WndProc(Msg);
  }
}

describe('MessagePump', () => {
  it('without OnMessagePump handles what is queued', () => {
    const collector = track(new Collector());
    PostMessage(collector.Handle, WM_USER, 1, 0);
    collector.MessagePump();
    assert.deepEqual(collector.got, [1]);
  });

  it('[WS-69] with OnMessagePump only calls the handler', () => {
    const collector = track(new Collector());
    const senders: unknown[] = [];
    collector.OnMessagePump = (Sender) => void senders.push(Sender);
    PostMessage(collector.Handle, WM_USER, 1, 0);
    collector.MessagePump();
    assert.deepEqual(senders, [collector]);
    assert.deepEqual(collector.got, []);
    collector.ProcessMessages();
    assert.deepEqual(collector.got, [1]);
  });

  it('[WSS-106] Flush calls OnMessagePump while the kernel takes no more', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    client.Send(Buffer.alloc(8 << 20));
    assert.equal(client.AllSent, false);
    let calls = 0;
    client.OnMessagePump = () => {
      if (++calls === 3) client.Abort();
    };
    client.Flush();
    assert.equal(calls, 3);
  });

  it('[WSS-106] Flush without OnMessagePump returns when everything is sent', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.PutStringInSendBuffer('flushed');
    client.Flush();
    assert.equal(client.AllSent, true);
    assert.equal(client.BufferedByteCount, 0);
    await peer.waitText('flushed');
  });
});
