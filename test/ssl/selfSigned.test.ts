// Certificates and requests that the package makes itself: openssl accepts them.

import assert from 'node:assert/strict';
import { createSecureContext } from 'node:tls';
import { performance } from 'node:perf_hooks';
import {
  EX509Exception,
  PrivKeyECsecp256,
  PrivKeyECsecp384,
  PrivKeyECsecp512,
  PrivKeyEd25519,
  PrivKeyRsa1024,
  PrivKeyRsaPss2048,
  TX509Base,
} from '../../lib';
import { makeRequest } from '../../lib/ssl/certBuilder';
import { octetString } from '../../lib/ssl/derWriter';
import { toPem } from '../../lib/ssl/pem';
import { generateKey, makeSelfSigned, type SelfSignedOptions } from '../../lib/ssl/selfSigned';
import { makeCA, makeCert, openssl, tempFile } from '../support/certificates';
import { needsOpenssl } from './needsOpenssl';
import { raisedBy } from './raisedBy';

const KEY_TYPES = [
  PrivKeyRsa1024,
  PrivKeyECsecp256,
  PrivKeyECsecp384,
  PrivKeyECsecp512,
  PrivKeyEd25519,
  PrivKeyRsaPss2048,
];

function made(options: SelfSignedOptions): TX509Base {
  const { cert, key } = makeSelfSigned(options);
  const x509 = new TX509Base(null, cert);
  x509.PrivateKey = key;
  return x509;
}

describe('makeSelfSigned', () => {
  it('makes a certificate with the names, addresses and days asked for', () => {
    const x509 = made({ names: ['a.test', '*.b.test'], ips: ['127.0.0.1', '::1'], days: 2000 });
    assert.equal(x509.SubjectCName, 'a.test');
    assert.equal(x509.SubAltNameDNS, 'a.test\r\n*.b.test');
    assert.equal(x509.SubAltNameIP, '127.0.0.1\r\n::1');
    assert.equal(x509.SelfSigned, true);
    assert.equal(x509.CheckCertAndPKey(), true);
    assert.equal(x509.HasExpired, false);
    const days = (x509.ValidNotAfter.getTime() - Date.now()) / 86_400_000;
    assert.ok(Math.abs(days - 2000) < 0.01, `${days} days`);
    assert.ok(x509.ValidNotBefore.getTime() < Date.now());
  });

  for (const keyType of KEY_TYPES)
    it(`is accepted by openssl and by Node's TLS with a key of type ${keyType}`, function () {
      needsOpenssl(this);
      const x509 = made({ names: ['a.test'], keyType });
      const file = tempFile('a.pem', x509.SaveCertToText());
      const answer = openssl(['verify', '-x509_strict', '-check_ss_sig', '-CAfile', file, file]);
      assert.match(answer, /: OK/);
      createSecureContext(x509.secureParts());
      if (keyType === PrivKeyRsa1024) assert.match(x509.KeyInfo, / 2048 bits/);
    });

  it('takes some milliseconds with an EC key', () => {
    made({ names: ['warm.test'] });
    const started = performance.now();
    for (let round = 0; round < 10; round++) made({ names: ['a.test'] });
    const each = (performance.now() - started) / 10;
    assert.ok(each < 60, `${each} ms`);
  });

  it('gives every certificate a serial number of its own', () => {
    const numbers = Array.from({ length: 20 }, () => made({ names: ['a.test'] }).SerialNumHex);
    assert.equal(new Set(numbers).size, 20);
    for (const number of numbers) assert.match(number, /^[4-7][\da-f]{31}$/);
  });

  it('writes international names in ASCII and long ones into subjectAltName only', () => {
    const long = `${'a'.repeat(60)}.long.test`;
    const x509 = made({ names: ['bücher.test'] });
    assert.equal(x509.SubjectOneLine, '/CN=xn--bcher-kva.test');
    const nameless = made({ names: [long] });
    assert.deepEqual([nameless.SubjectCName, nameless.SubAltNameDNS], ['', long]);
    assert.equal(nameless.SubjectAltName.Critical, true);
  });

  it('refuses names that are none', () => {
    for (const name of ['', 'a b.test', 'a..test', 'a,DNS:b.test', '*', 'a.*.test', 'a\0.test'])
      assert.match(
        raisedBy(() => made({ names: [name] })).message,
        /^Invalid Common Name, Illegal Characters/,
        JSON.stringify(name),
      );
    assert.ok(raisedBy(() => made({ ips: ['1.2.3'] })) instanceof EX509Exception);
    assert.ok(raisedBy(() => made({ subject: { C: 'Germany' } })) instanceof EX509Exception);
  });

  it('adds extensions for ACME challenges', function () {
    needsOpenssl(this);
    const value = octetString(Buffer.alloc(32, 7));
    const extra = [{ oid: '1.3.6.1.5.5.7.1.31', critical: true, value }];
    const x509 = made({ names: ['a.test'], extra });
    assert.equal(x509.GetExtensionByName('acmeIdentifier').Critical, true);
    const file = tempFile('a.pem', x509.SaveCertToText());
    const printed = openssl(['x509', '-in', file, '-noout', '-text']);
    assert.match(printed, /1\.3\.6\.1\.5\.5\.7\.1\.31: critical/);
  });

  it('writes dates of every century as OpenSSL wants them', function () {
    needsOpenssl(this);
    for (const year of [1950, 1999, 2049, 2050, 9999]) {
      const notAfter = new Date(Date.UTC(year, 11, 31, 23, 59, 58));
      const notBefore = new Date(Date.UTC(1950, 0, 1));
      const { pem, cert } = makeCert({ notBefore, notAfter });
      const file = tempFile('a.pem', pem);
      const printed = openssl(['x509', '-in', file, '-noout', '-enddate']);
      assert.match(printed, new RegExp(`Dec 31 23:59:58 ${year} GMT`));
      assert.deepEqual(new TX509Base(null, cert).ValidNotAfter, notAfter);
    }
  });
});

describe('makeRequest', () => {
  for (const keyType of KEY_TYPES)
    it(`makes a request that openssl accepts, with a key of type ${keyType}`, function () {
      needsOpenssl(this);
      const request = makeRequest({
        subject: { CN: 'a.test', O: 'Örg', C: 'DE' },
        dns: ['a.test', 'b.test'],
        ips: ['::1'],
        key: generateKey(keyType),
        digest: 'sha384',
      });
      const pem = toPem('CERTIFICATE REQUEST', request);
      const file = tempFile('a.csr', pem);
      const printed = openssl([
        'req',
        '-in',
        file,
        '-verify',
        '-noout',
        '-text',
        '-nameopt',
        'utf8,sep_comma_plus_space',
      ]);
      assert.match(printed, /DNS:a\.test, DNS:b\.test, IP Address:0:0:0:0:0:0:0:1/);
      assert.match(printed, /Subject: C=DE, O=Örg, CN=a\.test/);
    });
});

describe('makeCA', () => {
  it('makes chains that openssl verifies', function () {
    needsOpenssl(this);
    const root = makeCA();
    const inter = makeCA({ ca: root, cn: 'Inter', pathLength: 0 });
    const leaf = makeCert({ ca: inter, names: ['a.test'] });
    const rootFile = tempFile('root.pem', root.pem);
    const interFile = tempFile('inter.pem', inter.pem);
    const verify = (pem: string): string =>
      openssl([
        ...['verify', '-x509_strict', '-CAfile', rootFile, '-untrusted', interFile],
        ...['-verify_hostname', 'a.test', tempFile('leaf.pem', pem)],
      ]);
    assert.match(verify(leaf.pem), /: OK/);
    const impostor = makeCert({ ca: makeCA({ cn: 'Inter' }), names: ['a.test'] });
    assert.throws(() => verify(impostor.pem));
    assert.equal(
      new TX509Base(null, inter.cert).BasicConstraints.replaceAll('\r\n', ' '),
      'CA=TRUE pathlen=0',
    );
  });
});
