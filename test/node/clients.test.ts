// for await over the clients of a server.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { TWSocketClient, wsListening } from '../../lib';
import { clients, events, toStream } from '../../lib/node';
import { connect, drained, newServer, startServer, waitFor } from '../support';

class TMyClient extends TWSocketClient {
  readonly Greeting = 'hello ';
}

function expectDetached(server: ReturnType<typeof newServer>): void {
  assert.deepEqual(events(server).eventNames(), []);
}

describe('clients(server)', () => {
  it('gives every client in order, and ends when the server closes', async () => {
    const server = newServer({ ClientClass: TMyClient });
    const incoming = clients<TMyClient>(server);
    server.Listen();
    const served = (async () => {
      const ids: number[] = [];
      for await (const client of incoming) {
        client.OnDataAvailable = () => void client.SendStr(client.Greeting + client.ReceiveStr());
        if (ids.push(client.CliId) === 3) server.Close();
      }
      return ids;
    })();
    for (let i = 0; i < 3; i++) {
      const peer = await connect(server);
      peer.write('peer');
      assert.equal((await peer.read(10)).toString(), 'hello peer');
    }
    assert.deepEqual(await served, [1, 2, 3]);
    expectDetached(server);
  });

  it('loses nothing that clients send while they wait for a slow loop', async () => {
    const server = startServer();
    const incoming = clients(server);
    const peers = await Promise.all([connect(server), connect(server), connect(server)]);
    for (const peer of peers) peer.socket.end('said early');
    await waitFor(() => server.ClientCount === 3, 'all clients');
    await drained();
    const heard: string[] = [];
    for await (const client of incoming) {
      let text = '';
      for await (const part of toStream(client)) text += String(part);
      if (heard.push(text) === 3) break;
    }
    assert.deepEqual(heard, ['said early', 'said early', 'said early']);
    expectDetached(server);
  });

  it('does not pause a waiting client that has its own OnDataAvailable', async () => {
    const server = startServer({
      OnClientConnect: (_Sender, Client) => {
        Client.OnDataAvailable = () => void Client.SendStr(Client.ReceiveStr());
      },
    });
    const incoming = clients(server);
    const peer = await connect(server);
    peer.write('echo');
    await peer.waitText('echo');
    assert.equal((await incoming.next()).value?.CliId, 1);
    await incoming.return();
  });

  it('lets the kernel hold further connections when the limit is reached', async () => {
    const server = startServer();
    const incoming = clients(server, { limit: 2 });
    for (let i = 0; i < 5; i++) await connect(server);
    await waitFor(() => server.ClientCount === 2, 'two clients');
    await drained();
    assert.equal(server.ClientCount, 2);
    const ids: number[] = [];
    for await (const client of incoming) if (ids.push(client.CliId) === 5) break;
    assert.deepEqual(ids, [1, 2, 3, 4, 5]);
  });

  it('leaves out a client that goes before its turn, and one that cannot be accepted', async () => {
    const server = startServer();
    const incoming = clients(server);
    const first = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the first client');
    const gone = server.Client[0]!;
    await connect(server);
    await waitFor(() => server.ClientCount === 2, 'the second client');
    first.reset();
    await waitFor(() => gone.isDestroyed, 'the first one to go');
    server.TriggerClientConnect(server.Client[0]!, 10024);
    assert.equal((await incoming.next()).value?.CliId, 2);
    server.Close();
    assert.equal((await incoming.next()).done, true);
  });

  it('detaches at break: the server goes on, waiting clients are not paused any more', async () => {
    const server = startServer();
    const incoming = clients(server, { limit: 2 });
    const peers = await Promise.all([connect(server), connect(server), connect(server)]);
    await waitFor(() => server.ClientCount === 2, 'clients');
    for await (const client of incoming) {
      assert.equal(client.CliId, 1);
      break;
    }
    expectDetached(server);
    await waitFor(() => server.ClientCount === 3, 'the third client');
    assert.equal(server.State, wsListening);
    for (const peer of peers) peer.end();
    await waitFor(() => server.ClientCount === 0, 'all gone');
    assert.equal((await incoming.next()).done, true);
  });

  it('throws AbortError when the signal fires, and leaves nothing on it', async () => {
    const server = startServer();
    const control = new AbortController();
    const { signal } = control;
    const waiting = clients(server, { signal }).next();
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    control.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await assert.rejects(clients(server, { signal }).next(), { name: 'AbortError' });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.equal(server.State, wsListening);
    expectDetached(server);
  });

  it('ends for everybody who waits when the server is freed', async () => {
    const server = startServer();
    const control = new AbortController();
    const incoming = clients(server, { signal: control.signal });
    const both = [incoming.next(), incoming.next()];
    server.Free();
    for (const result of both) assert.equal((await result).done, true);
    assert.equal((await clients(server).next()).done, true);
    assert.equal(getEventListeners(control.signal, 'abort').length, 0);
    expectDetached(server);
  });
});
