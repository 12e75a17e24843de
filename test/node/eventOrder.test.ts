// A listener stands beside the OnX handler of the same event and never in its place.
import assert from 'node:assert/strict';
import { TWSocketServer } from '../../lib';
import { events } from '../../lib/node';
import { connect, drained, newServer, startServer, waitFor } from '../support';

describe('events(component).on', () => {
  for (const order of ['before', 'after'] as const) {
    it(`runs behind an OnX handler assigned ${order} it, with the same arguments`, async () => {
      const calls: [string, unknown[]][] = [];
      const server = startServer();
      const assign = (): void => {
        server.OnClientConnect = (...args) => void calls.push(['handler', args]);
      };
      if (order === 'before') assign();
      events(server).on('ClientConnect', (...args) => void calls.push(['first', args]));
      events(server).on('ClientConnect', (...args) => void calls.push(['second', args]));
      if (order === 'after') assign();
      await connect(server);
      await waitFor(() => calls.length === 3, 'all three');
      const args = [server, server.Client[0], 0];
      assert.deepEqual(
        calls.map(([who]) => who),
        ['handler', 'first', 'second'],
      );
      for (const [, got] of calls) assert.ok(got.every((value, i) => value === args[i]));
    });
  }

  it('leaves the property as it was when the last listener goes', () => {
    const server = newServer();
    const handler = (): void => undefined;
    const listener = (): void => undefined;
    events(server).on('ClientConnect', listener).on('SessionClosed', listener);
    server.OnSessionClosed = handler;
    events(server).off('ClientConnect', listener).off('SessionClosed', listener);
    assert.equal(server.OnSessionClosed, handler);
    assert.equal(server.OnClientConnect, null);
    assert.equal(Object.hasOwn(server, 'OnClientConnect'), false);
    const { value } = Object.getOwnPropertyDescriptor(server, 'OnSessionClosed')!;
    assert.equal(value, handler);
  });

  it('calls listeners once when a handler wraps the one it has read', async () => {
    const calls: string[] = [];
    const server = startServer();
    server.OnClientConnect = () => void calls.push('inner');
    events(server).on('ClientConnect', () => void calls.push('listener'));
    const { OnClientConnect } = server;
    server.OnClientConnect = (...args) => {
      calls.push('outer');
      OnClientConnect?.(...args);
    };
    await connect(server);
    await waitFor(() => calls.includes('listener'), 'the listener');
    assert.deepEqual(calls, ['outer', 'inner', 'listener']);
  });

  it('a handler that is read and put back is the handler, not the handler and its listeners', async () => {
    const calls: string[] = [];
    const server = startServer();
    const handler = (): void => void calls.push('handler');
    const listener = (): void => void calls.push('listener');
    server.OnClientConnect = handler;
    events(server).on('ClientConnect', listener);
    const { OnClientConnect } = server;
    server.OnClientConnect = null;
    server.OnClientConnect = OnClientConnect;
    await connect(server);
    await waitFor(() => calls.length >= 2, 'both');
    assert.deepEqual(calls, ['handler', 'listener']);
    events(server).off('ClientConnect', listener);
    assert.equal(server.OnClientConnect, handler);
  });

  it('a handler set to null while listeners exist is not called any more', async () => {
    const calls: string[] = [];
    const server = startServer({ OnClientConnect: () => void calls.push('handler') });
    events(server).on('ClientConnect', () => void calls.push('listener'));
    server.OnClientConnect = null;
    await connect(server);
    await waitFor(() => calls.length > 0, 'the listener');
    assert.deepEqual(calls, ['listener']);
  });

  it('shares the var argument with the handler and calls listeners of freed clients too', async () => {
    const seen: boolean[] = [];
    const server = startServer();
    server.OnClientConnect = (_Sender, Client) => {
      Client.LineMode = true;
      Client.LineLimit = 10;
      Client.OnLineLimitExceeded = (_Client, _Length, ClearData) => (ClearData.Value = false);
      events(Client).on('LineLimitExceeded', (_Client, Length, ClearData) => {
        seen.push(ClearData.Value, Length > 10);
        _Client.Free();
      });
      events(Client).on('LineLimitExceeded', (_Client) => void seen.push(_Client.isDestroyed));
    };
    const peer = await connect(server);
    peer.write('x'.repeat(20));
    await waitFor(() => seen.length === 3, 'the event');
    assert.deepEqual(seen, [false, true, true]);
    await drained();
    assert.equal(server.ClientCount, 0);
  });

  it('keeps a handler that a subclass defines as an accessor', async () => {
    const calls: string[] = [];
    class TOwn extends TWSocketServer {}
    let stored: unknown = null;
    Object.defineProperty(TOwn.prototype, 'OnClientConnect', {
      configurable: true,
      get: () => stored,
      set: (value: unknown) => (stored = value),
    });
    const server = startServer({}, TOwn);
    const listener = (): void => void calls.push('listener');
    events(server).on('ClientConnect', listener);
    const handler = (): void => void calls.push('handler');
    server.OnClientConnect = handler;
    await connect(server);
    await waitFor(() => calls.length === 2, 'both');
    assert.deepEqual(calls, ['handler', 'listener']);
    events(server).off('ClientConnect', listener);
    assert.equal(stored, handler);
    assert.equal(Object.hasOwn(server, 'OnClientConnect'), false);
  });
});
