// Release and Free of a connection inside its own OnSessionClosed.

import assert from 'node:assert/strict';
import { TWSocket } from '../../lib';
import { connect, drained, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';

describe('Freeing a connection in OnSessionClosed', () => {
  for (const method of ['Release', 'Free'] as const) {
    it(`[WS-56][WS-57] ${method}: no event of that object fires afterwards`, async () => {
      const log: string[] = [];
      const server = startServer({
        OnClientDisconnect: () => void log.push('OnClientDisconnect'),
        OnBgException: (Sender, E) => void log.push(`OnBgException ${E.message}`),
      });
      const { peer, client } = await pair(server);
      client.OnSessionClosed = () => {
        log.push('OnSessionClosed');
        client[method]();
        client.OnChangeState = () => {
          if (client.isDestroyed) log.push('late OnChangeState');
        };
      };
      peer.end();
      await waitFor(() => server.ClientCount === 0, 'the client gone');
      await drained();
      const seen = log.filter((entry) => entry !== 'OnClientDisconnect');
      assert.deepEqual(seen, ['OnSessionClosed']);
      assert.equal(client.isDestroyed, true);

      await connect(server);
      await waitFor(() => server.ClientCount === 1, 'the next client');
    });

    it(`[WS-56][WS-57] ${method} after a local Close is safe as well`, async () => {
      const server = startServer();
      const { peer, client } = await pair(server);
      client.OnSessionClosed = () => client[method]();
      client.Close();
      client.Close();
      assert.equal(await peer.closed(), 'end');
      await waitFor(() => server.ClientCount === 0, 'the client gone');
    });
  }

  it('[WS-56] Release outside a handler waits for the queue', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.Release();
    assert.equal(client.isDestroyed, false);
    assert.equal(await peer.closed(), 'end');
    assert.equal(client.isDestroyed, true);
    assert.equal(server.ClientCount, 0);
    client.Release();
    await drained();
  });

  it('[WS-57] a socket that nobody owns may free itself too', async () => {
    const listener = track(new TWSocket());
    Object.assign(listener, { Addr: '127.0.0.1', Port: '0', Proto: 'tcp' });
    const socket = track(new TWSocket());
    listener.OnSessionAvailable = () => {
      socket.HSocket = listener.Accept();
    };
    let closed = 0;
    socket.OnSessionClosed = () => {
      closed++;
      socket.Free();
    };
    listener.Listen();
    const peer = await connect(Number(listener.GetXPort()));
    peer.end();
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => closed === 1, 'OnSessionClosed');
    await drained();
    assert.equal(closed, 1);
  });
});
