// A handler closes, deletes or reopens the very listener whose connection it is about, or frees the
// whole server.

import assert from 'node:assert/strict';
import type { TWSocketClient, TWSocketMultiListenItem, TWSocketServer } from '../../lib';
import { wsClosed, wsListening } from '../../lib';
import { connect, drained, echo, expectEcho, waitFor } from '../support';
import { connectTo, startMultiServer } from './listeners';

const EVENTS = [
  'OnSessionAvailable',
  'OnClientCreate',
  'OnChangeState of the client',
  'OnClientConnect',
] as const;

/** Runs `act` in the first `event`; the answer is what OnClientConnect and OnBgException get. */
function actIn(server: TWSocketServer, event: string, act: () => void): (number | string)[] {
  const seen: (number | string)[] = [];
  let done = false;
  const on = (name: (typeof EVENTS)[number]): void => {
    if (done || name !== event) return;
    done = true;
    act();
  };
  server.OnSessionAvailable = () => on('OnSessionAvailable');
  server.OnClientCreate = (_Sender, Client) => {
    Client.OnChangeState = () => on('OnChangeState of the client');
    on('OnClientCreate');
  };
  server.OnClientConnect = (_Sender, _Client, Error) => {
    seen.push(Error);
    on('OnClientConnect');
  };
  server.OnBgException = (_Sender, E) => void seen.push(E.message);
  return seen;
}

/** Up to here the connection is the listener's and ends with it. */
const BEFORE_ACCEPT = new Set(['OnSessionAvailable', 'OnClientCreate']);

const ACTIONS: Record<string, (item: TWSocketMultiListenItem, server: TWSocketServer) => void> = {
  Close: (item) => item.Close(),
  Delete: (item, server) => server.MultiListenSockets.Delete(item.Index),
  'Close and Listen': (item) => {
    item.Close();
    item.Listen();
  },
  MultiClose: (_item, server) => server.MultiClose(),
  Free: (item) => item.Free(),
};

async function ended(port: number): Promise<void> {
  // A reset may come before the peer has noticed that it is connected.
  const peer = await connect(port).catch(() => null);
  await peer?.closed();
}

describe('A listener that a handler of its own connection ends', () => {
  for (const event of EVENTS)
    for (const [action, act] of Object.entries(ACTIONS))
      it(`${action} in ${event}: nothing is raised, the others serve on`, async () => {
        const { server, items } = startMultiServer(2);
        const [item, other] = items;
        const seen = actIn(server, event, () => act(item!, server));

        if (BEFORE_ACCEPT.has(event)) {
          await ended(Number(item!.BindPort));
          await waitFor(() => server.ClientCount === 0, 'the client gone');
          assert.deepEqual(seen, event === 'OnClientCreate' ? [10053] : []);
        } else {
          const peer = await connectTo(item!);
          await waitFor(() => seen.length === 1, 'OnClientConnect');
          assert.deepEqual(seen, [0]);
          echo(server.Client[0]!);
          await expectEcho(peer);
        }

        const reopened = action === 'Close and Listen';
        assert.equal(item!.State, reopened ? wsListening : wsClosed);
        if (action === 'MultiClose') return;
        seen.length = 0;
        const left = [other!, server, ...(reopened ? [item!] : [])];
        await Promise.all(left.map((listener) => connectTo(listener)));
        await waitFor(() => seen.length === left.length, 'the next clients');
        assert.ok(seen.every((code) => code === 0));
      });

  for (const event of EVENTS)
    it(`[H-63] Free of the server in ${event}: no event afterwards, all ports are closed`, async () => {
      const { server, items } = startMultiServer(2);
      const ports = [server, ...items].map(({ BindPort }) => BindPort);
      const late: string[] = [];
      server.OnSessionClosed = () => void late.push('OnSessionClosed');
      server.OnClientDisconnect = () => void late.push('OnClientDisconnect');
      const seen = actIn(server, event, () => server.Free());

      await ended(Number(ports[1]));
      await drained();

      assert.ok(server.isDestroyed);
      assert.deepEqual(late, []);
      assert.deepEqual(seen, event === 'OnClientConnect' ? [0] : []);
      assert.equal(server.ClientCount, 0);
      for (const BindPort of ports)
        await assert.rejects(connectTo({ Addr: '127.0.0.1', BindPort }), /ECONNREFUSED/);
    });

  it('deleted again in the OnSessionClosed its deletion fires', () => {
    const { server, items } = startMultiServer(2);
    let fired = 0;
    server.OnSessionClosed = () => {
      fired++;
      items[0]!.Free();
      items[0]!.Free();
    };

    server.MultiListenSockets.Delete(0);

    assert.equal(fired, 1);
    assert.deepEqual([...server.MultiListenSockets], [items[1]]);
  });

  it('opened again in the OnSessionClosed its deletion fires: is closed for good', async () => {
    const { server, items } = startMultiServer(1);
    const [item] = items;
    let reopened = '';
    server.OnSessionClosed = () => {
      item!.Listen();
      reopened = item!.BindPort;
    };

    server.MultiListenSockets.Clear();

    assert.equal(item!.State, wsClosed);
    await assert.rejects(connectTo({ Addr: '127.0.0.1', BindPort: reopened }), /ECONNREFUSED/);
  });

  it('a server freed by OnChangeState during MultiListen opens no item', () => {
    const { server, items } = startMultiServer(0, {});
    server.Close();
    const item = server.MultiListenSockets.Add();
    Object.assign(item, { Addr: '127.0.0.1', Port: '0' });
    items.push(item);
    server.OnChangeState = (_Sender, _before, after) => {
      if (after === wsListening) server.Free();
    };

    server.MultiListen();

    assert.equal(item.State, wsClosed);
    assert.equal(item.HSocket, -1);
  });

  it('items that a handler deletes during MultiListen are left out', () => {
    const { server, items } = startMultiServer(3);
    items[1]!.Close();
    items[2]!.Close();
    items[1]!.Port = server.BindPort;
    server.OnException = () => server.MultiListenSockets.Delete(2);

    server.MultiListen();

    assert.equal(items[1]!.State, wsClosed);
    assert.equal(items[2]!.State, wsClosed);
    assert.deepEqual([...server.MultiListenSockets], [items[0], items[1]]);
  });

  it('a client freed in its OnClientConnect at an item: the next one is served', async () => {
    const { server, items } = startMultiServer(1);
    const clients: TWSocketClient[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      if (clients.push(Client) === 1) Client.Free();
    };

    await ended(Number(items[0]!.BindPort));
    await connectTo(items[0]!);

    await waitFor(() => clients.length === 2, 'the second client');
    assert.deepEqual([...server.Client], [clients[1]]);
  });
});
