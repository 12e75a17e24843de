// TWSocketThrdServer: what the worker's object knows of its client, and how clients are spread.

import assert from 'node:assert/strict';
import { TWSocketClient, TWSocketThrdClient, wsoTcpNoDelay } from '../../lib';
import { connect, drained, freePort, waitFor } from '../support';
import type { Peer } from '../support';
import { newThrdServer, startThrdServer } from '../support/thrdServer';

async function ask(peer: Peer, text: string): Promise<string> {
  peer.write(`${text}\n`);
  return peer.line('\n');
}

describe('A client of TWSocketThrdServer', () => {
  it('is greeted from the worker; the banner ends with CR LF whatever LineEnd is', async () => {
    const server = startThrdServer({ Banner: 'welcome' });
    const peer = await connect(server);
    assert.equal(await peer.line('\r\n'), 'welcome');
    assert.equal(await ask(peer, 'hello'), 'hello');
  });

  it('above MaxClients gets BannerTooBusy and the end', async () => {
    const server = startThrdServer({ MaxClients: 1, Banner: 'welcome', BannerTooBusy: 'busy' });
    const first = await connect(server);
    assert.equal(await first.line(), 'welcome');
    const second = await connect(server);
    assert.equal(await second.line(), 'busy');
    assert.equal(await second.closed(), 'end');
    await waitFor(() => server.ClientCount === 1, 'one client');
    assert.equal(await ask(first, 'still'), 'still');
  });

  it('whose OnClientConnect throws is aborted; the next one is served', async () => {
    const server = startThrdServer();
    const events: string[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      if (Client.CliId === 1) throw new Error('not that one');
    };
    server.OnBgException = (_Sender, E, CanClose) => {
      CanClose.Value = false;
      events.push(E.message);
    };
    server.OnClientDisconnect = (_Sender, Client) => void events.push(`gone ${Client.CliId}`);
    const first = await connect(server).catch(() => null); // the reset may be faster
    await first?.closed();
    await waitFor(() => events.length === 2, 'the end of the client');
    const second = await connect(server);
    assert.equal(await ask(second, 'hello'), 'hello');
    assert.deepEqual(events, ['not that one', 'gone 1']);
    assert.equal(server.ClientCount, 1);
  });

  it('knows in the worker who it is; what OnClientConnect assigns is there', async () => {
    const server = newThrdServer({ Name: 'Server', ClientsPerThread: 2, WorkerData: { a: [1] } });
    const item = server.MultiListenSockets.Add();
    Object.assign(item, { Addr: '127.0.0.1', Port: '0' });
    server.OnClientConnect = (_Sender, Client) => {
      if (Client.CliId === 1) return;
      Client.LineLimit = 77;
      Client.TimeoutIdle = 60_000;
      Client.BandwidthLimit = 100_000;
      Client.ComponentOptions.add(wsoTcpNoDelay);
    };
    server.MultiListen();
    const first = await connect(server);
    assert.deepEqual(JSON.parse(await ask(first, 'settings')), {
      LineLimit: 65536,
      TimeoutIdle: 0,
      BandwidthLimit: 0,
      options: [],
    });
    assert.equal(await ask(first, 'data'), '{"a":[1]}');
    const second = await connect(Number(item.BindPort));
    assert.deepEqual(JSON.parse(await ask(second, 'settings')), {
      LineLimit: 77,
      TimeoutIdle: 60_000,
      BandwidthLimit: 100_000,
      options: [wsoTcpNoDelay],
    });
    assert.deepEqual(JSON.parse(await ask(second, 'facts')), {
      PeerPort: String(second.localPort),
      CServerPort: item.BindPort,
      MultiListenIdx: 0,
      Name: 'ServerClient2',
      State: 5,
    });
    const shell = server.Client[1]!;
    assert.equal(shell.PeerPort, String(second.localPort));
    assert.ok(shell instanceof TWSocketThrdClient);
    assert.equal(shell.ClientThread, server.ClientThreads[0]);
  });

  it('stands in the main thread for what it is not: sending there is refused', async () => {
    const server = startThrdServer();
    const peer = await connect(server);
    await ask(peer, 'hello');
    const client = server.Client[0]!;
    assert.throws(() => client.SendStr('x'), { ErrorCode: 10057 });
    assert.equal(client.ReceiveStr(), '');
    assert.equal(client.HSocket, -1);
    client.Pause();
    await drained();
    peer.write('waits\n');
    await drained();
    client.Resume();
    assert.equal(await peer.line('\n'), 'waits');
  });

  it('has a class that descends from TWSocketThrdClient, and the server a module', () => {
    const server = newThrdServer({ ClientClass: TWSocketClient });
    const message = 'listen: ClientClass must descend from TWSocketThrdClient';
    assert.throws(() => server.Listen(), { name: 'ESocketException', message });
    const other = newThrdServer({ WorkerModule: '' });
    assert.throws(() => other.Listen(), { message: 'listen: WorkerModule not assigned' });
    assert.equal(other.ListenAny(), false);
  });
});

describe('The workers of TWSocketThrdServer', () => {
  const load = (server: { ClientThreads: readonly { ClientCount: number }[] }): number[] =>
    server.ClientThreads.map(({ ClientCount }) => ClientCount);

  it('above MaxThreads the one with the fewest clients gets the next', async () => {
    const server = startThrdServer({ MaxThreads: 2 });
    const peers: Peer[] = [];
    for (let i = 0; i < 6; i++) peers.push(await connect(server));
    await waitFor(() => server.ClientCount === 6, 'six clients');
    assert.deepEqual(load(server), [3, 3]);
    peers[0]!.end();
    peers[2]!.end();
    await waitFor(() => server.ClientCount === 4, 'two gone');
    assert.deepEqual(load(server), [1, 3]);
    for (let i = 0; i < 2; i++) peers.push(await connect(server));
    await waitFor(() => server.ClientCount === 6, 'six again');
    assert.deepEqual(load(server), [3, 3]);
    assert.equal(await ask(peers.at(-1)!, 'served'), 'served');
  });

  it('MinThreads of them wait for clients, share them, and end with the listeners', async () => {
    const server = startThrdServer({ MinThreads: 2, ClientsPerThread: 1000 });
    assert.equal(server.ThreadCount, 2);
    const peers: Peer[] = [];
    for (let i = 0; i < 4; i++) peers.push(await connect(server));
    await waitFor(() => server.ClientCount === 4, 'four clients');
    assert.deepEqual(load(server), [2, 2]);
    for (const peer of peers.slice(1)) peer.end();
    await waitFor(() => server.ClientCount === 1, 'one client');
    assert.equal(server.ThreadCount, 2);
    server.Close();
    await waitFor(() => server.ThreadCount === 1, 'the idle one ended');
    assert.equal(await ask(peers[0]!, 'still'), 'still');
    peers[0]!.end();
    await server.WaitForThreads();
    assert.equal(server.ThreadCount, 0);
  });

  it('idle ones stay as long as an item listens', async () => {
    const server = newThrdServer({ MinThreads: 1 });
    const item = server.MultiListenSockets.Add();
    Object.assign(item, { Addr: '127.0.0.1', Port: String(await freePort()) });
    server.MultiListen();
    server.Close();
    await drained();
    assert.equal(server.ThreadCount, 1);
    assert.equal(await ask(await connect(Number(item.BindPort)), 'served'), 'served');
    item.Close();
    server.DisconnectAll();
    await server.WaitForThreads();
  });

  it('a busy one does not hold up the others, nor the main thread', async () => {
    const server = startThrdServer();
    const [busy, other] = [await connect(server), await connect(server)];
    await ask(busy, 'hello');
    await ask(other, 'hello');
    const answered = ask(busy, 'busy');
    let order = '';
    void answered.then(() => (order += 'busy '));
    await ask(other, 'quick');
    order += 'quick ';
    assert.equal(await answered, 'was busy');
    assert.equal(order, 'quick busy ');
  });
});
