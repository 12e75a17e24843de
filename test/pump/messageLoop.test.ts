// MessageLoop: blocks, serves, and returns when Terminated is set — by whomever.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PostMessage, TIcsWndControl, WM_USER } from '../../lib';
import { connect, startServer, track, waitFor } from '../support';
import { attackedServer, bystandIn } from '../support/bystander';
import { pair } from '../support/pair';
import { firstMessage, runScript, startWorker } from '../support/runScript';

const ENDERS = ['handler', 'quit message', 'timer', 'signal', 'free'] as const;

describe('MessageLoop at the top level of a script', () => {
  for (const endedBy of ENDERS) {
    it(`[WSS-105][WS-68][H-71] serves clients, runs Node’s timers, ends by ${endedBy}`, async () => {
      const script = runScript('messageLoop', { args: [endedBy] });
      const port = Number(await script.printed('port'));
      const dismiss = await bystandIn(port);
      const peer = await connect(port);
      peer.write('hello\r\n');
      assert.equal(await peer.line(), 'echo hello');
      assert.equal(await script.printed('own'), 'echo self');

      await dismiss();
      peer.write('quit\r\n');
      if (endedBy === 'signal') {
        assert.equal(await peer.line(), 'echo quit');
        script.child.kill('SIGTERM');
      }
      assert.equal(await script.ended(), 0, script.stderr);
      assert.match(script.stdout, /^returned true true$/m);
      assert.match(script.stdout, /^exit$/m);
    });
  }
});

describe('MessageLoop at the top level of a script without any socket', () => {
  it('[H-71] returns when a timer of Node sets Terminated', async () => {
    const script = runScript('messageLoopTimer');
    assert.equal(await script.ended(), 0, script.stderr);
    assert.equal(script.stdout, 'returned\n');
  });
});

describe('MessageLoop in a worker', () => {
  it('[WSS-105][WS-68] serves several clients until a quit message is posted', async () => {
    const worker = startWorker('messageLoopWorker');
    const port = (await firstMessage(worker)) as number;
    const peers = [await connect(port), await connect(port)];
    for (const peer of peers) {
      peer.write('hello\r\n');
      assert.equal(await peer.line(), 'echo hello');
    }
    const exited = once(worker, 'exit'); // may come together with the last message
    peers[0]!.write('quit\r\n');
    assert.equal(await firstMessage(worker), true);
    const [code] = (await exited) as [number];
    assert.equal(code, 0);
  });
});

describe('MessageLoop inside a program that Node runs', () => {
  it('[H-71] returns when a handler sets Terminated', async () => {
    const server = await attackedServer();
    const { peer, client } = await pair(server);
    const received: string[] = [];
    client.OnDataAvailable = () => {
      received.push(client.ReceiveStr());
      server.Terminated = true;
    };
    peer.write('stop');
    server.MessageLoop();
    assert.deepEqual(received, ['stop']);
    assert.equal(server.Terminated, true);
  });

  it('[H-71] inside a handler serves other clients and returns by Terminated', async () => {
    const server = await attackedServer();
    const outer = await pair(server);
    const inner = await pair(server);
    const log: string[] = [];
    outer.client.OnDataAvailable = () => {
      log.push(outer.client.ReceiveStr());
      inner.peer.write('stop');
      server.MessageLoop();
      log.push('returned');
    };
    inner.client.OnDataAvailable = () => {
      log.push(inner.client.ReceiveStr());
      server.Terminated = true;
    };
    outer.peer.write('go');
    await waitFor(() => log.length === 3, 'the outer handler to return');
    assert.deepEqual(log, ['go', 'stop', 'returned']);
  });

  it('[WS-68] leaves Terminated set and handles what was queued before the quit message', () => {
    const got: number[] = [];
    const control = track(new TIcsWndControl());
    control.WndProc = (Msg) => void got.push(Msg.WParam);
    PostMessage(control.Handle, WM_USER, 1, 0);
    assert.equal(control.PostQuitMessage(), true);
    PostMessage(control.Handle, WM_USER, 2, 0);
    control.MessageLoop();
    assert.equal(control.Terminated, true);
    assert.deepEqual(got, [1]);
  });

  it('serves the package’s own timeouts, which Node’s loop could not run meanwhile', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    client.Send(Buffer.alloc(8 << 20));
    client.CloseFlushTimeout = 20;
    client.CloseDelayed();
    client.OnSessionClosed = () => {
      server.Terminated = true;
    };
    assert.equal(client.AllSent, false);
    server.MessageLoop();
    assert.ok(client.DroppedByteCount > 0);
  });

  it('returns at once when Terminated is set already', () => {
    const control = track(new TIcsWndControl());
    control.Terminated = true;
    control.MessageLoop();
    assert.equal(control.Terminated, true);
  });
});
