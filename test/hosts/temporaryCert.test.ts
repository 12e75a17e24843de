// The certificate a host gets when it has none that can be used.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as ics from '../../lib';
import { raised } from '../support';
import { tempDir, tempFile } from '../support/certificates';
import { handshake, leaf, withGoodHost } from './hosts';

describe('Temporary certificates', () => {
  it('[WSS-128] TLS without a certificate is an error', async () => {
    const { server, host, port } = await withGoodHost({});
    const text = 'Host #0, SSL certificate can not be blank';
    assert.equal(raised(() => server.ValidateHosts()).message, text);
    assert.equal(server.ValidateHosts(true, true), `${text}\r\n`);
    assert.equal(server.Validated, false);
    assert.equal(server.ValidateHosts(false), `${text}\r\n`);
    assert.equal(server.Validated, true);
    server.Listen();
    assert.equal((await handshake(port, 'bad.test')).name, 'bad.test'); // a temporary one
    assert.match(host.CertErrs, /Created New Local Certificate: /);
  });

  it('[WSS-163] a missing file: a temporary certificate is made in its folder', async () => {
    const folder = tempDir();
    const missing = path.join(folder, 'mine.pem');
    const { server, host, port } = await withGoodHost({ SslCert: missing }, [
      'bad.test',
      'b2.test',
    ]);
    assert.equal(server.ValidateHosts(), '');
    assert.deepEqual(fs.readdirSync(folder), ['bad_test.pfx']);
    assert.equal(host.SslCert, path.join(folder, 'bad_test.pfx'));
    assert.ok(host.CertErrs.includes(`SSL Certificate Not Found: ${missing}`));
    assert.match(host.CertErrs, /self signed/);
    assert.equal(host.CertDomains, 'bad.test, b2.test');
    assert.equal(fs.statSync(host.SslCert).mode & 0o077, 0, 'the key is for the owner only');
    server.Listen();
    assert.equal((await handshake(port, 'b2.test')).name, 'bad.test');
  });

  it('a file that cannot be read: a warning, and a temporary certificate', async () => {
    const broken = tempFile('c.pem', 'this is no certificate at all');
    const { server, port } = await withGoodHost({ SslCert: broken });
    const text = server.ValidateHosts();
    assert.ok(text.includes(`SSL Certificate Failed to Load - ${broken}`), text);
    server.Listen();
    assert.equal((await handshake(port, 'bad.test')).name, 'bad.test');
    assert.equal((await handshake(port, 'good.test')).name, 'good.test');
  });

  it('a PFX file keeps its password: it is not overwritten when that is wrong', async () => {
    const folder = tempDir();
    const file = path.join(folder, 'bad_test.pfx');
    const holder = new ics.TX509Base(null);
    const cert = leaf(['bad.test']);
    holder.LoadFromText(cert.bundlePem, ics.croYes, ics.croTry);
    holder.SaveToP12File(file, 'secret', false, ics.PrivKeyEncAES256);
    const bytes = fs.readFileSync(file);
    const { server, host } = await withGoodHost({ SslCert: file, SslPassword: 'wrong' });
    assert.match(server.ValidateHosts(), /PKCS12 certificate password invalid/);
    assert.deepEqual(fs.readFileSync(file), bytes);
    Object.assign(host, { SslCert: file, SslPassword: 'secret' });
    assert.equal(server.ValidateHosts(), '');
  });

  it('a host name cannot lead out of the folder of its certificate', async () => {
    const folder = tempDir();
    const missing = path.join(folder, 'mine.pem');
    const { server, host } = await withGoodHost({ SslCert: missing }, ['../../x.test']);
    server.ValidateHosts(false);
    assert.deepEqual(fs.readdirSync(path.dirname(missing)), []);
    assert.match(host.CertErrs, /Failed to Create Local Certificate: .*Illegal Characters/);
  });
});
