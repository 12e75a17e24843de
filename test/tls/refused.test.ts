// Handshakes that cannot succeed: one OnSslHandshakeDone with its error, one end, and the server
// goes on.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, expectEcho } from '../support';
import { bystand, isWatched, visitors } from '../support/bystander';
import { echoServer, gone, recordTls, tlsPeer } from '../support/tls';
import type { TSslWSocketServer } from '../../lib';

interface Failure {
  lines: string[];
  text: string;
}

/** What one peer's bytes lead to; null closes without any. */
async function fails(bytes: string | Uint8Array | null, code: number): Promise<Failure> {
  let text = '';
  const server = echoServer({
    OnSslHandshakeDone: (client) => (text = client.SslHandshakeRespMsg),
    OnDataAvailable: () => assert.fail('data of a handshake that failed'),
  });
  if (isWatched()) await bystand(server);
  const lines = recordTls(server);
  const peer = await connect(server);
  if (bytes === null) peer.end();
  else peer.write(bytes);
  await peer.closed();
  await gone(lines);
  assert.deepEqual(lines, [
    'OnClientConnect',
    `OnSslHandshakeDone ${code}`,
    'OnSessionClosed 10053',
    'OnClientDisconnect 10053',
  ]);
  assert.equal(peer.bytes().length, 0);
  const said = text;
  await stillServes(server);
  return { lines, text: said };
}

async function stillServes(server: TSslWSocketServer): Promise<void> {
  await expectEcho(await tlsPeer(server));
}

describe('A TLS server refuses', () => {
  it('[SSL-16] [WSS-115] an HTTP request in clear', async () => {
    const { text } = await fails('GET / HTTP/1.0\r\n\r\n', 156);
    assert.equal(text, 'Error, HTTP request, no SSL handshake');
  });

  it('[SSL-16] a request to an HTTP proxy in clear', async () => {
    const { text } = await fails('CONNECT a.test:443 HTTP/1.0\r\n\r\n', 155);
    assert.equal(text, 'Error, HTTPS proxy request, no SSL handshake');
  });

  it('[SSL-17] a peer that closes before any byte', async () => {
    const { text } = await fails(null, 1);
    assert.match(text, /connection closed unexpectedly$/);
  });

  it('[SSL-18] [H-90] random bytes', async () => {
    await fails(Buffer.concat([Buffer.from([0x47]), randomBytes(64 * 1024)]), 267);
  });

  it('[SSL-18] [H-90] a record header and then garbage', async () => {
    const bytes = Buffer.concat([Buffer.from('16030140000200', 'hex'), randomBytes(20000)]);
    const { text } = await fails(bytes, 267);
    assert.match(text, /wrong SSL version/);
  });

  it('[H-90] a hello of SSL 2, by an alert', async () => {
    const server = echoServer();
    await bystand(server);
    const lines = recordTls(server);
    const peer = await connect(server);
    peer.write(
      Buffer.from('802e0100020015000000100100800200800300800400800500800600400700c0', 'hex'),
    );
    await peer.closed();
    await gone(lines);
    assert.equal(lines[1], 'OnSslHandshakeDone 267');
    assert.equal(peer.bytes().subarray(5).toString('hex'), '0246'); // fatal, protocol_version
    await stillServes(server);
  });

  it('[H-90] nobody on a plain listener that gets a hello of TLS: it is data', async () => {
    const server = echoServer({ SslEnable: false });
    await bystand(server);
    const peer = await connect(server);
    peer.write(Buffer.from('16030100050100000101', 'hex'));
    assert.equal((await peer.read(10)).toString('hex'), '16030100050100000101');
  });

  it('[H-91] a peer that says nothing, after SslHandshakeTimeout', async () => {
    let text = '';
    const server = echoServer({
      SslHandshakeTimeout: 50,
      OnSslHandshakeDone: (client) => (text = client.SslHandshakeRespMsg),
    });
    await bystand(server);
    const lines = recordTls(server);
    const peer = await connect(server);
    peer.write(Buffer.from([0x16, 3, 1])); // less than the header of a record
    await peer.closed();
    await gone(lines);
    assert.deepEqual(lines.slice(1), [
      'OnSslHandshakeDone 1',
      'OnSessionClosed 10053',
      'OnClientDisconnect 10053',
    ]);
    assert.match(text, /within 50 ms/);
    assert.deepEqual(visitors(server), []);
  });

  it('[SSL-37] nobody after Abort in the handshake: no OnSslHandshakeDone', async () => {
    const server = echoServer({ OnSslServerName: (client) => client.Abort() });
    const lines = recordTls(server);
    await assert.rejects(tlsPeer(server, { servername: 'srv.test' }));
    await gone(lines);
    assert.deepEqual(lines, [
      'OnClientConnect',
      'OnSslServerName srv.test',
      'OnSessionClosed 0',
      'OnClientDisconnect 0',
    ]);
    server.OnSslServerName = null;
    await stillServes(server);
  });
});
