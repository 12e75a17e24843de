// PKCS #12 files of openssl and of our own, with right and wrong passwords.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import {
  croNo,
  croTry,
  croYes,
  EX509Exception,
  PrivKeyEncIDEA,
  PrivKeyEncAES128,
  PrivKeyEncTripleDES,
  TX509Base,
  TX509List,
} from '../../lib';
import {
  makeCA,
  makeCert,
  openssl,
  tempDir,
  tempFile,
  type TestCert,
} from '../support/certificates';
import { needsOpenssl } from './needsOpenssl';
import { raisedBy } from './raisedBy';

const root = makeCA();
const inter = makeCA({ ca: root, cn: 'Inter' });
const leaf = makeCert({ ca: inter, names: ['pfx.test'] });

/** Made by openssl; the intermediates stand in front of the certificate. */
function opensslPfx(from: TestCert, password: string, ...options: string[]): string {
  const file = path.join(tempDir(), 'a.pfx');
  const pem = tempFile('in.pem', from.bundlePem);
  openssl([
    'pkcs12',
    '-export',
    '-in',
    pem,
    '-out',
    file,
    '-passout',
    `pass:${password}`,
    ...options,
  ]);
  return file;
}

function expectAll(file: string, password: string): void {
  const x509 = new TX509Base();
  x509.LoadFromFile(file, croYes, croTry, password);
  assert.equal(x509.SubjectCName, 'pfx.test');
  assert.equal(x509.CheckCertAndPKey(), true);
  assert.deepEqual(
    x509.X509Inters.map((cert) => cert.fingerprint),
    [inter.cert.fingerprint],
  );
}

describe('TX509Base.LoadFromFile of a PKCS #12 file', () => {
  const kinds: Record<string, string[]> = {
    'as openssl 3 makes it': [],
    'as older programs made it, with RC2 and Triple DES': ['-legacy'],
    'with 128-bit RC2 and Triple DES of two keys': [
      ...['-legacy', '-certpbe', 'PBE-SHA1-RC2-128', '-keypbe', 'PBE-SHA1-2DES'],
    ],
    'with AES-128 and SHA-512': [
      ...['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'sha512'],
    ],
    'without a MAC': ['-nomac'],
    'without a MAC, certificates encrypted': ['-nomac', '-certpbe', 'AES-256-CBC'],
    'with certificates in clear': ['-certpbe', 'NONE'],
  };
  for (const [title, options] of Object.entries(kinds))
    it(`[SSL-42] reads certificate, key and intermediates ${title}`, function () {
      needsOpenssl(this);
      expectAll(opensslPfx(leaf, 'secret', ...options), 'secret');
    });

  for (const options of [[], ['-legacy'], ['-nomac', '-certpbe', 'AES-256-CBC']])
    it(`[SSL-42] tells a wrong password (${options.join() || 'default'})`, function () {
      needsOpenssl(this);
      const file = opensslPfx(leaf, 'secret', ...options);
      for (const password of ['Secret', '', 'secret ']) {
        const x509 = new TX509Base();
        const error = raisedBy(() => x509.LoadFromFile(file, croYes, croTry, password));
        assert.ok(error instanceof EX509Exception);
        assert.equal(error.code, 'ERR_PKCS12_PASSWORD');
        assert.equal(error.message, `Error PKCS12 certificate password invalid - ${file}`);
        assert.deepEqual([x509.IsCertLoaded, x509.IsPKeyLoaded], [false, false]);
      }
    });

  it('opens a file without password whatever password is given', function () {
    needsOpenssl(this);
    const file = opensslPfx(leaf, '');
    expectAll(file, '');
    expectAll(file, 'not needed');
  });

  it('reads passwords outside of ASCII', function () {
    needsOpenssl(this);
    expectAll(opensslPfx(leaf, 'Pässwörd€'), 'Pässwörd€');
  });

  it('wants a key only when told so', function () {
    needsOpenssl(this);
    const file = opensslPfx(leaf, 'secret', '-nokeys');
    const x509 = new TX509Base();
    x509.LoadFromFile(file, croTry, croNo, 'secret');
    assert.deepEqual([x509.IsCertLoaded, x509.IsPKeyLoaded, x509.InterCount], [true, false, 0]);
    const error = raisedBy(() => x509.LoadFromFile(file, croYes, croNo, 'secret'));
    assert.equal(error.message, `Error reading private key from buffer - ${file}`);
  });

  it('refuses to work for ever for a file that asks for it', function () {
    needsOpenssl(this);
    const bytes = readFileSync(opensslPfx(leaf, 'secret', '-iter', '65535'));
    // 65535 iterations are written as 02 03 00 ff ff; 02 03 7f ff ff are eight million.
    const count = Buffer.from('020300ffff', 'hex');
    for (let at = bytes.indexOf(count); at >= 0; at = bytes.indexOf(count, at + 1))
      bytes[at + 2] = 0x7f;
    const error = raisedBy(() => new TX509Base().LoadFromP12Buffer(bytes, croYes, croNo, 'secret'));
    assert.equal(error.message, 'Error PKCS12 certificate - too many iterations');
  });

  it('says what is wrong with a file that is none', () => {
    const file = tempFile('a.p12', 'this is not a PKCS #12 file');
    const error = raisedBy(() => new TX509Base().LoadFromFile(file));
    assert.match(error.message, /^Error PKCS12 certificate - .*a\.p12$/);
  });
});

describe('TX509Base.SaveToP12File', () => {
  function loaded(): TX509Base {
    const x509 = new TX509Base();
    x509.LoadFromText(leaf.bundlePem, croYes, croTry);
    return x509;
  }

  for (const cipher of [undefined, PrivKeyEncAES128, PrivKeyEncTripleDES])
    it(`writes what openssl, Node and we read (cipher ${String(cipher)})`, function () {
      needsOpenssl(this);
      const file = path.join(tempDir(), 'own.pfx');
      loaded().SaveToP12File(file, 'sécret', true, cipher);
      expectAll(file, 'sécret');
      createSecureContext({ pfx: readFileSync(file), passphrase: 'sécret' });
      const printed = openssl(['pkcs12', '-in', file, '-passin', 'pass:sécret', '-nodes']);
      assert.equal(printed.match(/BEGIN CERTIFICATE/g)?.length, 2);
      assert.match(printed, /friendlyName: pfx\.test/);
      assert.match(printed, /BEGIN PRIVATE KEY/);
      assert.throws(
        () => openssl(['pkcs12', '-in', file, '-passin', 'pass:x', '-noout']),
        /Mac verify/,
      );
    });

  it('writes one without password and one without key', function () {
    needsOpenssl(this);
    const file = path.join(tempDir(), 'own.pfx');
    loaded().SaveToP12File(file, '', true);
    expectAll(file, '');
    const printed = openssl(['pkcs12', '-in', file, '-passin', 'pass:', '-nodes']);
    assert.match(printed, /BEGIN PRIVATE KEY/);
    loaded().SaveToP12File(file, 'x', false, undefined, false);
    const noKey = openssl(['pkcs12', '-in', file, '-passin', 'pass:x', '-nodes']);
    assert.doesNotMatch(noKey, /PRIVATE KEY/);
  });

  it('names the remedy for a cipher that OpenSSL has no more', () => {
    const error = raisedBy(() => loaded().SaveToP12Buf('x', false, PrivKeyEncIDEA));
    assert.match(error.message, /IDEA .* PrivKeyEncAES256/);
  });

  it('raises without certificate or key', () => {
    assert.equal(raisedBy(() => new TX509Base().SaveToP12Buf('x')).message, 'X509 not assigned');
    const noKey = new TX509Base(null, leaf.cert);
    assert.equal(raisedBy(() => noKey.SaveToP12Buf('x')).message, 'Private key not assigned');
  });

  it('saves and loads a list of roots', () => {
    const list = new TX509List();
    for (const { cert } of [root, inter]) list.Add(cert);
    const file = path.join(tempDir(), 'roots.p12');
    assert.equal(list.SaveAllToP12File(file), 2);
    const copy = new TX509List();
    assert.equal(copy.LoadAllFromFile(file), 2);
    assert.equal(copy.ListCerts(), list.ListCerts());
  });
});
