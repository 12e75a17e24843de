// Nothing of a TLS session stays behind: descriptors, TLS objects, memory.
import assert from 'node:assert/strict';
import tls from 'node:tls';
import { TSslWSocketClient, type TSslWSocketServer } from '../../lib';
import { connect, expectEcho, waitFor } from '../support';
import { MEMORY_SLACK, memoryInUse, openDescriptors } from '../support/memory';
import { portOf } from '../support/startServer';
import { echoServer, tlsPeer } from '../support/tls';
import { type SessionWatch, Watch, watchSessions } from '../support/tlsWatch';

async function settled({ direct, streamed }: SessionWatch, count: number): Promise<void> {
  assert.ok(direct.made + streamed.made >= count, 'all sessions are watched');
  await direct.settled();
  await streamed.settled();
}

/** A client nobody keeps: those of tlsPeer are remembered until the test ends. */
function once(server: TSslWSocketServer): Promise<void> {
  return new Promise((resolve, reject) => {
    const port = portOf(server);
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.once('close', () => resolve());
      socket.destroy();
    });
  });
}

describe('TLS sessions', () => {
  it('[SSL-47] leave neither descriptors nor objects behind after 200 handshakes', async () => {
    const watch = watchSessions();
    const clients = new Watch();
    class Watched extends TSslWSocketClient {
      constructor(...args: ConstructorParameters<typeof TSslWSocketClient>) {
        super(...args);
        clients.add(this);
      }
    }
    const server = echoServer({ ClientClass: Watched });
    const before = openDescriptors();
    let made = 0;
    for (let i = 0; i < 200; i++) {
      const peer = await tlsPeer(server);
      await expectEcho(peer);
      made++;
      if (i % 4 === 0) peer.end();
      else if (i % 4 === 1) peer.socket.destroy();
      else if (i % 4 === 2) server.DisconnectAll();
      else server.Client[0]?.Abort();
      await waitFor(() => server.ClientCount === 0, 'the end of the client');
    }
    assert.equal(made, 200);
    await waitFor(() => openDescriptors() <= before, 'the descriptors');
    await settled(watch, 200);
    await clients.settled();
  });

  it('leave nothing behind after handshakes that fail', async () => {
    const watch = watchSessions();
    const server = echoServer();
    for (let i = 0; i < 100; i++) {
      const peer = await connect(server);
      peer.write(Buffer.from('16030100050100000103', 'hex'));
      peer.end();
    }
    await waitFor(() => server.ClientCount === 0, 'the ends');
    const noShared = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256' } as const;
    for (let i = 0; i < 50; i++) await assert.rejects(tlsPeer(server, noShared));
    await settled(watch, 100);
  });

  it('[SSL-47] do not make the process grow: 2,000 handshakes', async () => {
    const server = echoServer();
    const burst = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 20) {
        await Promise.all(Array.from({ length: 20 }, () => once(server)));
      }
      await waitFor(() => server.ClientCount === 0, 'the ends');
    };
    await burst(500);
    const before = await memoryInUse();
    await burst(2000);
    const after = await memoryInUse();
    assert.ok(after.heap - before.heap < 6, `heap grew by ${after.heap - before.heap} MiB`);
    assert.ok(
      after.rss - before.rss < 60 * MEMORY_SLACK,
      `memory grew by ${after.rss - before.rss} MiB`,
    );
  }).timeout(60_000);
});
