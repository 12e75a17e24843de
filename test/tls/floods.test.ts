// Messages of TLS itself that cost the server an answer each: a peer that sends nothing else is
// closed, others are served meanwhile.
import assert from 'node:assert/strict';
import type { TSslWSocketServer } from '../../lib';
import { waitFor } from '../support';
import { bystand, visitors } from '../support/bystander';
import { HANDSHAKE, RawTls } from '../support/rawTls';
import { portOf } from '../support/startServer';
import { clientOf, echoServer, opensslClient, recordTls } from '../support/tls';

const FLOOD = 20_000;
const APPLICATION_DATA = 23;
const KIB = 1024;

/** Sends until the server has had enough of it; the limit is on what it answers. */
async function flood(server: TSslWSocketServer, raw: RawTls, one: () => Buffer): Promise<number> {
  let sent = 0;
  while (sent < FLOOD && !raw.isClosed) {
    const block: Buffer[] = [];
    for (let i = 0; i < 100; i++) block.push(one());
    raw.socket.write(Buffer.concat(block));
    sent += block.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await waitFor(() => raw.isClosed, 'the end of the flood');
  await waitFor(() => visitors(server).length === 0, 'the bystander only');
  return sent;
}

async function closedForFlood(
  version: 'TLSv1.2' | 'TLSv1.3',
  one: (raw: RawTls) => Buffer,
): Promise<void> {
  const server = echoServer();
  await bystand(server);
  const lines = recordTls(server);
  const raw = await RawTls.connect(portOf(server), version);
  raw.socket.write(raw.record(APPLICATION_DATA, Buffer.from('ping'))); // our records count as real
  await waitFor(() => raw.received > 0, 'the echo');
  const before = raw.received;
  const sent = await flood(server, raw, () => one(raw));
  assert.ok(raw.received > before, 'the first ones are answered');
  assert.ok(raw.received - before < 64 * KIB, `${raw.received - before} bytes of answers`);
  assert.ok(sent < FLOOD, 'closed in time');
  assert.match(lines.at(-3)!, /^OnSslShutDownComplete false [1-9]/);
  assert.deepEqual(lines.slice(-2), ['OnSessionClosed 10053', 'OnClientDisconnect 10053']);
}

describe('A TLS client that floods', () => {
  it('[H-94] with ClientHello after ClientHello (TLS 1.2) is refused each time, then closed', async () => {
    await closedForFlood('TLSv1.2', (raw) => raw.record(HANDSHAKE, raw.hello));
  });

  it('[H-94] with requests for new keys (TLS 1.3) is closed', async () => {
    await closedForFlood('TLSv1.3', (raw) => raw.keyUpdate());
  });

  it('[H-94] is not one that sends data between its requests for new keys', async () => {
    const server = echoServer();
    await bystand(server);
    const raw = await RawTls.connect(portOf(server), 'TLSv1.3');
    for (let i = 0; i < 1500; i++) {
      const { received } = raw;
      raw.socket.write(
        Buffer.concat([raw.keyUpdate(), raw.record(APPLICATION_DATA, Buffer.from('x'))]),
      );
      await waitFor(() => raw.received > received, `the answer to ${i}`);
    }
    assert.equal(clientOf(server).SslOK, true);
  });

  it('[H-94] refuses openssl s_client a renegotiation, and serves the others', async () => {
    const server = echoServer();
    await bystand(server);
    const asking = opensslClient(server, ['-tls1_2', '-legacy_renegotiation']);
    await asking.printed('Verify return code');
    asking.write('R\n');
    assert.notEqual(await asking.ended(), 0);
    assert.match(asking.stderr, /no renegotiation/);
    await waitFor(() => visitors(server).length === 0, 'its end');
  });
});
