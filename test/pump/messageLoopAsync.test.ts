// MessageLoopAsync: waits like MessageLoop while Node's loop goes on.

import assert from 'node:assert/strict';
import { TIcsWndControl } from '../../lib';
import { startServer, track } from '../support';
import { pair } from '../support/pair';

describe('MessageLoopAsync', () => {
  it('resolves when a handler sets Terminated', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.OnDataAvailable = () => {
      client.SendStr(client.ReceiveStr());
      server.Terminated = true;
    };
    const ended = server.MessageLoopAsync();
    peer.write('stop');
    await ended;
    await peer.waitText('stop');
    assert.equal(server.Terminated, true);
  });

  it('resolves for every waiter when the quit message is handled', async () => {
    const control = track(new TIcsWndControl());
    const ended = [control.MessageLoopAsync(), control.MessageLoopAsync()];
    control.PostQuitMessage();
    assert.equal(control.Terminated, false);
    await Promise.all(ended);
    assert.equal(control.Terminated, true);
  });

  it('resolves at once when Terminated is set already, and when the component is freed', async () => {
    const control = track(new TIcsWndControl());
    control.Terminated = true;
    await control.MessageLoopAsync();

    const other = track(new TIcsWndControl());
    const ended = other.MessageLoopAsync();
    other.Free();
    await ended;
  });
});
