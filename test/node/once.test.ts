// once(): a promise for the next event.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { TWSocketClient } from '../../lib';
import { events, once } from '../../lib/node';
import { connect, newServer, startServer } from '../support';
import { pair } from '../support/pair';

describe('once(component, name)', () => {
  it('resolves with the typed arguments of the event and leaves no listener', async () => {
    const server = startServer();
    const coming = once(server, 'ClientConnect');
    const peer = await connect(server);
    const [Sender, Client, Err] = await coming;
    const client: TWSocketClient = Client;
    assert.deepEqual([Sender === server, client.CliId, Err satisfies number], [true, 1, 0]);
    const gone = once(client, 'SessionClosed');
    peer.reset();
    assert.equal((await gone)[1], 10054);
    assert.deepEqual(events(server).eventNames(), []);
    assert.deepEqual(events(client).eventNames(), []);
  });

  it('goes on before the next event of a batch: no line is missed', async () => {
    const { peer, client } = await pair(startServer());
    client.LineMode = true;
    const got: string[] = [];
    const reading = (async () => {
      while (got.length < 3) {
        await once(client, 'DataAvailable');
        got.push(client.ReceiveStr());
      }
    })();
    peer.write('a\r\nb\r\nc\r\n');
    await reading;
    assert.deepEqual(got, ['a\r\n', 'b\r\n', 'c\r\n']);
  });

  it('rejects with AbortError when the signal fires, at once or later', async () => {
    const server = newServer();
    const control = new AbortController();
    const { signal } = control;
    const waiting = once(server, 'ClientConnect', { signal });
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    control.abort(new Error('enough'));
    const abortion = { name: 'AbortError', code: 'ABORT_ERR', cause: new Error('enough') };
    await assert.rejects(waiting, abortion);
    await assert.rejects(once(server, 'ClientConnect', { signal }), abortion);
    assert.deepEqual(events(server).eventNames(), []);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('leaves no listener on a signal that does not fire', async () => {
    const { signal } = new AbortController();
    const server = startServer();
    const coming = once(server, 'ClientConnect', { signal });
    await connect(server);
    await coming;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('rejects when the component is freed first, or has been', async () => {
    const server = newServer();
    const waiting = once(server, 'ClientConnect');
    server.Free();
    await assert.rejects(waiting, { code: 'EFREED' });
    await assert.rejects(once(server, 'ClientConnect'), { code: 'EFREED' });
    assert.deepEqual(events(server).eventNames(), []);
  });

  it('rejects for an unknown event', async () => {
    await assert.rejects(once(newServer(), 'Nothing' as never), TypeError);
  });
});
