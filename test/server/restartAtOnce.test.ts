// A server program that restarts must get its port back although old connections still linger in
// TIME_WAIT (D-27).

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { wsListening } from '../../lib';
import { connect, startServer, timeWaitCount, waitFor } from '../support';

describe('A restarted server', () => {
  it('[WSS-15] gets the port of its predecessor at once', async () => {
    const server = startServer();
    const port = Number(server.BindPort);
    const peers = await Promise.all([connect(server), connect(server), connect(server)]);
    await waitFor(() => server.ClientCount === 3, 'three clients');
    server.DisconnectAll();
    for (const peer of peers) {
      assert.equal(await peer.closed(), 'end');
      peer.end();
      await once(peer.socket, 'close');
    }
    assert.ok(timeWaitCount(port) !== 0, 'no connection is in TIME_WAIT, the test proves nothing');

    server.Close();
    const successor = startServer({ Port: String(port) });

    assert.equal(successor.State, wsListening);
    await connect(port);
    await waitFor(() => successor.ClientCount === 1, 'the successor’s client');
  });

  it('gets the port while clients of its predecessor are still connected', async () => {
    const server = startServer();
    const port = server.BindPort;
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client');

    server.Close();
    const successor = startServer({ Port: port });

    await connect(successor);
    await waitFor(() => successor.ClientCount === 1, 'the successor’s client');
    assert.equal(server.ClientCount, 1);
    assert.equal(peer.isClosed, false);
  });
});
