// Certificates of one's own CA, or signed by themselves (ICS: LoadOwnCA, OwnCASign, SelfSign), for
// intranets and tests. A row of index.txt, as openssl's `ca` command has it, tells of each.
import type { KeyObject, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { makeCertificate } from '../ssl/certBuilder';
import { generateKey } from '../ssl/selfSigned';
import { TCertReadOpt } from '../ssl/sslTypes';
import { EX509Exception } from '../ssl/sslErrors';
import { TX509Base } from '../ssl/TX509Base';
import { digestOf, hostNames, subjectOf, type NewCertificate } from './certOutput';
import type { DomainRecord } from './records';
import { DAY_MS, TSerNumType } from './x509CertsTypes';

const INDEX = 'index.txt';
const MIN_DAYS = 7;
const BACKDATE_MS = 3_600_000;

export interface OwnCa {
  readonly cert: X509Certificate;
  readonly key: KeyObject;
}

/** keyFile '': the key is in the certificate's file. Raises EX509Exception and others. */
export function loadOwnCa(certFile: string, keyFile: string, password: string): OwnCa {
  const base = new TX509Base(null);
  try {
    const { croNo, croYes } = TCertReadOpt;
    base.LoadFromFile(certFile, keyFile === '' ? croYes : croNo, croNo, password);
    if (keyFile !== '') base.PrivateKeyLoadFromPemFile(keyFile, password);
    const { X509: cert, PrivateKey: key } = base;
    if (!cert?.ca || !key) throw new EX509Exception(`Not the certificate of a CA: ${certFile}`);
    return { cert, key };
  } finally {
    base.Free();
  }
}

/** A new key and its certificate; without an issuer it signs itself. */
export function signCertificate(
  domain: DomainRecord,
  issuer: OwnCa | null,
  isCa: boolean,
): NewCertificate {
  const key = generateKey(domain.PrivKeyType);
  const now = Date.now();
  const days = Math.max(domain.CertValidity, MIN_DAYS);
  const isSequential = domain.CertSerNumType === TSerNumType.SerNumSequential;
  const cert = makeCertificate({
    subject: subjectOf(domain),
    ...hostNames(domain),
    key,
    ca: isCa,
    extKeyUsage: isCa ? [] : ['serverAuth', 'clientAuth'],
    digest: digestOf(domain.CertSignDigestType),
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + days * DAY_MS),
    ...(isSequential ? { serial: serialOf(domain.NewOrderNum) } : {}),
    ...(issuer ? { issuer } : {}),
  });
  const isRoot = !issuer || issuer.cert.subject === issuer.cert.issuer;
  return { cert, key, inters: isRoot ? [] : [issuer.cert], csr: null };
}

function serialOf(number: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(number, 0, 6);
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(Math.max(first, 0));
  return short[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short;
}

/** Appends the row: state, end, revocation, serial number, file, subject, names. */
export function appendIndex(folder: string, cert: X509Certificate, file: string): void {
  const end = new Date(cert.validTo)
    .toISOString()
    .replace(/\.\d+|[-:T]/g, '')
    .slice(2);
  const subject = `/${cert.subject.replaceAll('\n', '/')}`;
  const names = cert.subjectAltName ?? '';
  const row = ['V', end, '', cert.serialNumber, path.basename(file), subject, names].join('\t');
  fs.appendFileSync(path.join(folder, INDEX), `${row}\n`, { mode: 0o600 });
}
