// What this layer keeps about a component goes with it.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { TWSocketServer } from '../../lib';
import { clients, events, lines, toStream } from '../../lib/node';
import { startServer, waitFor } from '../support';
import { pair } from '../support/pair';
import { collectGarbage } from '../support/memory';

describe('A component with listeners', () => {
  it('is garbage when nobody else refers to it', async () => {
    let collected = 0;
    const registry = new FinalizationRegistry(() => void collected++);
    const make = (): void => {
      const server = new TWSocketServer();
      events(server).on('ClientConnect', () => void server.ClientCount);
      void clients(server);
      registry.register(server, 0);
    };
    for (let i = 0; i < 10; i++) make();
    await waitFor(() => {
      collectGarbage();
      return collected >= 9;
    }, 'the servers to be collected');
  });

  it('leaves no listener and no signal behind after a thousand connections', async () => {
    const server = startServer();
    const control = new AbortController();
    const { signal } = control;
    for (let i = 0; i < 1000; i++) {
      const { peer, client } = await pair(server);
      if (i % 2 === 0) toStream(client, { signal }).resume().end();
      else void lines(client, { signal }).next();
      peer.socket.end();
      await waitFor(() => client.isDestroyed, 'the client to go');
      assert.deepEqual(events(client).eventNames(), []);
      peer.socket.destroy();
    }
    await waitFor(() => getEventListeners(signal, 'abort').length === 0, 'no listener');
    assert.deepEqual(events(server).eventNames(), []);
  });
});
