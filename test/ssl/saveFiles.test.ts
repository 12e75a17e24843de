// TX509Base.SaveToFile and its relatives: what is written can be read by openssl, Node and us.

import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import {
  croNo,
  croTry,
  croYes,
  ESslTX509Exception,
  PrivKeyEncAES128,
  PrivKeyEncAES256,
  TX509Base,
} from '../../lib';
import { makeCA, makeCert, openssl, tempDir, tempFile } from '../support/certificates';
import { skipTest } from '../support/skipTest';
import { needsOpenssl } from './needsOpenssl';
import { raisedBy } from './raisedBy';

const root = makeCA();
const inter = makeCA({ ca: root, cn: 'Inter' });
const leaf = makeCert({ ca: inter, names: ['save.test'] });

function loaded(): TX509Base {
  const x509 = new TX509Base();
  x509.LoadFromText(leaf.keyPem + leaf.pem + inter.pem + root.pem, croYes, croYes);
  return x509;
}

describe('TX509Base.SaveToFile', () => {
  it('chooses the format by the extension', () => {
    const folder = tempDir();
    for (const name of ['a.pfx', 'a.p12', 'a.pem', 'a.cer']) {
      const file = path.join(folder, name);
      loaded().SaveToFile(file, true, false, true, 'secret');
      const copy = new TX509Base();
      copy.LoadFromFile(file, croYes, croTry, 'secret');
      assert.equal(copy.CheckCertAndPKey(), true, name);
      assert.ok(copy.InterCount >= 1, name);
    }
    const der = path.join(folder, 'a.der');
    loaded().SaveToFile(der, true);
    assert.deepEqual(readFileSync(der), leaf.cert.raw);
    for (const name of ['a.p7b', 'a.p7r', 'a.p7s', 'a.spc']) {
      const file = path.join(folder, name);
      loaded().SaveToFile(file, true, false, true);
      const copy = new TX509Base();
      copy.LoadFromFile(file, croNo, croTry);
      assert.deepEqual([copy.SubjectCName, copy.InterCount], ['save.test', 2], name);
      assert.equal(copy.IsPKeyLoaded, false);
    }
  });

  it('writes certificate, key and intermediates, without roots, as PEM', () => {
    const file = path.join(tempDir(), 'a.pem');
    loaded().SaveToFile(file, true, false, true);
    const text = readFileSync(file, 'utf8');
    const labels = [...text.matchAll(/BEGIN (.*)-----/g)].map(([, label]) => label);
    assert.deepEqual(labels, ['CERTIFICATE', 'PRIVATE KEY', 'CERTIFICATE']);
    createSecureContext({ cert: text, key: text });
    loaded().SaveToFile(file);
    assert.equal(readFileSync(file, 'utf8'), leaf.pem);
  });

  it('puts descriptions in front, in which no name can begin a block', () => {
    const evil = makeCert({ cn: `-----BEGIN CERTIFICATE-----`, names: ['evil.test'] });
    const x509 = new TX509Base(null, evil.cert);
    const file = path.join(tempDir(), 'a.pem');
    x509.SaveToFile(file, false, true);
    assert.match(readFileSync(file, 'utf8'), /^Issued to \(CN\): - - -BEGIN/);
    x509.LoadFromFile(file);
    assert.equal(x509.SubAltNameDNS, 'evil.test');
  });

  it('encrypts the key when there is a password, whatever the cipher', function () {
    needsOpenssl(this);
    const file = path.join(tempDir(), 'a.pem');
    for (const cipher of [undefined, PrivKeyEncAES128, PrivKeyEncAES256]) {
      loaded().PrivateKeySaveToPemFile(file, 'pässword', cipher);
      const text = readFileSync(file, 'utf8');
      assert.match(text, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
      assert.equal(openssl(['pkey', '-in', file, '-passin', 'pass:pässword']), leaf.keyPem);
      const copy = new TX509Base();
      copy.PrivateKeyLoadFromPemFile(file, 'pässword');
      assert.equal(copy.SavePKeyToText(), leaf.keyPem);
    }
    const error = raisedBy(() => loaded().SavePKeyToText('', PrivKeyEncAES256));
    assert.match(error.message, /password is needed/);
  });

  it('writes public keys', function () {
    needsOpenssl(this);
    const text = loaded().PublicKeySaveToText();
    assert.equal(text, openssl(['pkey', '-pubout'], leaf.keyPem));
    const other = new TX509Base();
    other.PublicKeyLoadFromText(text);
    assert.equal(other.PublicKeySaveToText(), text);
    assert.equal(raisedBy(() => other.SavePKeyToText()).message, 'Private key not assigned');
    assert.equal(other.secureParts().key, undefined);
  });

  it('makes new files with a key readable for the owner only and keeps rights of old ones', function () {
    if (process.platform === 'win32') skipTest(this, 'Windows has no POSIX file modes');
    const file = path.join(tempDir(), 'a.pem');
    const mode = (): number => statSync(file).mode & 0o777;
    loaded().SaveToFile(file, true);
    assert.equal(mode(), 0o600);
    chmodSync(file, 0o640);
    loaded().SaveToFile(file, true);
    assert.equal(mode(), 0o640);
  });

  it('replaces a file in one step, also behind a link, and leaves nothing beside it', function () {
    if (process.platform === 'win32') skipTest(this, 'Windows has no POSIX file modes');
    const file = tempFile('real.pem', 'old contents, long enough to be read');
    const folder = path.dirname(file);
    const link = path.join(folder, 'link.pem');
    symlinkSync(file, link);
    const before = statSync(file).ino;
    loaded().SaveToFile(link);
    assert.notEqual(statSync(file).ino, before);
    assert.equal(lstatSync(link).isSymbolicLink(), true);
    assert.equal(readFileSync(file, 'utf8'), leaf.pem);
    assert.deepEqual(readdirSync(folder).sort(), ['link.pem', 'real.pem']);
  });

  it('says why a file cannot be written', () => {
    const file = path.join(tempDir(), 'none', 'a.pem');
    const error = raisedBy(() => loaded().SaveToFile(file));
    assert.ok(error instanceof ESslTX509Exception);
    assert.match(error.message, /^Can't write file ".*a\.pem" - ENOENT/);
    const empty = new TX509Base();
    assert.equal(raisedBy(() => empty.SaveToFile(file)).message, 'X509 not assigned');
    assert.equal(raisedBy(() => empty.SaveToDERFile(file)).message, 'X509 not assigned');
    assert.equal(raisedBy(() => empty.PublicKeySaveToText()).message, 'Private key not assigned');
  });

  it('saves the intermediates alone', () => {
    const file = path.join(tempDir(), 'inters.pem');
    loaded().SaveIntersToToPemFile(file);
    const copy = new TX509Base();
    copy.LoadIntersFromPemFile(file);
    assert.deepEqual(
      copy.X509Inters.map((cert) => cert.fingerprint),
      [inter.cert.fingerprint],
    );
  });
});

describe('TX509Base.LoadFromP7BFile', () => {
  it('finds the certificate among those of openssl, in DER and PEM', function () {
    needsOpenssl(this);
    const all = tempFile('all.pem', root.pem + inter.pem + leaf.pem);
    for (const form of ['DER', 'PEM']) {
      const file = path.join(tempDir(), 'a.p7b');
      openssl(['crl2pkcs7', '-nocrl', '-certfile', all, '-outform', form, '-out', file]);
      const x509 = new TX509Base();
      x509.LoadFromFile(file, croNo, croYes);
      assert.equal(x509.SubjectCName, 'save.test');
      assert.deepEqual(
        x509.X509Inters.map((cert) => cert.subject).sort(),
        [inter.cert.subject, root.cert.subject].sort(),
      );
    }
  });

  it('writes what openssl reads', function () {
    needsOpenssl(this);
    const file = path.join(tempDir(), 'a.p7b');
    for (const base64 of [false, true]) {
      loaded().SaveToP7BFile(file, true, base64);
      const form = base64 ? 'PEM' : 'DER';
      const printed = openssl(['pkcs7', '-in', file, '-inform', form, '-print_certs']);
      assert.equal(printed.match(/BEGIN CERTIFICATE/g)?.length, 3);
    }
  });

  it('has texts for files that are none', () => {
    const message = (contents: string | Uint8Array): string => {
      const file = tempFile('a.p7b', contents);
      return raisedBy(() => new TX509Base().LoadFromFile(file)).message.replace(` - ${file}`, '');
    };
    assert.match(message('this is no PKCS 7 file'), /^Error PKCS7 certificate - ASN\.1: /);
    assert.equal(message('-----BEGIN PKCS7-----\nAAAA'), 'No PEM Content Found');
    assert.match(message(leaf.cert.raw), /^Error PKCS7 certificate - /);
  });
});
