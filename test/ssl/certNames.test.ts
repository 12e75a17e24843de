// The reading properties of TX509Base, compared with what openssl prints.

import assert from 'node:assert/strict';
import path from 'node:path';
import { IcsUnwrapNames, TX509Base } from '../../lib';
import { makeCA, makeCert, openssl, tempDir, tempFile } from '../support/certificates';
import { needsOpenssl } from './needsOpenssl';

const SUBJECT =
  '/C=DE/ST=Bayern/L=München/O=First/O=Second/OU=De\\+p\\/t/CN=a.test/CN=b.test' +
  '/emailAddress=a@b.test+serialNumber=HRB 1';

const CONFIG = `
[ext]
basicConstraints = critical, CA:TRUE, pathlen:3
keyUsage = digitalSignature, nonRepudiation, keyCertSign, encipherOnly, decipherOnly
extendedKeyUsage = critical, serverAuth, clientAuth, 1.2.3.4.5, OCSPSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:a.test, DNS:*.xn--mnchen-3ya.test, IP:10.0.0.1, IP:2001:db8::ff00:42:8329, email:a@b.test, URI:https://a.test/x
certificatePolicies = 2.23.140.1.2.1, @policy
crlDistributionPoints = URI:http://crl.test/a.crl, URI:http://crl.test/b.crl
authorityInfoAccess = OCSP;URI:http://ocsp.test/, OCSP;URI:http://ocsp2.test/, caIssuers;URI:http://ca.test/ca.cer
1.2.3.4 = critical, DER:0102
[policy]
policyIdentifier = 1.3.5.8
CPS.1 = http://cps.test/
[req]
distinguished_name = none
[none]
`;

/** A certificate with every extension, made by openssl. */
function everything(): [TX509Base, string] {
  const config = tempFile('openssl.cnf', CONFIG);
  const file = path.join(tempDir(), 'a.pem');
  const key = path.join(path.dirname(file), 'a.key');
  openssl([
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', file, '-utf8'],
    '-multivalue-rdn',
    ...['-subj', SUBJECT, '-days', '10', '-config', config, '-extensions', 'ext'],
    ...['-set_serial', '0x8000000000000001'],
  ]);
  const x509 = new TX509Base();
  x509.LoadFromPemFile(file);
  return [x509, file];
}

describe('The reading properties of TX509Base', () => {
  it('have every part of the names', function () {
    needsOpenssl(this);
    const [x509, file] = everything();
    assert.deepEqual(
      [x509.SubjectCName, x509.SubjectOName, x509.SubjectOUName, x509.SubjectCOName],
      ['a.test\r\nb.test', 'First\r\nSecond', 'De+p/t', 'DE'],
    );
    assert.deepEqual(
      [x509.SubjectSTName, x509.SubjectLName, x509.SubjectEmailName, x509.SubjectSerialName],
      ['Bayern', 'München', 'a@b.test', 'HRB 1'],
    );
    const printed = openssl(['x509', '-in', file, '-noout', '-subject', '-nameopt', 'compat']);
    // OpenSSL of before 2025 does not escape these two.
    const plain = (text: string): string => text.replace(/\\([/+])/g, '$1');
    assert.equal(plain(`subject=${x509.SubjectOneLine}`), plain(printed.trim()));
    assert.match(x509.SubjectOneLine, /\/OU=De\\\+p\\\/t\//);
    assert.equal(x509.IssuerOneLine, x509.SubjectOneLine);
    assert.equal(IcsUnwrapNames(x509.SubjectCName), 'a.test, b.test');
  });

  it("have the issuer's values in the Issuer properties", () => {
    const parts = { O: 'CA O', OU: 'CA OU', C: 'FR', ST: 'CA ST', L: 'CA L' };
    const ca = makeCA({ cn: 'CA', subject: { ...parts, emailAddress: 'ca@b.test' } });
    const x509 = new TX509Base(null, makeCert({ ca, subject: { C: 'DE', O: 'Own' } }).cert);
    assert.deepEqual(
      [x509.IssuerCName, x509.IssuerOName, x509.IssuerOUName, x509.IssuerCOName],
      ['CA', 'CA O', 'CA OU', 'FR'],
    );
    assert.deepEqual(
      [x509.IssuerSTName, x509.IssuerLName, x509.IssuerEmailName],
      ['CA ST', 'CA L', 'ca@b.test'],
    );
    assert.equal(x509.SelfSigned, false);
  });

  it('have the texts of openssl for extensions', function () {
    needsOpenssl(this);
    const [x509, file] = everything();
    const extension = (name: string): string =>
      openssl(['x509', '-in', file, '-noout', '-ext', name])
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .join('\r\n');
    const listed = (text: string): string => text.replaceAll('\r\n', ', ');
    assert.equal(listed(x509.KeyUsage), extension('keyUsage'));
    assert.equal(listed(x509.ExKeyUsage), extension('extendedKeyUsage'));
    assert.equal(x509.SubjectKeyId, extension('subjectKeyIdentifier'));
    assert.equal(x509.AuthorityKeyId, extension('authorityKeyIdentifier'));
    const untrimmed = (text: string): string => text.replaceAll('\r\n  ', '\r\n');
    assert.equal(untrimmed(x509.CertPolicies), extension('certificatePolicies'));
    assert.equal(untrimmed(x509.CRLDistribution), extension('crlDistributionPoints'));
    const access = x509.AuthorityInfoAccess.replaceAll('URI=', 'URI:');
    assert.equal(access, extension('authorityInfoAccess'));
    assert.equal(x509.BasicConstraints, 'CA=TRUE\r\npathlen=3');
    assert.equal(x509.UrlOcsp, 'http://ocsp.test/\r\nhttp://ocsp2.test/');
    assert.equal(x509.UrlIssuer, 'http://ca.test/ca.cer');
    assert.equal(x509.SubAltNameDNS, 'a.test\r\n*.münchen.test');
    assert.equal(x509.SubAltNameIP, '10.0.0.1\r\n2001:db8::ff00:42:8329');
    assert.match(x509.SubjectAltName.Value, /\r\nemail=a@b\.test\r\nURI=https:\/\/a\.test\/x$/);
  });

  it('list all extensions and find them by name', function () {
    needsOpenssl(this);
    const [x509] = everything();
    assert.equal(x509.ExtensionCount, 10);
    assert.equal(x509.Extensions.length, 10);
    assert.equal(x509.GetExtensionByName('KEYUSAGE').Value, x509.KeyUsage);
    assert.deepEqual(x509.GetExtensionByName('1.2.3.4'), {
      Critical: true,
      ShortName: '1.2.3.4',
      Value: '01:02',
    });
    assert.equal(x509.GetExtensionByName('none').ShortName, '');
  });

  it('have number, dates, key and algorithm', function () {
    needsOpenssl(this);
    const [x509, file] = everything();
    assert.equal(x509.SerialNumHex, '8000000000000001');
    assert.equal(x509.SerialNum, -1);
    assert.equal(x509.SerialNumTB.toString('hex'), '8000000000000001');
    const small = makeCert({ serial: Buffer.from('01e240', 'hex') });
    assert.equal(new TX509Base(null, small.cert).SerialNum, 123456);
    const dates = openssl(['x509', '-in', file, '-noout', '-dates']);
    const [, start, end] = /notBefore=(.*)\nnotAfter=(.*)/.exec(dates)!;
    assert.deepEqual(x509.ValidNotBefore, new Date(start!));
    assert.deepEqual(x509.ValidNotAfter, new Date(end!));
    assert.equal(x509.HasExpired, false);
    assert.equal(x509.SignatureAlgorithm, 'sha256WithRSAEncryption');
    assert.equal(x509.KeyInfo, 'RSA Key Encryption 2048 bits, 112 security bits');
    const pubKey = openssl(['x509', '-in', file, '-noout', '-pubkey']);
    assert.equal(x509.X509PublicKey?.export({ type: 'spki', format: 'pem' }), pubKey);
  });

  it('say that a certificate has expired from the day after its last one on', () => {
    const day = 86_400_000;
    const today = Math.floor(Date.now() / day) * day;
    const expired = (from: number, to: number): boolean =>
      new TX509Base(null, makeCert({ notBefore: new Date(from), notAfter: new Date(to) }).cert)
        .HasExpired;
    assert.equal(expired(today - day, today), false);
    assert.equal(expired(today - 2 * day, today - 1000), true);
    assert.equal(expired(today + day + 1000, today + 2 * day), true);
  });

  it('tell who has issued whom by the signature', () => {
    const ca = makeCA();
    const cert = new TX509Base(null, makeCert({ ca }).cert);
    const issuer = new TX509Base(null, ca.cert);
    const impostor = new TX509Base(null, makeCA().cert);
    assert.equal(cert.IssuedBy(issuer), true);
    assert.equal(issuer.IssuerOf(cert), true);
    assert.equal(cert.IssuedBy(impostor), false);
    assert.equal(cert.SameHash(new TX509Base(null, cert.X509)), true);
    assert.equal(cert.SameHash(issuer), false);
    assert.equal(cert.ComparePkey(issuer), false);
    const renewed = new TX509Base(null, makeCert({ key: ca.key }).cert);
    assert.equal(renewed.ComparePkey(issuer), true);
    const copy = new TX509Base();
    copy.Assign(renewed);
    assert.equal(copy.SameHash(renewed), true);
  });
});
