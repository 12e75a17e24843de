// ProcessMessage and ProcessMessages at the top level of a program: they dispatch what has arrived
// before they return, without Node's loop.

import assert from 'node:assert/strict';
import { PostMessage, TIcsWndControl, WM_USER } from '../../lib';
import type { TMessage } from '../../lib';
import { connect, startServer, track } from '../support';
import { pair, pairs } from '../support/pair';
import { runScript } from '../support/runScript';

const WM_TEST = WM_USER + 1;

class Collector extends TIcsWndControl {
  readonly got: number[] = [];

  override WndProc(Msg: TMessage): void {
    if (Msg.Msg === WM_TEST) this.got.push(Msg.WParam);
    else super.WndProc(Msg);
  }
}

function quietCollector(): Collector {
  const collector = track(new Collector());
  while (collector.ProcessMessage());
  return collector;
}

describe('ProcessMessage', () => {
  it('[WSS-104][WS-67] returns False on an empty queue', () => {
    const collector = quietCollector();
    assert.equal(collector.ProcessMessage(), false);
    assert.equal(collector.ProcessMessage(), false);
  });

  it('[WSS-104][WS-67] returns True and dispatches exactly one message', () => {
    const collector = quietCollector();
    for (const number of [1, 2, 3]) PostMessage(collector.Handle, WM_TEST, number, 0);
    const results: string[] = [];
    for (let i = 0; i < 4; i++) {
      const found = collector.ProcessMessage();
      results.push(`${found} ${collector.got.length}`);
    }
    assert.deepEqual(results, ['true 1', 'true 2', 'true 3', 'false 3']);
    assert.deepEqual(collector.got, [1, 2, 3]);
  });

  it('[WS-67] dispatches exactly one socket event', async () => {
    const server = startServer();
    const [a, b] = await pairs(server, 2);
    const got: string[] = [];
    for (const { client } of [a!, b!]) {
      client.OnDataAvailable = () => void got.push(client.ReceiveStr());
    }
    while (server.ProcessMessage());
    a!.peer.write('a');
    b!.peer.write('b');
    while (got.length === 0) assert.equal(server.ProcessMessage(), true);
    assert.equal(got.length, 1);
    server.ProcessMessages();
    assert.deepEqual(got.sort(), ['a', 'b']);
  });
});

describe('ProcessMessages', () => {
  it('[WSS-104] handles all k queued messages, those posted meanwhile included', () => {
    const collector = quietCollector();
    for (let i = 0; i < 500; i++) PostMessage(collector.Handle, WM_TEST, i, 0);
    const more = track(new Collector());
    more.WndProc = () => void PostMessage(collector.Handle, WM_TEST, 500, 0);
    PostMessage(more.Handle, WM_TEST, 0, 0);
    collector.ProcessMessages();
    assert.deepEqual(
      collector.got,
      Array.from({ length: 501 }, (none, i) => i),
    );
  });

  it('dispatches pending socket events of every component of the thread before it returns', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const stranger = track(new TIcsWndControl());
    const log: string[] = [];
    client.OnDataAvailable = () => {
      log.push(client.ReceiveStr());
      client.SendStr('answer');
    };
    client.OnSessionClosed = () => void log.push('OnSessionClosed');
    server.OnClientDisconnect = () => void log.push('OnClientDisconnect');
    peer.write('data');
    stranger.ProcessMessages();
    assert.deepEqual(log, ['data']);

    client.Close();
    stranger.ProcessMessages();
    assert.deepEqual(log, ['data', 'OnSessionClosed', 'OnClientDisconnect']);
    assert.equal(server.ClientCount, 0);
    await peer.waitText('answer');
  });

  it('still works after Terminated was set', () => {
    const collector = quietCollector();
    collector.Terminated = true;
    PostMessage(collector.Handle, WM_TEST, 7, 0);
    collector.ProcessMessages();
    assert.deepEqual(collector.got, [7]);
  });

  it('lets promises continue after each event', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const log: string[] = [];
    client.OnDataAvailable = async () => {
      log.push(client.ReceiveStr());
      await Promise.resolve();
      log.push('continued');
    };
    await new Promise<void>((resolve) => {
      // Out of a timer: inside a promise continuation V8 would not start another one.
      setTimeout(() => {
        peer.write('data');
        server.ProcessMessages();
        log.push('returned');
        resolve();
      });
    });
    assert.deepEqual(log, ['data', 'continued', 'returned']);
  });

  it('at the top level of a script serves clients before Node’s loop has begun', async () => {
    const script = runScript('pumpAtTop');
    const peer = await connect(Number(await script.printed('port')));
    assert.equal(await peer.line(), 'ready');
    for (const text of ['hello', 'quit']) {
      peer.write(`${text}\r\n`);
      assert.equal(await peer.line(), `echo ${text}`);
    }
    assert.equal(await script.ended(), 0, script.stderr);
    assert.match(script.stdout, /^returned -1$/m);
  });
});
