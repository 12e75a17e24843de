// What ValidateHosts says about certificates, and that one bad host does not stop the others.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as ics from '../../lib';
import { raised, waitFor } from '../support';
import { makeCA, makeCert, tempDir, tempFile } from '../support/certificates';
import { ca, certFile, handshake, leaf, withGoodHost } from './hosts';

const DAY_MS = 86_400_000;

describe('ValidateHosts: certificates', () => {
  it('[WSS-151] a valid chain is described', async () => {
    const inter = makeCA({ ca, cn: 'Hosts Test Inter' });
    const cert = makeCert({ ca: inter, names: ['a.test', 'www.a.test'] });
    const file = tempFile('a.pem', cert.bundlePem);
    const { server, host } = await withGoodHost({ SslCert: file }, ['a.test']);
    assert.equal(server.ValidateHosts(), '');
    assert.equal(host.CertValRes, ics.chainOK);
    assert.ok(host.CertErrs.startsWith(`Location File ${file}, Chain Validated OK`));
    assert.equal(host.CertDomains, 'a.test, www.a.test');
    assert.equal(host.CertExiry.getTime(), new Date(cert.cert.validTo).getTime());
    for (const part of ['Server: Issued to', 'Intermediate: Issued to', 'Trusted CA: Issued to'])
      assert.ok(host.CertInfo.includes(part), part);
    assert.equal(host.CertFStamp.getTime(), Math.trunc(fs.statSync(file).mtimeMs));
  });

  it('[WSS-152] a certificate that signs itself is a warning unless that is allowed', async () => {
    const self = makeCert({ names: ['bad.test'] });
    const { server, host } = await withGoodHost({ SslCert: tempFile('s.pem', self.bundlePem) });
    assert.match(server.ValidateHosts(), /^Host #0 bad\.test, .*Certificate self signed\r\n$/);
    assert.equal(host.CertValRes, ics.chainWarn);
    assert.equal(server.ValidateHosts(true, false, true), '');
    assert.equal(host.CertValRes, ics.chainOK);
    assert.match(host.CertErrs, /Certificate self signed/);
  });

  it('an expired certificate that signs itself is refused, allowed or not', async () => {
    const self = makeCert({ names: ['bad.test'], days: -1 });
    const { server } = await withGoodHost({ SslCert: tempFile('s.pem', self.bundlePem) });
    assert.match(server.ValidateHosts(false, false, true), /SSL certificate has expired/);
  });

  it('[WSS-153] an expired certificate is an error', async () => {
    const { server, host, port } = await withGoodHost({
      SslCert: certFile(['bad.test'], { days: -1 }),
    });
    assert.match(raised(() => server.ValidateHosts()).message, /has expired - bad\.test/);
    assert.match(
      server.ValidateHosts(false),
      /^Host #0 bad\.test, Location File .*, SSL Certificate Chain Failed, SSL certificate has expired - bad\.test\r\n$/,
    );
    assert.equal(host.CertValRes, ics.chainFail);
    server.Listen();
    assert.equal((await handshake(port, 'good.test')).name, 'good.test');
  });

  it('a certificate that is not valid yet is an error', async () => {
    const notBefore = new Date(Date.now() + DAY_MS);
    const { server } = await withGoodHost({ SslCert: certFile(['bad.test'], { notBefore }) });
    assert.match(server.ValidateHosts(false), /SSL certificate not valid yet - bad\.test/);
  });

  it('[WSS-154] a certificate that expires soon is a warning, the server starts', async () => {
    const { server, host } = await withGoodHost({ SslCert: certFile(['bad.test'], { days: 10 }) });
    assert.match(server.ValidateHosts(), /SSL certificate expires on \d{4}-\d\d-\d\d - bad\.test/);
    assert.equal(host.CertValRes, ics.chainWarn);
    server.CertExpireDays = 5;
    assert.equal(server.ValidateHosts(), '');
    server.Listen();
    assert.equal(server.State, ics.wsListening);
  });

  it('[WSS-155] a certificate without the name of the host is a warning', async () => {
    const { server, host } = await withGoodHost({ SslCert: certFile(['other.test']) });
    assert.match(
      server.ValidateHosts(),
      /SSL certificate expected host name not found: bad\.test, certificate DNS: other\.test/,
    );
    assert.equal(host.CertValRes, ics.chainWarn);
  });

  it('an incomplete chain is a warning', async () => {
    const cert = makeCert({ ca: makeCA({ ca, cn: 'Absent Inter' }), names: ['bad.test'] });
    const file = tempFile('c.pem', cert.keyPem + cert.pem);
    const { server } = await withGoodHost({ SslCert: file });
    assert.match(server.ValidateHosts(), /Issuer Absent Inter not found for SSL certificate/);
  });

  it('[WSS-156] the key may be in a file of its own; without one there is an error', async () => {
    const cert = leaf(['bad.test']);
    const SslCert = tempFile('c.pem', cert.pem);
    const { server, host, port } = await withGoodHost({ SslCert });
    const text = `SSL Private Key Can Not Be Blank for ${SslCert}`;
    assert.equal(raised(() => server.ValidateHosts()).message, text);
    assert.equal(server.ValidateHosts(false), `Host #0 bad.test, ${text}\r\n`);
    host.SslKey = tempFile('k.pem', cert.keyPem);
    assert.equal(server.ValidateHosts(), '');
    server.Listen();
    assert.equal((await handshake(port, 'bad.test')).name, 'bad.test');
  });

  it('a key of another certificate is an error', async () => {
    const SslCert = tempFile('c.pem', leaf(['bad.test']).pem);
    const SslKey = tempFile('k.pem', leaf(['other.test']).keyPem);
    const { server, port } = await withGoodHost({ SslCert, SslKey });
    assert.match(server.ValidateHosts(false), /Certificate and private key do not match/);
    server.Listen();
    assert.equal((await handshake(port, 'bad.test')).name, 'good.test'); // the default
  });

  it('a key whose password is missing is an error that says so', async () => {
    const cert = leaf(['bad.test']);
    const locked = cert.key.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    const SslCert = tempFile('c.pem', String(locked) + cert.pem);
    const { server, host } = await withGoodHost({ SslCert });
    assert.match(
      server.ValidateHosts(false),
      /Private Key Can Not Be Blank for .*, Error private key/,
    );
    host.SslPassword = 'secret';
    assert.equal(server.ValidateHosts(), '');
  });

  it('[WSS-157] intermediates may be in a file of their own', async () => {
    const inter = makeCA({ ca, cn: 'Hosts Test Inter' });
    const cert = makeCert({ ca: inter, names: ['bad.test'] });
    const SslCert = tempFile('c.pem', cert.keyPem + cert.pem);
    const SslInter = path.join(tempDir(), 'inter.pem');
    const { server, port } = await withGoodHost({ SslCert, SslInter });
    const text = `SSL Intermediate Certificate Not Found: ${SslInter}`;
    assert.ok(raised(() => server.ValidateHosts()).message.startsWith(text));
    fs.writeFileSync(SslInter, inter.pem);
    assert.equal(server.ValidateHosts(), '');
    server.Listen();
    assert.equal((await handshake(port, 'bad.test')).issuer, 'Hosts Test Inter');
  });

  it('[WSS-158] certificate, key and intermediates may be PEM texts', async () => {
    const inter = makeCA({ ca, cn: 'Hosts Test Inter' });
    const cert = makeCert({ ca: inter, names: ['bad.test'] });
    const texts = { SslCert: cert.pem, SslKey: cert.keyPem, SslInter: inter.pem };
    const { server, host, port } = await withGoodHost(texts);
    assert.equal(server.ValidateHosts(), '');
    assert.ok(!host.CertErrs.includes('BEGIN'), 'no key or certificate in a log text');
    server.Listen();
    assert.equal((await handshake(port, 'bad.test')).name, 'bad.test');
  });

  it('[WSS-161] LoadOneCert knows no host outside the collection', async () => {
    const { server } = await withGoodHost({ SslCert: certFile(['bad.test']) });
    for (const number of [-1, 2, 0.5, NaN]) {
      const isNew = { Value: true };
      assert.equal(server.LoadOneCert(number, true, isNew), false);
      assert.equal(isNew.Value, false);
    }
  });

  it('[WSS-162] OrderCert says why nothing can be ordered', async () => {
    const { server, host } = await withGoodHost({ SslCert: certFile(['bad.test']) });
    assert.equal(server.OrderCert(2), false);
    assert.equal(server.OrderCert(0), false);
    assert.equal(host.CertErrs, 'Server Certificate Ordering Disabled');
    server.SslCertAutoOrder = true;
    assert.equal(server.OrderCert(0), false);
    assert.equal(host.CertErrs, 'Server Does Not Support Certificate Ordering');
  });

  it('[WSS-146] a key that is too small for the security level is an error', async () => {
    const SslSrvSecurity = ics.sslSrvSecHigh128;
    const small = certFile(['bad.test'], { keyType: ics.PrivKeyRsa2048 });
    const { server, host } = await withGoodHost({ SslCert: small, SslSrvSecurity });
    assert.match(raised(() => server.ValidateHosts()).message, /^Host #0, .*key too small/s);
    assert.match(server.ValidateHosts(false), /key too small/);
    host.SslCert = certFile(['bad.test']);
    assert.equal(server.ValidateHosts(), '');
  });

  it('nobody is taken for a client of a host whose context could not be made', async () => {
    const { server, port } = await withGoodHost({
      SslCert: certFile(['bad.test'], { keyType: ics.PrivKeyRsa2048 }),
      SslSrvSecurity: ics.sslSrvSecHigh128,
      CliCertMethod: ics.sslCliCertRequire,
    });
    const seen: [number, string][] = [];
    server.OnSslHandshakeDone = (Client) => {
      const { IcsHostIdx, HostTag } = Client as ics.TSslWSocketClient;
      seen.push([IcsHostIdx, HostTag]);
    };
    server.ValidateHosts(false);
    server.Listen();
    assert.equal((await handshake(port, 'bad.test')).name, 'good.test');
    assert.equal((await handshake(port, '')).name, 'good.test');
    await waitFor(() => seen.length === 2, 'OnSslHandshakeDone of both');
    assert.deepEqual(seen, [
      [1, 'good.test'],
      [1, 'good.test'],
    ]);
  });

  it('MultiListenEx reports what ValidateHosts found', async () => {
    const { server } = await withGoodHost({ SslCert: certFile(['bad.test'], { days: -1 }) });
    assert.match(server.MultiListenEx(), /^Socket 1 Listen Failed: .* has expired - bad\.test$/);
    assert.equal(server.ListenAny(), false);
  });

  it('[WSS-135] OnBeforeContextInit fires for each TLS host and may change its context', async () => {
    const { server, host, port } = await withGoodHost({ SslCert: certFile(['bad.test']) });
    const seen: [ics.TIcsHost, boolean][] = [];
    server.OnBeforeContextInit = (Sender, IcsHost) => {
      assert.equal(Sender, server);
      seen.push([IcsHost, IcsHost.SslCtx!.SslCertX509.IsCertLoaded]);
      IcsHost.SslCtx!.SslCipherList = 'ECDHE-ECDSA-AES256-GCM-SHA384';
      IcsHost.SslCtx!.SslMaxVersion = ics.sslVerTLS1_2;
    };
    server.Listen();
    assert.deepEqual(seen, [
      [host, false],
      [server.IcsHosts.Items[1], false],
    ]);
    const { socket } = await handshake(port, 'bad.test');
    assert.equal(socket.getCipher().name, 'ECDHE-ECDSA-AES256-GCM-SHA384');
  });

  it('OnBeforeContextInit may free the server', async () => {
    const { server } = await withGoodHost({ SslCert: certFile(['bad.test']) });
    server.OnBeforeContextInit = () => server.Free();
    assert.match(raised(() => server.ValidateHosts()).message, /freed/);
  });
});
