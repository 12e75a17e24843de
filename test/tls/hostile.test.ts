// What strangers do to a TLS listener: bounded time and memory, one pair of events each, and other
// connections are served meanwhile.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { TSslWSocketServer } from '../../lib';
import { connect, drained, expectEcho, onCleanup, waitFor } from '../support';
import { bystand, visitors } from '../support/bystander';
import { memoryInUse } from '../support/memory';
import { nodeHello } from '../ssl/hellos';
import {
  clientOf,
  countTls,
  echoServer,
  newContext,
  recordTls,
  tlsPeer,
  type TlsPeer,
} from '../support/tls';

async function openOnes(server: TSslWSocketServer, count: number): Promise<TlsPeer[]> {
  const peers = await Promise.all(Array.from({ length: count }, () => tlsPeer(server)));
  for (const peer of peers) await expectEcho(peer);
  return peers;
}

describe('A TLS server under attack', () => {
  it('[H-91] reads a hello in pieces of one byte', async () => {
    const server = echoServer();
    await bystand(server);
    const socket = net.connect({
      port: Number(server.GetXPort()),
      host: '127.0.0.1',
      noDelay: true,
    });
    onCleanup(() => socket.destroy());
    const pipe = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        void (async () => {
          for (const byte of chunk) {
            socket.write(Buffer.from([byte]));
            await new Promise((resolve) => setImmediate(resolve));
          }
          done();
        })();
      },
    });
    socket.on('data', (bytes: Buffer) => pipe.push(bytes));
    const session = tls.connect({ socket: pipe, rejectUnauthorized: false });
    await new Promise((resolve) => session.once('secureConnect', resolve));
    session.write('ping');
    const answer = await new Promise<Buffer>((resolve) => session.once('data', resolve));
    assert.equal(answer.toString(), 'ping');
  });

  it('[H-91] gives half a hello the time of SslHandshakeTimeout, and keeps serving', async () => {
    const server = echoServer({ SslHandshakeTimeout: 400 });
    await bystand(server);
    const lines = recordTls(server);
    const hello = await nodeHello({ servername: 'srv.test' });
    const peers = await Promise.all(Array.from({ length: 20 }, () => connect(server)));
    peers.forEach((peer, i) => peer.write(hello.subarray(0, 1 + i * 10)));
    const [good] = await openOnes(server, 1);
    for (const peer of peers) await peer.closed();
    await waitFor(() => visitors(server).length === 1, 'the others to be gone');
    assert.equal(lines.filter((line) => line === 'OnSslHandshakeDone 1').length, 20);
    assert.equal(lines.filter((line) => line === 'OnSessionClosed 10053').length, 20);
    await expectEcho(good!);
  });

  it('[H-90] survives 200 pieces of garbage of all lengths', async () => {
    const server = echoServer({ SslHandshakeTimeout: 300 });
    await bystand(server);
    const count = countTls(server);
    const hello = await nodeHello({});
    const [good] = await openOnes(server, 1);
    for (let i = 0; i < 200; i++) {
      const peer = await connect(server);
      const bytes = randomBytes(1 + ((i * 83) % 16384));
      if (i % 3 === 0) bytes[0] = 0x16;
      if (i % 3 === 1) {
        const at = 5 + (i % (hello.length - 5));
        peer.write(Buffer.concat([hello.subarray(0, at), bytes]));
      } else {
        peer.write(bytes);
      }
      peer.end();
    }
    await waitFor(() => count.gone === 200, `200 ends, had ${count.gone}`, 10_000);
    assert.equal(count.closed, 200);
    assert.equal(count.done, 201);
    await expectEcho(good!);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`[H-92] is reset at each place of a handshake (${version})`, async () => {
      const server = echoServer({ SslHandshakeTimeout: 5000 });
      await bystand(server);
      const count = countTls(server);
      const [good] = await openOnes(server, 1);
      let points = 0;
      for (let bytes = 1; bytes < 1000; bytes += 17)
        points += await resetAfter(server, bytes, version);
      assert.ok(points > 10, `${points} places`);
      await waitFor(() => visitors(server).length === 1, 'the others to be gone');
      assert.equal(count.done, count.connected);
      assert.equal(count.closed, count.connected - 1);
      await expectEcho(good!);
    });

  it('[H-93] drops 2,000 handshakes that are abandoned, and serves ten others meanwhile', async () => {
    const server = echoServer();
    await bystand(server);
    const count = countTls(server);
    const good = await openOnes(server, 10);
    const hello = await nodeHello({});
    await memoryInUse();
    const before = await memoryInUse();
    for (let round = 0; round < 10; round++) {
      const peers = await Promise.all(Array.from({ length: 200 }, () => connect(server)));
      peers.forEach((peer, i) => peer.write(hello.subarray(0, i % 2 ? hello.length : 50)));
      await drained();
      await Promise.all(good.map((peer) => expectEcho(peer)));
      for (const peer of peers) peer.reset();
    }
    await waitFor(() => count.gone === 2000, `2000 ends, had ${count.gone}`, 20_000);
    assert.equal(count.closed, 2000);
    assert.equal(count.done, 2010);
    assert.equal(visitors(server).length, 10);
    await drained();
    const after = await memoryInUse();
    assert.ok(after.heap - before.heap < 12, `heap grew by ${after.heap - before.heap} MiB`);
    await Promise.all(good.map((peer) => expectEcho(peer)));
  });

  it('[H-94] takes 20,000 records of one byte', async () => {
    const server = echoServer();
    await bystand(server);
    const peer = await tlsPeer(server);
    for (let i = 0; i < 20_000; i++) peer.write('x');
    await peer.read(20_000);
  });

  it('[H-104] replaces its certificate 200 times during handshakes', async () => {
    const server = echoServer();
    await bystand(server);
    let failed = 0;
    let running = true;
    const clients = Array.from({ length: 4 }, async () => {
      while (running) {
        try {
          const peer = await tlsPeer(server);
          await expectEcho(peer);
          peer.socket.destroy();
        } catch {
          failed++;
        }
      }
    });
    for (let i = 0; i < 200; i++) {
      if (i % 2) server.SslContext!.InitContext();
      else server.SslContext = newContext();
      await new Promise((resolve) => setImmediate(resolve));
    }
    running = false;
    await Promise.all(clients);
    assert.equal(failed, 0);
  });

  it('[H-96] lets a context go that is freed in OnSslServerName', async () => {
    const server = echoServer({
      OnSslServerName: (client) => client.SslContext?.DeInitContext(),
    });
    await bystand(server);
    const lines = recordTls(server);
    await assert.rejects(tlsPeer(server, { servername: 'srv.test' }), /alert number 80/);
    await waitFor(() => lines.length === 5, lines.join());
    assert.equal(lines[2], 'OnSslHandshakeDone 1');
    server.OnSslServerName = null;
    await expectEcho(await tlsPeer(server));
    assert.equal(clientOf(server).SslOK, true);
  });
});

/** 1 when the reset came before the handshake was done on the client's side. */
async function resetAfter(
  server: TSslWSocketServer,
  limit: number,
  version: tls.SecureVersion,
): Promise<number> {
  const under = net.connect({ port: Number(server.GetXPort()), host: '127.0.0.1', noDelay: true });
  onCleanup(() => under.destroy());
  under.on('error', () => undefined);
  let left = limit;
  let done = 0;
  await new Promise<void>((resolve) => {
    const pipe = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, next) => {
        under.write(chunk.subarray(0, left), () => {
          left -= chunk.length;
          if (left > 0) next();
          else resolve();
        });
      },
    });
    under.on('data', (bytes: Buffer) => pipe.push(bytes));
    const session = tls.connect({ socket: pipe, rejectUnauthorized: false, maxVersion: version });
    session.on('error', () => resolve());
    session.on('secureConnect', () => {
      done = 1;
      resolve();
    });
  });
  under.resetAndDestroy();
  return done === 1 ? 0 : 1;
}
