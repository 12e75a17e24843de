// Closing the listeners of a server: all of them, the server's own, and what remains.

import assert from 'node:assert/strict';
import { wsClosed, wsListening } from '../../lib';
import { echo, expectEcho, waitFor } from '../support';
import { connectTo, newMultiServer, startMultiServer } from './listeners';

describe('Closing a server with several listeners', () => {
  it('[WSS-97] MultiClose closes all, fires OnSessionClosed once for each, clients stay', async () => {
    const { server, items } = startMultiServer(2);
    server.OnClientConnect = (_Sender, Client) => echo(Client);
    const peer = await connectTo(items[0]!);
    await waitFor(() => server.ClientCount === 1, 'the client');
    const closed: unknown[] = [];
    server.OnSessionClosed = (Sender, ErrCode) => {
      closed.push([Sender === server, ErrCode, Sender.MultiListenIndex]);
    };

    server.MultiClose();
    server.MultiClose();

    assert.deepEqual(closed, [
      [true, 0, -1],
      [true, 0, 0],
      [true, 0, 1],
    ]);
    assert.equal(server.ListenAny(), false);
    for (const item of items) {
      assert.equal(item.State, wsClosed);
      assert.equal(item.HSocket, -1);
      assert.equal(item.PortNum, 0);
    }
    await expectEcho(peer);
  });

  it('[WSS-97] the ports are free afterwards and can be listened on again', async () => {
    const { server, items } = startMultiServer(1);
    const port = items[0]!.BindPort;
    server.MultiClose();
    await assert.rejects(connectTo({ Addr: '127.0.0.1', BindPort: port }), /ECONNREFUSED/);

    items[0]!.Port = port;
    server.MultiListen();

    assert.equal(items[0]!.BindPort, port);
    await connectTo(items[0]!);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });

  it('[WSS-98] Close leaves the items listening and MultiListenIndex -1', async () => {
    const { server, items } = startMultiServer(2);
    items[1]!.Close();
    assert.equal(server.MultiListenIndex, 1);

    server.Close();

    assert.equal(server.MultiListenIndex, -1);
    assert.equal(server.State, wsClosed);
    assert.equal(items[0]!.State, wsListening);
    await connectTo(items[0]!);
    await waitFor(() => server.ClientCount === 1, 'the client of item 0');
  });

  it('a handler that throws in OnSessionClosed does not keep the others open', () => {
    const { server } = startMultiServer(2);
    let fired = 0;
    server.OnSessionClosed = () => {
      throw new Error(`close ${++fired}`);
    };

    assert.throws(() => server.MultiClose(), /close 1/);

    assert.equal(fired, 3);
    assert.equal(server.ListenAny(), false);
  });

  it('Free closes all listeners without OnSessionClosed', async () => {
    const { server, items } = startMultiServer(2);
    const ports = [server, ...items].map(({ BindPort }) => BindPort);
    server.OnSessionClosed = () => assert.fail('OnSessionClosed');

    server.Free();

    assert.equal(server.MultiListenSockets.Count, 0);
    for (const BindPort of ports)
      await assert.rejects(connectTo({ Addr: '127.0.0.1', BindPort }), /ECONNREFUSED/);
    for (const item of items) {
      assert.equal(item.OwnerServer, null);
      assert.equal(item.State, wsClosed);
    }
  });

  it('a server that was never told to listen closes quietly', () => {
    const { server } = newMultiServer(2);
    server.OnSessionClosed = () => assert.fail('OnSessionClosed');
    server.MultiClose();
    server.Free();
    server.MultiClose();
  });
});
