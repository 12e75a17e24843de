// Which listener a connection came in at: MultiListenIndex of the server, MultiListenIdx,
// CServerAddr and CServerPort of the client.

import assert from 'node:assert/strict';
import { connect, waitFor } from '../support';
import { connectTo, startMultiServer } from './listeners';

describe('MultiListenIndex', () => {
  it('[WSS-91] names the listener in OnSessionAvailable and OnClientConnect', async () => {
    const { server, items } = startMultiServer(2);
    const seen: unknown[] = [];
    const available: number[] = [];
    server.OnSessionAvailable = (Sender) => void available.push(Sender.MultiListenIndex);
    server.OnClientConnect = (Sender, Client) => {
      seen.push([Sender.MultiListenIndex, Client.MultiListenIdx, Client.CServerPort]);
      assert.equal(Client.CServerAddr, '127.0.0.1');
      assert.equal(Client.CServerPort, Client.GetXPort());
    };

    for (const listener of [items[1]!, server, items[0]!]) {
      const before = seen.length;
      await connectTo(listener);
      await waitFor(() => seen.length > before, 'OnClientConnect');
    }

    assert.deepEqual(seen, [
      [1, 1, items[1]!.BindPort],
      [-1, -1, server.BindPort],
      [0, 0, items[0]!.BindPort],
    ]);
    assert.deepEqual(available, [1, -1, 0]);
    assert.equal(server.MultiListenIndex, 0);
  });

  it('is right for every connection of a burst, whatever the handlers do to it', async () => {
    const { server, items } = startMultiServer(2);
    const seen: number[] = [];
    server.OnClientConnect = (Sender, Client) => {
      assert.equal(Sender.MultiListenIndex, Client.MultiListenIdx);
      seen.push(Client.MultiListenIdx);
      items[0]!.Close(); // moves MultiListenIndex
    };

    const port = Number(items[1]!.BindPort);
    await Promise.all(Array.from({ length: 20 }, () => connect(port)));

    await waitFor(() => seen.length === 20, '20 clients');
    assert.deepEqual(new Set(seen), new Set([1]));
  });

  it('goes on with the right listener when a handler pumps and another one accepts', async () => {
    const { server, items } = startMultiServer(2);
    const order: string[] = [];
    let outer: number | undefined;
    server.OnSessionAvailable = (Sender) => {
      if (outer !== undefined) return;
      outer = Sender.MultiListenIndex;
      Sender.ProcessMessages();
      order.push(`back in ${Sender.MultiListenIndex}`);
    };
    server.OnClientConnect = (_Sender, Client) => {
      order.push(`${Client.MultiListenIdx} ${Client.CServerPort === Client.GetXPort()}`);
    };

    // The kernel has both connections before the pump looks.
    const peers = Promise.all(items.map((item) => connectTo(item)));
    await new Promise<void>((resolve) => process.nextTick(resolve));
    server.ProcessMessages();
    await peers;

    const inner = 1 - outer!;
    assert.deepEqual(order, [`${inner} true`, `back in ${outer}`, `${outer} true`]);
  });

  it('is -1 at first, after every Listen and Close of the server and after every item Listen', () => {
    const { server, items } = startMultiServer(2);
    assert.equal(server.MultiListenIndex, -1);

    items[1]!.Close();
    assert.equal(server.MultiListenIndex, 1);
    items[1]!.Listen();
    assert.equal(server.MultiListenIndex, -1);
    items[0]!.Close();
    server.Close();
    assert.equal(server.MultiListenIndex, -1);
    items[1]!.Close();
    server.Listen();
    assert.equal(server.MultiListenIndex, -1);
  });

  it('tells OnError which item has failed, and is -1 afterwards', () => {
    const { server, items } = startMultiServer(2);
    const indexes: number[] = [];
    server.OnError = (Sender) => void indexes.push(Sender.MultiListenIndex);

    items[1]!.Listen();

    assert.deepEqual(indexes, [1]);
    assert.equal(server.MultiListenIndex, -1);
  });

  it('chooses the listener for Accept in OnSessionAvailable', async () => {
    const { server, items } = startMultiServer(1);
    const descriptors: number[] = [];
    const { OnClientConnect } = server;
    assert.equal(OnClientConnect, null);
    server.OnSessionAvailable = (Sender) => {
      const descriptor = Sender.Accept();
      descriptors.push(descriptor);
      const client = new Sender.ClientClass(null);
      client.Dup(descriptor);
      assert.equal(client.GetXPort(), items[0]!.BindPort);
      client.SendStr('mine');
      client.Close();
    };

    const peer = await connectTo(items[0]!);
    await peer.waitText('mine');

    assert.equal(descriptors.length, 1);
    assert.ok(descriptors[0]! > 0);
    assert.equal(server.ClientCount, 0);
  });
});
