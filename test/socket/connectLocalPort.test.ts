// LocalAddr and LocalPort: the own end of an outgoing connection.

import assert from 'node:assert/strict';
import { wsClosed, wsErrFriendly } from '../../lib';
import { freePort, raised, waitFor } from '../support';
import { closed, connected, newClient, recordSocket, startTarget } from './connecting';
import { startListener } from './listening';

describe('The local end of Connect', () => {
  it('[WS-26] LocalPort with a number: the peer sees it', async () => {
    const { port, sockets } = await startTarget();
    const local = await freePort();
    const client = newClient(port);
    client.LocalPort = String(local);

    client.Connect();
    await connected(client);
    await waitFor(() => sockets.length === 1, 'the peer');

    assert.equal(sockets[0]!.remotePort, local);
    assert.equal(client.LocalPort, String(local));
  });

  it('[WS-26] LocalAddr with port 0: LocalPort tells the real one, and forgets it at the end', async () => {
    const { port, sockets } = await startTarget();
    const client = newClient(port);
    client.LocalAddr = '127.0.0.2';

    client.Connect();
    assert.ok(Number(client.LocalPort) > 0, client.LocalPort);
    await connected(client);
    await waitFor(() => sockets.length === 1, 'the peer');

    assert.equal(sockets[0]!.remoteAddress, '127.0.0.2');
    assert.equal(sockets[0]!.remotePort, Number(client.LocalPort));
    client.Close();
    assert.equal(client.LocalPort, '0');
    assert.equal(client.LocalAddr, '0.0.0.0');
  });

  it('[WS-26] a fixed port can be used again at once', async () => {
    const { port, sockets } = await startTarget();
    const client = newClient(port);
    const local = String(await freePort());
    for (let round = 1; round <= 3; round++) {
      client.LocalPort = local;
      client.Connect();
      await connected(client);
      await waitFor(() => sockets.length === round, 'the peer');
      // The peer closes first, so that TIME_WAIT is on its side.
      sockets[round - 1]!.destroy();
      await closed(client);
    }
  });

  it('[WS-26] an address in use: `Bind socket failed - …`, closed, and the next attempt works', async () => {
    const { port } = await startTarget();
    const listener = startListener();
    const client = newClient(port);
    client.LocalAddr = '127.0.0.1';
    client.LocalPort = listener.GetXPort();
    const lines = recordSocket(client);

    const error = raised(() => client.Connect());

    assert.equal(error.message, 'Bind socket failed - Address already in use (#10048)');
    assert.equal(error.ErrorCode, 10048);
    assert.equal(error.ErrorMessage, 'Address already in use');
    assert.equal(error.Func, 'Bind Socket');
    assert.deepEqual(lines, ['Closed Opened', 'Opened Closed']);
    assert.equal(client.State, wsClosed);
    assert.equal(client.LastError, 10048);
    client.LocalPort = '0';
    client.Connect();
    await connected(client);
  });

  it('[WS-26] the same in friendly words', () => {
    const listener = startListener();
    const client = newClient(listener.GetXPort());
    client.SocketErrs = wsErrFriendly;
    client.LocalAddr = '127.0.0.1';
    client.LocalPort = listener.GetXPort();

    const { message } = raised(() => client.Connect());

    assert.equal(message, `Another client is using address 127.0.0.1:${listener.GetXPort()}`);
  });

  it('[WS-26] a local address of another machine: an exception, closed', async () => {
    const { port } = await startTarget();
    const client = newClient(port);
    client.LocalAddr = '203.0.113.77';

    const { ErrorCode } = raised(() => client.Connect());

    assert.equal(ErrorCode, 10049);
    assert.equal(client.State, wsClosed);
    client.LocalAddr = '';
    client.Connect();
    await connected(client);
  });

  it('[WS-26] after an attempt that failed at once LocalPort is as it was', () => {
    const client = newClient(80, '255.255.255.255'); // no kernel ever sends a stream to everybody
    client.LocalAddr = '127.0.0.1';

    raised(() => client.Connect());

    assert.equal(client.LocalPort, '0');
    assert.equal(client.State, wsClosed);
  });
});
