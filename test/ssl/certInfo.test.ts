// TX509Base.CertInfo, CertMainInfo and the fingerprints.

import assert from 'node:assert/strict';
import { MaxDateTime, MinDateTime, TX509Base } from '../../lib';
import { makeCA, makeCert, openssl, tempFile } from '../support/certificates';
import { needsOpenssl } from './needsOpenssl';

const notBefore = new Date('2026-01-02T03:04:05Z');
const notAfter = new Date('2036-11-12T13:14:15Z');

function loaded(pem: string): TX509Base {
  const cert = new TX509Base();
  cert.LoadFromText(pem);
  return cert;
}

describe('TX509Base.CertInfo', () => {
  it('[SSL-39] has the lines of ICS, brief ones with a CR LF at the end', () => {
    const ca = makeCA({ cn: 'Chain CA', subject: { O: 'Org', OU: 'Unit' } });
    const { pem, cert } = makeCert({
      ca,
      cn: 'www.a.test',
      subject: { O: 'Owner' },
      names: ['www.a.test', 'xn--mnchen-3ya.test'],
      ips: ['127.0.0.1', '2001:db8:0:0::1'],
      notBefore,
      notAfter,
      serial: Buffer.from('0abc', 'hex'),
    });
    const brief = [
      'Issued to (CN): www.a.test, (O): Owner',
      'Alt Domains (SAN): www.a.test, münchen.test',
      'Alt IP: 127.0.0.1, 2001:db8::1',
      'Issuer (CN): Chain CA, (O): Org, (OU): Unit',
      'Expires: 2036-11-12T13:14:15, Signature: ecdsa-with-SHA256',
    ];
    const x509 = loaded(pem);
    assert.equal(x509.CertInfo(true), brief.map((line) => `${line}\r\n`).join(''));
    const fingerprint = cert.fingerprint256.replaceAll(':', '').toLowerCase();
    assert.deepEqual(x509.CertInfo(false).split('\r\n'), [
      ...brief,
      'Valid From: 2026-01-02T03:04:05, Serial Number: 0abc',
      `Fingerprint (sha256): ${fingerprint}`,
      'Public Key: ECDSA Key Encryption prime256v1 256 bits, 128 security bits',
    ]);
    assert.equal(
      x509.CertMainInfo(),
      'SAN: www.a.test, münchen.test, O: Owner, Issuer: Chain CA, Expires: 2036-11-12',
    );
  });

  it('says "(Blank)" and "Self Signed" where there are no names and no issuer', () => {
    const own = loaded(makeCert({ cn: '', subject: { O: 'Only O' }, notAfter }).pem);
    const [first, second, third] = own.CertInfo(true).split('\r\n');
    assert.equal(first, 'Issued to (CN): (Blank), (O): Only O');
    assert.equal(second, 'Issuer: Self Signed');
    assert.equal(third, 'Expires: 2036-11-12T13:14:15, Signature: ecdsa-with-SHA256');
    assert.equal(
      own.CertMainInfo(),
      'CN: (Blank), O: Only O, Issuer: Self Signed, Expires: 2036-11-12',
    );
  });

  it('marks Extended Validation by the policy of the CA/Browser Forum', () => {
    // certificatePolicies with 2.23.140.1.1
    const value = Buffer.from('3009300706056781 0c0101'.replace(' ', ''), 'hex');
    const extra = [{ oid: '2.5.29.32', value }];
    const x509 = loaded(makeCert({ names: ['ev.test'], extra }).pem);
    assert.equal(x509.ExtendedValidation, true);
    assert.equal(x509.CertPolicies, 'Policy: 2.23.140.1.1');
    assert.match(x509.CertInfo(), /\r\nExtended Validation \(EV\) SSL Server Certificate$/);
    assert.equal(loaded(makeCert().pem).ExtendedValidation, false);
  });

  it('does not let a name pretend to be a line of its own', () => {
    const x509 = loaded(makeCert({ cn: 'a\r\nIssuer (CN): Bank\u0000', ca: makeCA() }).pem);
    assert.equal(x509.SubjectCName, 'a\\x0D\\x0AIssuer (CN): Bank\\x00');
    assert.equal(x509.CertInfo(true).split('\r\n').length, 4);
  });

  it('answers with nothing for an empty object', () => {
    const empty = new TX509Base();
    assert.equal(empty.CertInfo(), '');
    assert.equal(empty.CertMainInfo(), '');
    assert.equal(empty.Sha1Hex + empty.Sha256Hex + empty.SubjectOneLine + empty.KeyInfo, '');
    assert.equal(empty.SerialNum, -1);
    assert.deepEqual(empty.ValidNotBefore, MaxDateTime);
    assert.deepEqual(empty.ValidNotAfter, MinDateTime);
    assert.equal(empty.HasExpired, true);
    assert.equal(empty.VerifyResult, 50);
    assert.equal(empty.VerifyErrMsg, '');
    assert.deepEqual([empty.IsCertLoaded, empty.IsPKeyLoaded, empty.InterCount], [false, false, 0]);
  });
});

describe('TX509Base.Sha1Hex', () => {
  it('[SSL-40] and Sha256Hex are the fingerprints of openssl in upper case', function () {
    needsOpenssl(this);
    const { pem } = makeCert();
    const file = tempFile('a.pem', pem);
    const x509 = loaded(pem);
    for (const [digest, length] of [
      ['sha1', 40],
      ['sha256', 64],
    ] as const) {
      const printed = openssl(['x509', '-in', file, '-noout', '-fingerprint', `-${digest}`]);
      const expected = printed.trim().replace(/^.*=/, '').replaceAll(':', '');
      const own = digest === 'sha1' ? x509.Sha1Hex : x509.Sha256Hex;
      assert.match(own, new RegExp(`^[\\dA-F]{${length}}$`));
      assert.equal(own, expected);
    }
    assert.equal(x509.Sha256Digest.toString('hex').toUpperCase(), x509.Sha256Hex);
  });
});
