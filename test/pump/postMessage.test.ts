// Handle, PostMessage and WndProc.

import assert from 'node:assert/strict';
import { PostMessage, TWSocketServer, WM_USER } from '../../lib';
import type { TMessage } from '../../lib';
import { drained, newServer, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';

const WM_TEST = WM_USER + 10;

class TestServer extends TWSocketServer {
  readonly got: string[] = [];

  override WndProc(Msg: TMessage): void {
    if (Msg.Msg !== WM_TEST) {
      super.WndProc(Msg);
      return;
    }
    this.got.push(`${Msg.WParam} ${Msg.LParam}`);
    if (Msg.WParam === 13) throw new Error('raised in WndProc');
  }
}

const startTestServer = (): TestServer => startServer<TestServer>({}, TestServer);

describe('PostMessage', () => {
  it('[WSS-107] Handle is a number that is not 0, stays the same and is nobody else’s', async () => {
    const server = startTestServer();
    const other = newServer();
    const { client } = await pair(server);
    const { Handle } = server;
    assert.equal(typeof Handle, 'number');
    assert.notEqual(Handle, 0);
    server.Close();
    server.Listen();
    assert.equal(server.Handle, Handle);
    assert.equal(new Set([Handle, other.Handle, client.Handle]).size, 3);
  });

  it('[WSS-107] reaches WndProc exactly once, from the queue', async () => {
    const server = startTestServer();
    assert.equal(PostMessage(server.Handle, WM_TEST, 1, 2), true);
    assert.deepEqual(server.got, []);
    await waitFor(() => server.got.length > 0, 'WndProc');
    await drained();
    assert.deepEqual(server.got, ['1 2']);
  });

  it('keeps the order in which messages were posted', async () => {
    const server = startTestServer();
    for (let i = 20; i < 2020; i++) PostMessage(server.Handle, WM_TEST, i, -i);
    await waitFor(() => server.got.length >= 2000, 'all messages');
    const wanted = Array.from({ length: 2000 }, (none, i) => `${i + 20} ${-i - 20}`);
    assert.deepEqual(server.got, wanted);
  });

  it('lets Node’s timers live while messages post messages', async () => {
    class Busy extends TWSocketServer {
      stop = false;

      override WndProc(Msg: TMessage): void {
        if (Msg.Msg !== WM_TEST) super.WndProc(Msg);
        else if (!this.stop) PostMessage(this.Handle, WM_TEST, 0, 0);
      }
    }
    const busy = track(new Busy());
    PostMessage(busy.Handle, WM_TEST, 0, 0);
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
    busy.stop = true;
  });

  it('to a destroyed component returns False, and its queued messages are dropped', async () => {
    const server = startTestServer();
    const { Handle } = server;
    PostMessage(Handle, WM_TEST, 1, 0);
    server.Free();
    assert.equal(PostMessage(Handle, WM_TEST, 2, 0), false);
    await drained();
    assert.deepEqual(server.got, []);
  });

  it('to a number that is no Handle returns False', () => {
    for (const nobody of [0, -1, 2 ** 31, Number.NaN, 1.5]) {
      assert.equal(PostMessage(nobody, WM_TEST, 0, 0), false);
    }
  });

  it('returns False when 10,000 messages wait already', async () => {
    const server = startTestServer();
    let accepted = 0;
    while (accepted <= 10_000 && PostMessage(server.Handle, WM_TEST, 20, 0)) accepted++;
    assert.equal(accepted, 10_000);
    server.ProcessMessages();
    assert.equal(server.got.length, 10_000);
    assert.equal(PostMessage(server.Handle, WM_TEST, 20, 0), true);
  });

  it('an exception in WndProc goes to OnBgException of that component', async () => {
    const server = startTestServer();
    const caught: string[] = [];
    server.OnBgException = (Sender, E, CanClose) => {
      caught.push(`${Sender === server} ${E.message}`);
      CanClose.Value = false;
    };
    PostMessage(server.Handle, WM_TEST, 13, 0);
    PostMessage(server.Handle, WM_TEST, 14, 0);
    await waitFor(() => server.got.length === 2, 'both messages');
    assert.deepEqual(caught, ['true raised in WndProc']);
  });
});
