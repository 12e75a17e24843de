// OCSP: the server asks the responder of its certificates and staples the answers.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import * as ics from '../../lib';
import { onCleanup, waitFor } from '../support';
import {
  makeCert,
  opensslVersion,
  tempDir,
  tempFile,
  type TestCert,
} from '../support/certificates';
import { skipTest } from '../support/skipTest';
import { certWithOcsp, ocspResponder, type Responder } from './ocspResponder';
import { addHost, ca, freePort, hostServer } from './hosts';

interface Fixture {
  server: ics.TSslWSocketServer;
  host: ics.TIcsHost;
  port: number;
  cert: TestCert;
}

/** What the client gets stapled; null for nothing. */
function stapled(port: number, servername: string): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername, requestOCSP: true };
    const socket = tls.connect({ ...options, rejectUnauthorized: false });
    onCleanup(() => socket.destroy());
    let response: Buffer | null = null;
    socket.on('OCSPResponse', (bytes: Buffer | null) => (response = bytes));
    socket.on('secureConnect', () => resolve(response?.length ? response : null));
    socket.on('error', reject);
  });
}

async function serving(responder: Responder, cacheFile = ''): Promise<Fixture> {
  const server = hostServer();
  server.OcspSrvStapling = true;
  server.OcspSrvHttp.CacheFName = cacheFile;
  const port = await freePort();
  const cert = certWithOcsp(responder.url, ['a.test']);
  const SslCert = tempFile('a.pem', cert.bundlePem);
  const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert });
  return { server, host, port, cert };
}

const answered = ({ server }: Fixture): Promise<void> =>
  waitFor(() => server.OcspSrvHttp.Pending === 0, 'the answer of the responder');

describe('OcspSrvStapling', function () {
  before(function () {
    if (opensslVersion() === '') skipTest(this, 'there is no openssl command to make responses');
  });

  it('staples the response to clients that name the host, and to those that name none', async () => {
    const responder = await ocspResponder();
    const fixture = await serving(responder);
    const { server, host, port, cert } = fixture;
    responder.know(cert);
    server.Listen();
    assert.match(host.CertErrs, /, OCSP Check Pending$/);
    await answered(fixture);
    assert.match(host.CertErrs, /Chain Validated OK, OCSP Check OK Not Revoked$/);
    assert.equal(host.CertValRes, ics.chainOK);
    assert.ok(host.OcspStapleResp.length > 0);
    assert.deepEqual(await stapled(port, 'a.test'), host.OcspStapleResp);
    assert.deepEqual(await stapled(port, ''), host.OcspStapleResp);
  });

  it('a response signed by a responder the CA has authorised counts', async () => {
    const signer = makeCert({ ca, cn: 'Responder', usage: ['1.3.6.1.5.5.7.3.9'] });
    const responder = await ocspResponder(signer);
    const fixture = await serving(responder);
    responder.know(fixture.cert);
    fixture.server.Listen();
    await answered(fixture);
    assert.match(fixture.host.CertErrs, /OCSP Check OK Not Revoked/);
  });

  it('a response signed by any other certificate of the CA does not', async () => {
    const responder = await ocspResponder(makeCert({ ca, cn: 'Not Authorised' }));
    const fixture = await serving(responder);
    responder.know(fixture.cert);
    fixture.server.Listen();
    await answered(fixture);
    assert.match(fixture.host.CertErrs, /OCSP Check Failed: OCSP: bad signature of the response/);
    assert.equal(fixture.host.OcspStapleResp.length, 0);
    assert.equal(await stapled(fixture.port, 'a.test'), null);
  });

  it('a revoked certificate fails the check', async () => {
    const responder = await ocspResponder();
    const fixture = await serving(responder);
    responder.know(fixture.cert, 'R');
    fixture.server.Listen();
    await answered(fixture);
    assert.match(fixture.host.CertErrs, /OCSP Check Failed: Certificate revoked/);
    assert.equal(fixture.host.CertValRes, ics.chainFail);
  });

  it('a certificate the responder does not know is not stapled', async () => {
    const responder = await ocspResponder();
    const fixture = await serving(responder);
    fixture.server.Listen();
    await answered(fixture);
    assert.match(fixture.host.CertErrs, /OCSP Check Failed: Certificate unknown/);
    assert.equal(fixture.host.OcspStapleResp.length, 0);
  });

  for (const [what, answer, text] of [
    ['garbage', Buffer.from('garbage, not DER'), /OCSP Check Failed: ASN\.1/],
    [
      'try later',
      Buffer.from([0x30, 3, 0x0a, 1, 3]),
      /OCSP Check Failed: OCSP responder: try later/,
    ],
    ['too much', Buffer.alloc(100_000), /OCSP Check Failed: answer above 65536 bytes/],
    ['nothing', null, /OCSP Check Failed: no answer within 100 ms/],
  ] as const)
    it(`a responder that sends ${what} hurts nobody`, async () => {
      const responder = await ocspResponder();
      responder.override = answer;
      const fixture = await serving(responder);
      fixture.server.OcspSrvHttp.OcspTimeout = 100;
      if (answer !== null) fixture.server.OcspSrvHttp.OcspTimeout = 3000;
      fixture.server.Listen();
      await answered(fixture);
      assert.match(fixture.host.CertErrs, text);
      assert.equal(fixture.host.CertValRes, ics.chainOK);
      assert.equal(await stapled(fixture.port, 'a.test'), null);
    });

  it('a server that is freed asks nobody any more', async () => {
    const responder = await ocspResponder();
    responder.override = null;
    const { server } = await serving(responder);
    server.Listen();
    await waitFor(() => responder.asked === 1, 'the question');
    server.Free(); // the guard of the test run finds a connection that stays
  });

  it('answers are kept in the file: a restart asks nobody', async () => {
    const responder = await ocspResponder();
    const cache = path.join(tempDir(), 'cache.recs');
    const fixture = await serving(responder, cache);
    const { server, host, cert } = fixture;
    responder.know(cert);
    server.Listen();
    await answered(fixture);
    const response = host.OcspStapleResp;
    server.Free();
    assert.ok(fs.existsSync(cache));
    responder.close();

    const again = hostServer();
    again.OcspSrvStapling = true;
    again.OcspSrvHttp.CacheFName = cache;
    const port = await freePort();
    const SslCert = tempFile('a.pem', cert.bundlePem);
    const other = addHost(again, ['a.test'], { BindSslPort: port, SslCert });
    assert.equal(again.ValidateHosts(), '');
    assert.match(other.CertErrs, /OCSP Check OK Not Revoked/);
    assert.deepEqual(other.OcspStapleResp, response);
    assert.equal(again.OcspSrvHttp.Pending, 0);
  });

  it('a file of another kind is no obstacle, and is replaced', async () => {
    const responder = await ocspResponder();
    const cache = tempFile('cache.recs', '{"cert":1}\nnot JSON at all\n\0\0');
    const fixture = await serving(responder, cache);
    responder.know(fixture.cert);
    fixture.server.Listen();
    await answered(fixture);
    fixture.server.OcspSrvHttp.Flush();
    const [line] = fs.readFileSync(cache, 'utf8').split('\n');
    assert.equal((JSON.parse(line!) as { cert: string }).cert, fixture.cert.cert.fingerprint256);
  });

  it('another certificate has no use for the response of the one before', async () => {
    const responder = await ocspResponder();
    const fixture = await serving(responder);
    const { server, host, port, cert } = fixture;
    responder.know(cert);
    server.Listen();
    await answered(fixture);
    const next = makeCert({ ca, names: ['a.test'] });
    fs.writeFileSync(host.SslCert, next.bundlePem);
    assert.equal(server.RecheckSslCerts({ Value: '' }), true);
    assert.equal(await stapled(port, 'a.test'), null);
  });
});
