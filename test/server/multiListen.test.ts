// MultiListen: the server's own address and those of MultiListenSockets, of both families.

import assert from 'node:assert/strict';
import { wsClosed, wsListening } from '../../lib';
import { echo, expectEcho, freePort, newServer, waitFor } from '../support';
import { skipWithoutIPv6 } from '../support/ipv6';
import { addItem, connectTo, newMultiServer, startMultiServer } from './listeners';

describe('MultiListen', () => {
  it('[WSS-90] opens the server’s address and all items, IPv4 and IPv6', async function () {
    skipWithoutIPv6.call(this);
    const server = newServer({ OnClientConnect: (_Sender, Client) => echo(Client) });
    const items = [addItem(server), addItem(server, '::1')];

    server.MultiListen();

    assert.equal(server.ListenAllOK(), true);
    assert.equal(server.ListenAny(), true);
    const ports = new Set([server.BindPort, items[0]!.BindPort, items[1]!.BindPort]);
    assert.equal(ports.size, 3);
    for (const item of items) {
      assert.equal(item.State, wsListening);
      assert.match(item.BindPort, /^[1-9]\d*$/);
      assert.equal(item.PortNum, 0);
      assert.ok(item.HSocket >= 0);
      assert.equal(item.AddrResolved, item.Addr);
    }
    for (const listener of [server, ...items]) await expectEcho(await connectTo(listener));
    assert.equal(server.ClientCount, 3);
  });

  it('[WSS-92] Listen alone opens no item', () => {
    const { server, items } = newMultiServer(1);

    server.Listen();

    assert.equal(items[0]!.State, wsClosed);
    assert.equal(items[0]!.HSocket, -1);
    assert.equal(items[0]!.BindPort, '');
    assert.equal(server.ListenAllOK(), false);
    assert.equal(server.ListenAny(), true);
  });

  it('one listening item is enough for ListenAny, no listener at all is not', () => {
    const { server, items } = newMultiServer(1);
    assert.equal(server.ListenAny(), false);
    assert.equal(server.ListenAllOK(), false);

    items[0]!.Listen();

    assert.equal(server.State, wsClosed);
    assert.equal(server.ListenAny(), true);
    assert.equal(server.ListenAllOK(), false);
  });

  it('[WSS-96] a second call opens only what is closed', () => {
    const { server, items } = startMultiServer(2);
    const { HSocket } = server;
    const [first, second] = items;
    const kept = second!.HSocket;
    first!.Close();

    server.MultiListen();
    assert.equal(server.MultiListenEx(), '');

    assert.equal(server.ListenAllOK(), true);
    assert.equal(server.HSocket, HSocket);
    assert.equal(second!.HSocket, kept);
  });

  it('[H-14] 0.0.0.0 and :: on one port serve their own family each', async function () {
    skipWithoutIPv6.call(this);
    const port = await freePort('::');
    const server = newServer({ Addr: '0.0.0.0', Port: String(port) });
    const item = addItem(server, '::', String(port));
    const seen: string[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      seen.push(`${Client.MultiListenIdx} ${Client.PeerAddr}`);
    };

    assert.equal(server.MultiListenEx(), '');
    await connectTo(server);
    await waitFor(() => seen.length === 1, 'the IPv4 client');
    await connectTo(item);
    await waitFor(() => seen.length === 2, 'the IPv6 client');

    assert.deepEqual(seen, ['-1 127.0.0.1', '0 ::1']);
  });

  it('fires OnChangeState for the server’s own address only', () => {
    const { server } = newMultiServer(2);
    const states: number[] = [];
    server.OnChangeState = (_Sender, _before, after) => void states.push(after);

    server.MultiListen();

    assert.equal(states.at(-1), wsListening);
    assert.equal(states.length, 2);
  });
});
