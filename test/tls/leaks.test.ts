// Nothing of a TLS session stays behind: descriptors, TLS objects. Memory: connections.slow.test.ts.
import assert from 'node:assert/strict';
import { TSslWSocketClient } from '../../lib';
import { connect, expectEcho, waitFor } from '../support';
import { openDescriptors } from '../support/memory';
import { echoServer, tlsPeer } from '../support/tls';
import { type SessionWatch, Watch, watchSessions } from '../support/tlsWatch';

async function settled({ direct, streamed }: SessionWatch, count: number): Promise<void> {
  assert.ok(direct.made + streamed.made >= count, 'all sessions are watched');
  await direct.settled();
  await streamed.settled();
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
});
