// A client above MaxClients gets BannerTooBusy. One that never reads it must not keep its place in
// the list for longer than CloseFlushTimeout.

import assert from 'node:assert/strict';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, startServer, waitFor } from '../support';
import type { Peer } from '../support';

const HUGE = 16 * 1024 * 1024;
const FLUSH_MS = 300;

interface Full {
  server: TWSocketServer;
  served: Peer;
  refused: TWSocketClient[];
}

/** A server with one place, which is taken. */
async function startFull(BannerTooBusy: string, CloseFlushTimeout: number): Promise<Full> {
  const refused: TWSocketClient[] = [];
  const server = startServer({ MaxClients: 1, BannerTooBusy });
  server.OnClientConnect = (_Sender, Client) => {
    Client.CloseFlushTimeout = CloseFlushTimeout;
    if (server.ClientCount > 1) refused.push(Client);
    else echo(Client);
  };
  const served = await connect(server);
  await expectEcho(served);
  return { server, served, refused };
}

async function connectDeaf(server: TWSocketServer): Promise<Peer> {
  const peer = await connect(server);
  peer.socket.pause();
  return peer;
}

describe('BannerTooBusy for a client that never reads', () => {
  it('[H-10] a line of usual length: the client is gone at once', async () => {
    const { server, served, refused } = await startFull('try again later', 30_000);

    const deaf = await connectDeaf(server);
    await waitFor(() => refused.length === 1 && server.ClientCount === 1, 'the client to go');

    await expectEcho(served);
    deaf.socket.resume();
    assert.equal(await deaf.line(), 'try again later');
    assert.equal(await deaf.closed(), 'end');
  });

  it('[H-10] a banner that does not fit into the kernel: closed after CloseFlushTimeout', async () => {
    const { server, served, refused } = await startFull('b'.repeat(HUGE), FLUSH_MS);
    const started = performance.now();

    const deaf = await connectDeaf(server);
    await waitFor(() => refused.length === 1, 'the refusal');
    const [client] = refused;
    await expectEcho(served);
    assert.equal(server.ClientCount, 2);

    await waitFor(() => server.ClientCount === 1, 'the client to go');
    const elapsed = performance.now() - started;
    assert.ok(elapsed >= FLUSH_MS * 0.9, `closed after ${elapsed} ms already`);
    assert.ok(elapsed < FLUSH_MS + 2000, `closed after ${elapsed} ms only`);
    assert.ok(client!.DroppedByteCount > 0);

    await expectEcho(served);
    deaf.socket.resume();
    await deaf.closed();
    assert.ok(deaf.bytes().length < HUGE);
  });

  it('[H-10] fifty of them at once: the served client notices nothing, all of them go', async () => {
    const { server, served, refused } = await startFull('b'.repeat(HUGE / 16), FLUSH_MS);
    const { OnClientConnect } = server;
    server.OnClientConnect = (Sender, Client, Error) => {
      Client.SocketSndBufSize = 16 * 1024; // a banner of 1 MiB is too much for the kernel then
      OnClientConnect!(Sender, Client, Error);
    };

    await Promise.all(Array.from({ length: 50 }, () => connectDeaf(server)));
    await waitFor(() => refused.length === 50, 'the refusals');
    await expectEcho(served);
    assert.equal(server.ClientCount, 51);
    await waitFor(() => server.ClientCount === 1, 'the clients to go');

    assert.ok(refused.every((client) => client.DroppedByteCount > 0));
    await expectEcho(served);
  });

  it('[H-10] one that reads slowly but reads gets all of it', async () => {
    const { server, refused } = await startFull('b'.repeat(HUGE), 5000);

    const slow = await connectDeaf(server);
    await waitFor(() => refused.length === 1, 'the refusal');
    slow.socket.resume();

    assert.equal((await slow.read(HUGE + 2)).length, HUGE + 2);
    assert.equal(await slow.closed(), 'end');
    assert.equal(refused[0]!.DroppedByteCount, 0);
  });
});
