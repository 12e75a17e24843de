// TSslX509Certs without any authority: names, defaults, database, keys, files.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import tls from 'node:tls';
import { IcsBuildCertFName, TSslX509Certs } from '../../lib';
import { renewalId, renewalIdOf } from '../../lib/certs/acme/renewal';
import { saveCertificate, setPartNames, sortDownload } from '../../lib/certs/certOutput';
import { ControlDb } from '../../lib/certs/controlDb';
import { newChallenge } from '../../lib/certs/accountSession';
import { newDomain, newSan, type DomainRecord } from '../../lib/certs/records';
import {
  IssStateCollected,
  OutFmtBudl,
  OutFmtP12,
  OutFmtPwP12,
  OutFmtPwPem,
} from '../../lib/certs/x509CertsTypes';
import { TSslPrivKeyCipher, TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { octetString, sequence, implicit } from '../../lib/ssl/derWriter';
import { detailsOf } from '../../lib/ssl/certDetails';
import {
  ChallDnsAuto,
  ChallFileSrv,
  Digest_sha256,
  SuppProtoOwnCA,
} from '../../lib/ssl/orderTypes';
import { generateKey } from '../../lib/ssl/selfSigned';
import { makeCA, makeCert, openssl, tempDir } from '../support/certificates';
import { track } from '../support';
import { needsOpenssl } from '../ssl/needsOpenssl';
import { newCerts } from './newCerts';

const DAY_MS = 86_400_000;

function savedDomain(dir: string, more: Partial<DomainRecord> = {}): DomainRecord {
  const ca = makeCA();
  const inter = makeCA({ ca, cn: 'Inter' });
  const leaf = makeCert({ ca: inter, names: ['a.test'] });
  const domain = newDomain({ CertCommonName: 'a.test' });
  Object.assign(domain, { CertOutFmts: new Set([OutFmtBudl, OutFmtP12, OutFmtPwP12]) }, more);
  domain.sans = [newSan({ Domain: 'a.test' })];
  setPartNames(domain, dir, 'T-');
  const download = inter.pem + leaf.pem;
  const { cert, inters } = sortDownload(download, domain, leaf.key);
  assert.equal(cert.raw.compare(leaf.cert.raw), 0);
  saveCertificate(domain, { cert, inters, key: leaf.key, csr: null });
  return domain;
}

describe('TSslX509Certs without an authority', () => {
  it('[X509-1] IcsBuildCertFName makes a file name of a domain', () => {
    assert.equal(IcsBuildCertFName('*.a.example.org'), 'x_a_example_org');
    assert.equal(IcsBuildCertFName('My CA'), 'My_CA');
    assert.equal(IcsBuildCertFName('../../etc/x'), '______etc_x', 'never another directory');
  });

  it('[X509-2] a common name is trimmed and in lower case unless it is the name of a CA', () => {
    const certs = track(new TSslX509Certs(null));
    certs.CertCommonName = ' WWW.Example.Org ';
    assert.equal(certs.CertCommonName, 'www.example.org');
    certs.CertCommonName = 'My Test CA';
    assert.equal(certs.CertCommonName, 'My Test CA');
  });

  it('[X509-3] AddItem of a name that is there gives it other directories', () => {
    const { CertSubAltNames: names } = track(new TSslX509Certs(null));
    names.AddItem('a.test', '/one', '/two');
    assert.equal(names.AddItem(' A.Test', '/three'), 0);
    assert.equal(names.Count, 1);
    assert.equal(names.Items(0)?.DirWellKnown, '/three');
    assert.equal(names.Items(0)?.DirPubWebCert, '');
  });

  it('[X509-4] the defaults are those of ICS', () => {
    const certs = track(new TSslX509Certs(null));
    assert.equal(certs.PrivKeyType, TSslPrivKeyType.PrivKeyRsa2048);
    assert.equal(certs.CertSignDigestType, Digest_sha256);
    assert.equal(certs.CertValidity, 365);
    assert.equal(certs.DomWebSrvIP, '0.0.0.0');
    assert.equal(certs.DomWebSrvIP2, '::');
    assert.equal(certs.AccountTimeOutMins, 10);
    assert.equal(certs.AutoOrderComplete, false);
    assert.equal(certs.CertOutFmts.size, 0);
  });

  it('[X509-20] the certificate of a tls-alpn-01 challenge has the digest of its answer', () => {
    const certs = track(new TSslX509Certs(null));
    const file = `${tempDir()}/alpn.pem`;
    certs.CreateAcmeAlpnCert(file, 'a.test', 'token.thumb');
    const pem = fs.readFileSync(file);
    const cert = new X509Certificate(pem);
    const found = detailsOf(cert).extensions.find(({ oid }) => oid === '1.3.6.1.5.5.7.1.31');
    const digest = createHash('sha256').update('token.thumb').digest();
    assert.ok(found?.critical);
    assert.deepEqual(found.value, Buffer.concat([Buffer.from([4, 32]), digest]));
    assert.equal(cert.subjectAltName, 'DNS:a.test');
    const days = (Date.parse(cert.validTo) - Date.now()) / DAY_MS;
    assert.ok(days > 6.9 && days <= 7);
    tls.createSecureContext({ cert: pem, key: pem });
  });

  it('[X509-29] the leaf is found behind its intermediate in the download', () => {
    const domain = savedDomain(tempDir());
    const cert = new X509Certificate(
      fs.readFileSync(domain.FileFinalBundle, 'latin1').replace(/^[\s\S]*?(?=-----BEGIN)/, ''),
    );
    assert.equal(cert.subject, 'CN=a.test');
  });

  it('a download without a certificate for the key is refused', () => {
    const { pem } = makeCert({ names: ['a.test'] });
    const domain = newDomain({ CertCommonName: 'a.test' });
    const other = generateKey(TSslPrivKeyType.PrivKeyECsecp256);
    assert.throws(() => sortDownload(pem, domain, other), /No certificate for the private key/);
  });

  it('[X509-30] with a password the key of a bundle is encrypted and loads with it only', () => {
    const domain = savedDomain(tempDir(), {
      CertOutFmts: new Set([OutFmtBudl, OutFmtPwPem]),
      PrivKeyPassword: 'secret',
      PrivKeyCipher: TSslPrivKeyCipher.PrivKeyEncAES256,
    });
    const pem = fs.readFileSync(domain.FileFinalBundle);
    assert.match(pem.toString(), /BEGIN ENCRYPTED PRIVATE KEY/);
    tls.createSecureContext({ cert: pem, key: pem, passphrase: 'secret' });
    assert.throws(() => tls.createSecureContext({ cert: pem, key: pem, passphrase: 'other' }));
  });

  it('[X509-31] a PFX that was written without a password loads without one', () => {
    const dir = tempDir();
    savedDomain(dir);
    tls.createSecureContext({ pfx: fs.readFileSync(`${dir}/a_test.pfx`), passphrase: '' });
  });

  it('[X509-32] kinds of keys: P-384 as asked, RSA with 1024 bits becomes 2048', () => {
    const ec = generateKey(TSslPrivKeyType.PrivKeyECsecp384);
    assert.equal(ec.asymmetricKeyDetails?.namedCurve, 'secp384r1');
    const rsa = generateKey(TSslPrivKeyType.PrivKeyRsa1024);
    assert.equal(rsa.asymmetricKeyDetails?.modulusLength, 2048);
  });

  it('[X509-33] order numbers begin with 1001 and go on after a restart', () => {
    const dir = tempDir();
    const first = new ControlDb(dir);
    assert.deepEqual([first.newOrderNum(), first.newOrderNum()], [1001, 1002]);
    assert.equal(new ControlDb(dir).newOrderNum(), 1003);
  });

  it('[X509-34] a database of V9.4 is read without loss and stays readable', () => {
    const dir = tempDir();
    const text = [
      '[account]',
      'SupplierProto=SuppProtoAcmeV2',
      'OAAccToken=legacy',
      'SeqOrderNum=1044',
      '[domain-www.example.org]',
      'CertCommonName=www.example.org',
      'IssueState=IssStateCollect',
      'CertOutFmts=[OutFmtBudl,OutFmtP12]',
      'NewCertStartDT=2025-03-04T05:06:07',
      'CertPhone=+44 1',
      '[san-www.example.org=b.example.org]',
      'Domain=b.example.org',
      'SAIssueState=IssStateInstall',
      '',
    ].join('\r\n');
    fs.writeFileSync(`${dir}/ics-control.db`, text);
    const db = new ControlDb(dir);
    const domain = db.readDomain('www.example.org')!;
    assert.equal(domain.IssueState, IssStateCollected);
    assert.deepEqual([...domain.CertOutFmts], [OutFmtBudl, OutFmtP12]);
    assert.equal(domain.NewCertStartDT.getTime(), new Date(2025, 2, 4, 5, 6, 7).getTime());
    assert.equal(domain.sans[0]?.Domain, 'b.example.org');
    db.writeDomain(domain);
    const after = fs.readFileSync(`${dir}/ics-control.db`, 'utf8');
    for (const line of [
      'OAAccToken=legacy',
      'CertPhone=+44 1',
      'CertOutFmts=[OutFmtBudl,OutFmtP12]',
    ])
      assert.ok(after.includes(line), line);
    assert.deepEqual(new ControlDb(dir).readDomain('www.example.org'), domain);
  });

  it('[X509-35] challenges without an end are kept a day, with DNS a week', () => {
    const dir = tempDir();
    const db = new ControlDb(dir);
    const ago = (days: number): Date => new Date(Date.now() - days * DAY_MS);
    const items = [
      newChallenge({ CDomain: 'old.test', CType: ChallFileSrv, CStartDT: ago(1.1) }),
      newChallenge({ CDomain: 'new.test', CType: ChallFileSrv, CStartDT: ago(0.9) }),
      newChallenge({ CDomain: 'dns.test', CType: ChallDnsAuto, CStartDT: ago(6.9) }),
      newChallenge({ CDomain: 'olddns.test', CType: ChallDnsAuto, CStartDT: ago(7.1) }),
    ];
    for (const item of items) db.writeChallenge(item);
    const left = (): string[] => new ControlDb(dir).readChallenges().map(({ CDomain }) => CDomain);
    assert.deepEqual(left(), ['new.test', 'dns.test']);
    assert.ok(!fs.readFileSync(db.fileName, 'utf8').includes('old'), 'they have left the file');
  });

  it('[X509-43] the id for renewal information is the one of RFC 9773', () => {
    const keyId = Buffer.from('69885B6B87464041E1B37B847BA0AE2CDE01C8D4', 'hex');
    const serial = Buffer.from('0087654321', 'hex');
    const id = 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE';
    assert.equal(renewalIdOf(keyId, serial), id);
    const ca = makeCA();
    const { cert } = makeCert({ ca, serial: Buffer.from('87654321', 'hex') });
    const own = detailsOf(ca.cert).extensions.find(({ oid }) => oid === '2.5.29.14')!.value;
    const expected = own.subarray(2).toString('base64url');
    assert.equal(renewalId(cert), `${expected}.AIdlQyE`);
    assert.ok(sequence(implicit(0, octetString(serial))).length > 0);
  });

  it('[X509-45] the own CA signs; openssl accepts the result and index.txt has a row', async function () {
    needsOpenssl(this);
    const { certs, dir } = newCerts();
    const ca = makeCA({ cn: 'Own CA' });
    certs.SupplierProto = SuppProtoOwnCA;
    certs.CACertFile = `${dir}/ca.pem`;
    fs.writeFileSync(certs.CACertFile, ca.pem + ca.keyPem);
    let newCount = 0;
    certs.OnNewCert = () => void newCount++;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    certs.CertCommonName = 'intra.test';
    assert.ok(await certs.CertSaveDomain('intra.test'));
    assert.ok(await certs.OwnCASign('intra.test'), certs.LastError);
    assert.equal(newCount, 1);
    const verified = openssl(['verify', '-CAfile', certs.CACertFile, certs.FileFinalBundle]);
    assert.match(verified, /: OK/);
    const [state, end, revoked, serial] = fs.readFileSync(`${dir}/index.txt`, 'utf8').split('\t');
    assert.deepEqual([state, revoked], ['V', '']);
    assert.match(end ?? '', /^\d{12}Z$/);
    const shown = openssl(['x509', '-in', certs.FileFinalBundle, '-noout', '-serial']);
    assert.equal(shown.trim(), `serial=${serial}`);
  });

  it('[X509-49] WebSrvHttp ignores case and port of the host, not the case of the token', async () => {
    const { certs, dir } = newCerts();
    certs.SupplierProto = SuppProtoOwnCA;
    const db = new ControlDb(dir);
    const CResp = 'AbC.thumb';
    const CPage = 'acme-challenge/AbC';
    const more = { CType: ChallFileSrv, CStartDT: new Date(), CPage, CResp };
    db.writeChallenge(newChallenge({ CDomain: 'a.example.test', ...more }));
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    const answer = (host: string, path: string): string => {
      const body = { Value: '' };
      certs.WebSrvHttp(null, host, path, body);
      return body.Value;
    };
    assert.equal(answer('A.Example.Test:25002', `/.well-known/${CPage}`), CResp);
    assert.equal(answer('a.example.test', '/.well-known/acme-challenge/abc'), '');
    assert.equal(answer('b.example.test', `/.well-known/${CPage}`), '');
    assert.equal(answer('a.example.test', '/.well-known/acme-challenge/'), '');
  });
});
