// 20,000 TLS connections, half of them cut at random points, leave nothing behind, no memory either.
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import { expectEcho, waitFor } from '../support';
import { MEMORY_SLACK, memoryInUse, openDescriptors } from '../support/memory';
import { portOf } from '../support/startServer';
import { countTls, echoServer, tlsPeer } from '../support/tls';
import { watchSessions } from '../support/tlsWatch';

const COUNT = 20_000;
/** As many as it takes for the process to have its usual size. */
const FIRST = 2000;
const AT_ONCE = 20;
/** A whole session of a client is about this long. */
const LONGEST = 1500;
// With a context for each client the test would take twice as long.
const CLIENT = { secureContext: tls.createSecureContext(), rejectUnauthorized: false };

/** Cut by a reset or a FIN once the client has sent or received so many bytes. */
function cut(port: number, after: number, byReset: boolean): Promise<void> {
  return new Promise((resolve) => {
    const under = net.connect({ port, host: '127.0.0.1' });
    const session = tls.connect({ socket: under, ...CLIENT });
    const look = (): void => {
      if (under.bytesRead + under.bytesWritten < after) return;
      if (byReset) under.resetAndDestroy();
      else under.destroy();
    };
    under.on('data', look).on('connect', () => setImmediate(look));
    under.on('error', () => undefined);
    under.on('close', () => resolve());
    session.on('error', () => under.destroy());
    session.on('secureConnect', () => session.write('x'));
    session.on('data', () => under.destroy());
  });
}

function whole(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = tls.connect({ port, host: '127.0.0.1', ...CLIENT });
    session.on('secureConnect', () => session.write('x'));
    session.on('data', () => session.end());
    session.on('error', reject);
    session.on('close', () => resolve());
  });
}

describe('20,000 TLS connections', () => {
  it('[SSL-47] leave no descriptor and no session, half of them cut at random points', async () => {
    const { direct, streamed } = watchSessions();
    const server = echoServer();
    const count = countTls(server);
    const port = portOf(server);
    await whole(port); // Node opens a descriptor with the first socket of a process
    const before = openDescriptors();
    const visit = async (count: number): Promise<void> => {
      let left = count;
      const worker = async (): Promise<void> => {
        while (left-- > 0) {
          if (left % 2) await whole(port);
          else await cut(port, Math.floor(Math.random() * LONGEST), left % 4 === 0);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      await waitFor(() => server.ClientCount === 0, 'the last end', 20_000);
    };
    await visit(FIRST);
    const small = await memoryInUse();
    await visit(COUNT - FIRST);
    const large = await memoryInUse();
    assert.ok(large.heap - small.heap < 6, `the heap grew by ${large.heap - small.heap} MiB`);
    const grown = large.rss - small.rss;
    assert.ok(grown < 60 * MEMORY_SLACK, `the process grew by ${grown} MiB`);
    assert.ok(count.connected > COUNT * 0.9, `${count.connected} connections`);
    assert.equal(count.closed, count.connected);
    assert.equal(count.done, count.connected);
    await waitFor(() => openDescriptors() <= before, 'the descriptors', 10_000);
    assert.ok(direct.made + streamed.made > COUNT / 2, 'the sessions are watched');
    await direct.settled(30_000);
    await streamed.settled(30_000);
    await expectEcho(await tlsPeer(server));
  }).timeout(1_200_000);
});
