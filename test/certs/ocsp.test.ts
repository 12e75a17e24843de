// OCSP from the certificate of a host to its clients, with a responder that changes its mind.
import assert from 'node:assert/strict';
import tls from 'node:tls';
import * as ics from '../../lib';
import { readOcspResponse } from '../../lib/ssl/ocsp';
import { onCleanup, waitFor } from '../support';
import { opensslVersion, tempFile } from '../support/certificates';
import { certWithOcsp, ocspResponder, type Responder } from '../hosts/ocspResponder';
import { addHost, ca, freePort, handshake, hostServer } from '../hosts/hosts';
import { skipUnless } from '../support/skipTest';

function stapled(port: number, version: 'TLSv1.2' | 'TLSv1.3'): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      ...{ host: '127.0.0.1', port, servername: 'a.test', requestOCSP: true },
      ...{ minVersion: version, maxVersion: version, ca: ca.pem },
    });
    onCleanup(() => socket.destroy());
    let response: Buffer | null = null;
    socket.on('OCSPResponse', (bytes: Buffer | null) => (response = bytes));
    socket.on('secureConnect', () => resolve(response));
    socket.on('error', reject);
  });
}

async function stapling(responder: Responder) {
  const server = hostServer();
  server.OcspSrvStapling = true;
  server.OcspSrvHttp.CacheFName = '';
  const port = await freePort();
  const cert = certWithOcsp(responder.url, ['a.test']);
  const SslCert = tempFile('a.pem', cert.bundlePem);
  const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert });
  const answered = (): Promise<void> =>
    waitFor(() => server.OcspSrvHttp.Pending === 0, 'the answer of the responder');
  return { server, host, port, cert, answered };
}

describe('OCSP from responder to client', function () {
  before(skipUnless(opensslVersion() !== '', 'no openssl command for the responder'));

  it('[X509-48] a good answer reaches clients of TLS 1.2 and 1.3; revoked fails the recheck', async () => {
    const responder = await ocspResponder();
    const { server, host, port, cert, answered } = await stapling(responder);
    responder.know(cert);
    server.Listen();
    await answered();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const response = await stapled(port, version);
      assert.ok(response, version);
      assert.equal(readOcspResponse(response, cert.cert, ca.cert).status, 'good', version);
    }
    server.OcspSrvHttp.CacheRefrDays = 0;
    responder.know(cert, 'R');
    server.RecheckSslCerts({ Value: '' }, false, true);
    await answered();
    assert.equal(host.CertValRes, ics.chainFail);
    const info = { Value: '' };
    server.RecheckSslCerts(info, false, true);
    assert.match(info.Value, /SSL Certificate Chain Failed|OCSP Check Failed: Certificate revoked/);
    assert.match(host.CertErrs, /OCSP Check Failed: Certificate revoked/);
    await answered();
    assert.equal((await handshake(port, 'a.test')).name, 'a.test', 'serving goes on');
  });

  it('[X509-48] a responder that is down: the server starts, CertErrs tells', async () => {
    const responder = await ocspResponder();
    const { server, host, port, answered } = await stapling(responder);
    responder.close();
    server.Listen();
    await answered();
    assert.match(host.CertErrs, /Chain Validated OK, OCSP Check Failed: connect ECONNREFUSED/);
    assert.equal(host.CertValRes, ics.chainOK);
    assert.equal(await stapled(port, 'TLSv1.3'), null);
  });

  it('[X509-48] a revoked certificate is ordered anew although its dates are good', async () => {
    const responder = await ocspResponder();
    const { server, cert, answered } = await stapling(responder);
    const found: ics.TChainResult[] = [];
    server.SslX509Certs = {
      LogEvent: () => undefined,
      CloseAccount: () => undefined,
      OrderHost: (_server, host) => {
        found.push(host.CertValRes);
        return '';
      },
    };
    server.SslCertAutoOrder = true;
    server.IcsHosts.Items[0]!.CertSupplierProto = ics.SuppProtoAcmeV2;
    responder.know(cert, 'R');
    server.Listen();
    await answered();
    server.RecheckSslCerts({ Value: '' }, false, true);
    assert.deepEqual(found, [ics.chainFail]);
  });
});
