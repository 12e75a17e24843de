// listen(): Listen as a promise, with a signal.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { wsClosed, wsListening } from '../../lib';
import { events, listen } from '../../lib/node';
import { connect, newServer, startServer } from '../support';
import { pair } from '../support/pair';

describe('listen(server)', () => {
  it('resolves when the server listens', async () => {
    const server = newServer();
    await listen(server);
    assert.equal(server.State, wsListening);
    await connect(server);
  });

  it('rejects with what Listen raises, and where OnError took it with LastError', async () => {
    const taken = startServer();
    const server = newServer({ Port: taken.BindPort });
    await assert.rejects(listen(server), { name: 'ESocketException', code: 'EADDRINUSE' });
    let errors = 0;
    server.OnError = () => void errors++;
    await assert.rejects(listen(server), { name: 'ESocketException', code: 'EADDRINUSE' });
    assert.equal(errors, 1);
    assert.equal(server.State, wsClosed);
    taken.OnError = () => undefined;
    await assert.rejects(listen(taken), { ErrorCode: 10022 });
    assert.equal(taken.State, wsListening);
  });

  it('rejects when a handler closes the server before it listens', async () => {
    const server = newServer({ OnChangeState: (Sender) => (Sender as typeof server).Close() });
    await assert.rejects(listen(server), { ErrorCode: 10053 });
  });

  it('closes the listener when the signal fires later; clients stay', async () => {
    const control = new AbortController();
    const { signal } = control;
    const server = newServer();
    await listen(server, { signal });
    const { peer, client } = await pair(server);
    control.abort();
    assert.equal(server.State, wsClosed);
    client.SendStr('still here');
    await peer.waitText('still here');
    assert.deepEqual(events(server).eventNames(), []);
  });

  it('does not listen when the signal has fired, and closes when a handler fires it', async () => {
    const control = new AbortController();
    const { signal } = control;
    const server = newServer({ OnChangeState: () => control.abort() });
    await assert.rejects(listen(server, { signal }), { name: 'AbortError' });
    assert.equal(server.State, wsClosed);
    const states: unknown[] = [];
    server.OnChangeState = (...args) => void states.push(args);
    await assert.rejects(listen(server, { signal }), { name: 'AbortError' });
    assert.equal(states.length, 0);
    assert.deepEqual(events(server).eventNames(), []);
  });

  for (const how of ['Close', 'Free'] as const) {
    it(`leaves nothing on the signal after ${how}()`, async () => {
      const control = new AbortController();
      const server = newServer();
      await listen(server, { signal: control.signal });
      assert.equal(getEventListeners(control.signal, 'abort').length, 1);
      server[how]();
      assert.equal(getEventListeners(control.signal, 'abort').length, 0);
      if (how === 'Free') return;
      server.Listen();
      control.abort();
      assert.equal(server.State, wsListening);
    });
  }

  it('what OnSessionClosed throws when the signal fires goes to OnBgException', async () => {
    const control = new AbortController();
    const texts: string[] = [];
    const server = newServer({
      OnSessionClosed: () => {
        throw new Error('while closing');
      },
      OnBgException: (_Sender, E) => void texts.push(E.message),
    });
    await listen(server, { signal: control.signal });
    control.abort();
    assert.deepEqual(texts, ['while closing']);
  });
});
