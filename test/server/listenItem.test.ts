// One item of MultiListenSockets: Listen and Close, deleting it, its properties.

import assert from 'node:assert/strict';
import {
  TWSocketMultiListenItem,
  sfAnyIPv4,
  sfIPv4,
  sfIPv6,
  wsClosed,
  wsListening,
} from '../../lib';
import { newServer, raised, waitFor } from '../support';
import { addItem, connectTo, newMultiServer, startMultiServer } from './listeners';

describe('An item of MultiListenSockets', () => {
  it('[WSS-99] Listen after Close needs no new Addr and Port', async () => {
    const { server, items } = startMultiServer(1);
    const [item] = items;
    item!.Close();
    assert.equal(item!.State, wsClosed);
    assert.equal(item!.Addr, '127.0.0.1');
    assert.equal(item!.Port, '0');

    item!.Listen();

    assert.equal(item!.State, wsListening);
    await connectTo(item!);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });

  it('[WSS-99] Listen while listening raises 10022 and changes nothing', async () => {
    const { server, items } = startMultiServer(2);
    const { HSocket, BindPort } = items[1]!;

    const error = raised(() => items[1]!.Listen());

    assert.equal(
      error.message,
      'Listening socket index #1 Invalid argument (#10022 in listen: socket is already listening)',
    );
    assert.equal(items[1]!.HSocket, HSocket);
    assert.equal(items[1]!.BindPort, BindPort);
    await connectTo(items[1]!);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });

  it('[WSS-99] Listen without Port, without Addr, with another protocol raises the text', () => {
    const server = newServer();
    const item = server.MultiListenSockets.Add();
    const expectRefused = (why: string): void => {
      const error = raised(() => item.Listen());
      const text = `Listening socket index #0 Invalid argument (#10022 in listen: ${why})`;
      assert.equal(error.message, text);
      assert.equal(item.LastError, 10022);
      assert.equal(item.State, wsClosed);
    };

    expectRefused('port not assigned');
    item.Port = '0';
    expectRefused('address not assigned');
    item.Addr = '127.0.0.1';
    server.Proto = 'udp';
    expectRefused('protocol unsupported');
    server.Proto = 'TCP';
    item.Listen();
    assert.equal(item.LastError, 0);
  });

  for (const way of ['Delete', 'Clear', 'Free'] as const)
    it(`[WSS-101] ${way} closes its port and tells OnSessionClosed`, async () => {
      const { server, items } = startMultiServer(1);
      const [item] = items;
      const { BindPort } = item!;
      const closed: number[] = [];
      server.OnSessionClosed = (Sender) => void closed.push(Sender.MultiListenIndex);

      if (way === 'Delete') server.MultiListenSockets.Delete(0);
      else if (way === 'Clear') server.MultiListenSockets.Clear();
      else item!.Free();

      await assert.rejects(connectTo({ Addr: '127.0.0.1', BindPort }), /ECONNREFUSED/);
      assert.equal(server.MultiListenSockets.Count, 0);
      assert.deepEqual(closed, [0]);
      assert.equal(item!.State, wsClosed);
      assert.match(raised(() => item!.Listen()).message, /#10022 in listen: item has no server/);
    });

  it('deleting one moves the later ones down; their connections carry the new index', async () => {
    const { server, items } = startMultiServer(3);

    server.MultiListenSockets.Delete(0);
    await connectTo(items[2]!);

    await waitFor(() => server.ClientCount === 1, 'the client');
    assert.equal(items[2]!.Index, 1);
    assert.equal(server.Client[0]!.MultiListenIdx, 1);
  });

  it('has the defaults of ICS', () => {
    const item = newServer().MultiListenSockets.Add();
    assert.deepEqual(
      [item.Addr, item.Port, item.SocketFamily, item.SslEnable, item.ListenBacklog, item.PortNum],
      ['', '', sfIPv4, false, 15, 0],
    );
    assert.deepEqual(
      [item.State, item.HSocket, item.BindPort, item.LastError, item.Paused, item.SelectEvent],
      [wsClosed, -1, '', 0, false, 0],
    );
    assert.equal(item.SetAddressListChangeNotification(), false);
    assert.equal(item.SetRoutingInterfaceChangeNotification(), false);
  });

  it('[WSS-18] ListenBacklog reads 15 until it is assigned', () => {
    const item = newServer().MultiListenSockets.Add();
    assert.equal(item.ListenBacklog, 15);
    item.ListenBacklog = 40;
    assert.equal(item.ListenBacklog, 40);
  });

  it('trims Addr and takes the family from it; a name brings back the assigned one', () => {
    const item = newServer().MultiListenSockets.Add();
    item.Addr = ' ::1 ';
    assert.deepEqual([item.Addr, item.SocketFamily], ['::1', sfIPv6]);
    item.SocketFamily = sfAnyIPv4;
    item.Addr = '127.0.0.1';
    assert.equal(item.SocketFamily, sfIPv4);
    item.Addr = 'localhost';
    assert.equal(item.SocketFamily, sfAnyIPv4);
  });

  it('listens on a host name, and knows the address behind it', () => {
    const server = newServer();
    const item = addItem(server, 'localhost');
    item.Listen();
    assert.equal(item.AddrResolved, '127.0.0.1');
    assert.equal(item.SelectEvent, 8 | 32);
  });

  it('may change Addr and Port while it listens; the next Listen uses them', () => {
    const { items } = startMultiServer(1);
    const [item] = items;
    const { BindPort } = item!;
    item!.Addr = '127.0.0.2';
    assert.equal(item!.State, wsListening);
    assert.equal(item!.BindPort, BindPort);
    item!.Close();
    item!.Listen();
    assert.equal(item!.AddrResolved, '127.0.0.2');
  });

  it('Assign copies the settings, not the socket', () => {
    const { server, items } = startMultiServer(1);
    const [item] = items;
    item!.ListenBacklog = 7;
    item!.SslEnable = true;
    const other = newServer();

    other.MultiListenSockets = server.MultiListenSockets;

    const copy = other.MultiListenSockets.Items[0]!;
    assert.notEqual(copy, item);
    assert.equal(copy.OwnerServer, other);
    assert.deepEqual([copy.Addr, copy.Port], ['127.0.0.1', '0']);
    assert.deepEqual([copy.ListenBacklog, copy.SslEnable, copy.State], [7, true, wsClosed]);
    assert.equal(item!.State, wsListening);
    const own = server.MultiListenSockets;
    server.MultiListenSockets = own;
    assert.equal(server.MultiListenSockets.Count, 1);
  });

  it('is closed when it moves to another server, and listens for that one then', async () => {
    const { server, items } = startMultiServer(1);
    const [item] = items;
    const other = newServer();
    let closed = 0;
    server.OnSessionClosed = () => void closed++;

    item!.Collection = other.MultiListenSockets;

    assert.equal(item!.State, wsClosed);
    assert.equal(closed, 1);
    item!.Listen();
    await connectTo(item!);
    await waitFor(() => other.ClientCount === 1, 'the client of the other server');
    assert.equal(server.ClientCount, 0);
  });

  it('opened by the handler its leaving fires: the first connection closes it', async () => {
    const { server, items } = startMultiServer(1);
    const [item] = items;
    server.OnSessionClosed = () => {
      server.OnSessionClosed = null;
      item!.Listen();
    };
    item!.Collection = null;
    assert.equal(item!.State, wsListening);

    await connectTo(item!).catch(() => null);

    await waitFor(() => item!.State === wsClosed, 'the item closed');
  });

  it('without a collection belongs to nobody and cannot listen', () => {
    const item = new TWSocketMultiListenItem(null);
    Object.assign(item, { Addr: '127.0.0.1', Port: '0' });
    assert.equal(item.OwnerServer, null);
    assert.equal(item.Index, -1);
    assert.equal(raised(() => item.Listen()).ErrorCode, 10022);
    item.Close();
    item.Free();
  });

  it('Items raises for an index out of range', () => {
    const { server } = newMultiServer(1);
    for (const index of [-1, 1])
      assert.throws(() => server.MultiListenSockets.Items[index], /List index out of bounds/);
  });
});
