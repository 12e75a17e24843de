// TWSocketThrdServer: how clients, workers and the server itself come to an end.

import assert from 'node:assert/strict';
import type { TWSocketThrdServer } from '../../lib';
import { connect, drained, track, waitFor } from '../support';
import type { Peer } from '../support';
import { endOf } from '../support/pair';
import { newThrdServer, startThrdServer } from '../support/thrdServer';

async function ask(peer: Peer, text: string): Promise<string> {
  peer.write(`${text}\n`);
  return peer.line('\n');
}

/** Writes down the ends a server reports. */
function recordEnds(server: TWSocketThrdServer): string[] {
  const log: string[] = [];
  server.OnClientDisconnect = (_Sender, Client, Error) =>
    log.push(`disconnect ${Client.CliId} ${Error} ${Client.SessionClosedFlag}`);
  server.OnClientDetached = (_Sender, Client) =>
    log.push(`detached ${Client.CliId} ${Client.ClientThread === null}`);
  server.OnBeforeThreadDestroy = () => log.push('destroy');
  server.OnThreadException = (_Sender, _Thread, text) => log.push(text);
  return log;
}

const ended = (server: TWSocketThrdServer): Promise<void> =>
  waitFor(() => server.ThreadCount === 0, 'no thread', 10_000);

describe('The end of a worker of TWSocketThrdServer', () => {
  it('[WSS-174] with its last client: OnBeforeThreadDestroy, and ThreadCount drops', async () => {
    const server = startThrdServer({ ClientsPerThread: 2 });
    const log = recordEnds(server);
    const [first, second] = [await connect(server), await connect(server)];
    assert.equal(await ask(first, 'id'), '1');
    first.end();
    await waitFor(() => server.ClientCount === 1, 'the first gone');
    assert.equal(await ask(second, 'id'), '2');
    assert.equal(server.ThreadCount, 1);
    second.end();
    await ended(server);
    assert.deepEqual(log, [
      ...['disconnect 1 0 true', 'detached 1 true'],
      ...['disconnect 2 0 true', 'detached 2 true', 'destroy'],
    ]);
  });

  it('[WSS-175] DisconnectAll lets every client finish; WaitForThreads waits for the end', async () => {
    const server = startThrdServer({ MaxThreads: 2 });
    const peers = await Promise.all([connect(server), connect(server), connect(server)]);
    await Promise.all(peers.map((peer) => ask(peer, 'hello')));
    server.DisconnectAll();
    assert.equal(server.ClientCount, 3, 'it returns at once');
    for (const peer of peers) assert.equal(await peer.closed(), 'end');
    await server.WaitForThreads();
    assert.equal(server.ThreadCount, 0);
    assert.equal(server.ClientCount, 0);
    const again = await connect(server);
    assert.equal(await ask(again, 'served'), 'served');
  });

  it('[WSS-175] Destroy closes all connections, with workers that have not begun yet too', async () => {
    const server = startThrdServer();
    const log = recordEnds(server);
    const [served, early] = [await connect(server), await connect(server)];
    await ask(served, 'hello');
    await waitFor(() => server.ClientCount === 2, 'both');
    server.Free();
    assert.equal(await served.closed(), 'end');
    assert.equal(await early.closed(), 'end');
    await server.WaitForThreads();
    assert.equal(server.ThreadCount, 0);
    assert.deepEqual(log, ['destroy', 'destroy']);
  });

  it('[WSS-175] a worker that does not end is ended by force', async () => {
    const server = startThrdServer({ ThreadStopTimeout: 50 }, 'thrdForEver');
    const peer = await connect(server);
    peer.write('x');
    await peer.waitText('x');
    server.Free();
    await server.WaitForThreads();
    assert.equal(await peer.closed(), 'end');
  });

  for (const [how, text] of [
    ['exit', /^Error: the worker ended with exit code 3$/],
    ['crash', /^RangeError: raised outside every handler$/],
  ] as const) {
    it(`by itself (${how}) costs its own clients only and is told`, async () => {
      const server = startThrdServer({ ClientsPerThread: 2 });
      const log = recordEnds(server);
      const peers = [await connect(server), await connect(server), await connect(server)];
      for (const peer of peers) await ask(peer, 'hello');
      peers[0]!.write(`${how}\n`);
      for (const peer of peers.slice(0, 2)) await peer.closed();
      await waitFor(() => server.ClientCount === 1 && server.ThreadCount === 1, 'one left');
      assert.match(log[0]!, text);
      assert.deepEqual(log.slice(1), [
        ...['disconnect 1 10053 true', 'detached 1 true'],
        ...['disconnect 2 10053 true', 'detached 2 true', 'destroy'],
      ]);
      assert.equal(await ask(peers[2]!, 'still there'), 'still there');
      assert.equal(await ask(await connect(server), 'a new one'), 'a new one');
    });
  }

  it('terminated from outside while connections are on their way: all are closed', async () => {
    const server = startThrdServer({ ClientsPerThread: 100 });
    const log = recordEnds(server);
    const peers = await Promise.all(Array.from({ length: 20 }, () => connect(server)));
    await waitFor(() => server.ClientCount === 20, 'all accepted');
    await server.ClientThreads[0]!.Worker.terminate();
    for (const peer of peers) await peer.closed();
    await ended(server);
    assert.equal(server.ClientCount, 0);
    assert.equal(log.filter((line) => line.startsWith('disconnect')).length, 20);
  });

  it('whose module cannot be loaded: the client is closed, the server listens on', async () => {
    const server = newThrdServer();
    const log = recordEnds(server);
    server.WorkerModule = '/nowhere/module.js';
    server.Listen();
    const peer = await connect(server);
    await peer.closed();
    await ended(server);
    assert.match(log[0]!, /^Error: Cannot find module '\/nowhere\/module\.js'/);
    assert.deepEqual(log.slice(1), ['disconnect 1 10053 true', 'detached 1 true', 'destroy']);
    await (await connect(server)).closed();
  });

  it('that never calls RunClientThread is over after ThreadStartTimeout', async () => {
    const server = startThrdServer({ ThreadStartTimeout: 50 }, 'idleWorker');
    const log = recordEnds(server);
    const peer = await connect(server);
    await peer.closed();
    await ended(server);
    assert.equal(log[0], 'Error: the worker did not call RunClientThread in time');
    assert.deepEqual(log.slice(1), ['disconnect 1 10053 true', 'detached 1 true', 'destroy']);
  });

  it('that cannot be started at all: OnClientConnect with 10055, nothing else happens', async () => {
    const server = newThrdServer({ WorkerModule: 'relative/module.js' });
    const log = recordEnds(server);
    const errors: number[] = [];
    server.OnClientConnect = (_Sender, _Client, Error) => void errors.push(Error);
    server.Listen();
    await (await connect(server)).closed();
    assert.deepEqual(errors, [10055]);
    assert.match(log[0]!, /^TypeError: The worker script or module filename must be/);
    assert.equal(log.length, 1);
    assert.equal(server.ThreadCount, 0);
  });
});

describe('The end of a client of TWSocketThrdServer', () => {
  it('[WSS-176] closed or freed in OnClientConnect: nobody waits', async () => {
    for (const how of ['Close', 'Abort', 'CloseDelayed', 'Free'] as const) {
      const server = startThrdServer({ OnClientConnect: (_Sender, Client) => Client[how]() });
      const log = recordEnds(server);
      await endOf(server);
      await waitFor(() => server.ClientCount === 0, `the client gone (${how})`);
      await ended(server);
      const free = ['detached 1 true', 'destroy'];
      assert.deepEqual(log, how === 'Free' ? free : ['disconnect 1 0 true', ...free], how);
    }
  });

  it('Close, Abort and Disconnect in the main thread reach the worker', async () => {
    const server = startThrdServer({ ClientsPerThread: 9 });
    const log = recordEnds(server);
    const peers = [await connect(server), await connect(server), await connect(server)];
    for (const peer of peers) await ask(peer, 'hello');
    const [one, two, three] = [...server.Client];
    server.Disconnect(one!, 10060);
    assert.deepEqual(log, ['disconnect 1 10060 false', 'detached 1 true']);
    assert.equal(server.IsClient(one), false);
    two!.Close();
    three!.Abort();
    assert.equal(await peers[0]!.closed(), 'end');
    assert.equal(await peers[1]!.closed(), 'end');
    assert.equal(await peers[2]!.closed(), 'reset');
    await ended(server);
    assert.deepEqual(log.slice(2, 6).sort(), [
      ...['detached 2 true', 'detached 3 true'],
      ...['disconnect 2 0 true', 'disconnect 3 0 true'],
    ]);
  });

  it('freed by its own handler in the worker it is told as well', async () => {
    const server = startThrdServer();
    const log = recordEnds(server);
    const peer = await connect(server);
    peer.write('free\n');
    assert.equal(await peer.closed(), 'end');
    await ended(server);
    assert.deepEqual(log, ['disconnect 1 0 true', 'detached 1 true', 'destroy']);
  });

  it('whose handler raises is aborted, the worker goes on', async () => {
    const server = startThrdServer({ ClientsPerThread: 2 });
    const [bad, good] = [await connect(server), await connect(server)];
    assert.equal(await ask(good, 'id'), '2');
    bad.write('throw\n');
    await bad.closed();
    assert.equal(await ask(good, 'still'), 'still');
  });

  it('whose class raises in its constructor is closed and told', async () => {
    const server = startThrdServer({ WorkerData: { refuse: true } });
    const log = recordEnds(server);
    await (await connect(server)).closed();
    await ended(server);
    assert.deepEqual(log, [
      'Error: refused',
      ...['disconnect 1 10053 true', 'detached 1 true', 'destroy'],
    ]);
  });

  it('the server is freed in OnClientDisconnect', async () => {
    const server = track(startThrdServer({ OnClientDisconnect: (Sender) => Sender.Free() }));
    const [first, second] = [await connect(server), await connect(server)];
    await ask(first, 'hello');
    await ask(second, 'hello');
    first.end();
    assert.equal(await second.closed(), 'end');
    await server.WaitForThreads();
    await drained();
  });
});
