// What is shown to the authority, by type of challenge: a page (http-01), a TXT record (dns-01), a
// certificate (tls-alpn-01, RFC 8737). Making and removing it; the application's part is events.
import fs from 'node:fs';
import path from 'node:path';
import { makeSelfSigned } from '../../ssl/selfSigned';
import { octetString } from '../../ssl/derWriter';
import { readCertFile, writeCertFile } from '../../ssl/certFiles';
import { ipToBytes } from '../../ssl/ipBytes';
import { TChallengeType } from '../../ssl/orderTypes';
import { EX509Exception, reasonOf } from '../../ssl/sslErrors';
import { IcsBuildCertFName, identifierOf } from '../certNames';
import type { TChallengeItem } from '../x509CertsTypes';
import { sha256 } from './jws';

const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';
const ALPN_CERT_DAYS = 7;
/** The token becomes part of a file name, and comes from the authority. */
const TOKEN = /^[\w-]{1,512}$/;

const { ChallFileUNC, ChallFileFtp } = TChallengeType;
/** Kinds of challenges at the authority, by the beginnings of their names here. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^ChallFile/, 'http-01'],
  [/^ChallDns/, 'dns-01'],
  [/^ChallAlpn/, 'tls-alpn-01'],
];

/** Name of the kind of challenge at the authority; '' for those ACME does not have. */
export function acmeTypeOf(type: TChallengeType): string {
  const name = TChallengeType[type] ?? '';
  return KINDS.find(([beginning]) => beginning.test(name))?.[1] ?? '';
}

/** Fills the data in, and writes the file the challenge needs, if any. */
export function prepareChallenge(item: TChallengeItem, keyAuth: string, workDir: string): void {
  if (!TOKEN.test(item.ChallgToken)) throw new EX509Exception('Invalid challenge token');
  item.CResp = keyAuth;
  switch (acmeTypeOf(item.CType)) {
    case 'http-01':
      item.CPage = `acme-challenge/${item.ChallgToken}`;
      if (item.CType === ChallFileUNC || item.CType === ChallFileFtp) writePage(item);
      break;
    case 'dns-01':
      item.CPage = `_acme-challenge.${identifierOf(item.CDomain).value}`;
      item.CDNSValue = sha256(keyAuth).toString('base64url');
      break;
    default:
      item.CAcmeAlpnCert = path.join(workDir, `acmealpn-${IcsBuildCertFName(item.CDomain)}.pem`);
      createAlpnCert(item.CAcmeAlpnCert, item.CDomain, keyAuth);
  }
}

function writePage(item: TChallengeItem): void {
  if (!path.isAbsolute(item.CDirWellKnown))
    throw new EX509Exception(`DirWellKnown must be an absolute path: "${item.CDirWellKnown}"`);
  item.CWKFullName = path.join(item.CDirWellKnown, ...item.CPage.split('/'));
  try {
    fs.mkdirSync(path.dirname(item.CWKFullName), { recursive: true });
    fs.writeFileSync(item.CWKFullName, item.CResp, { mode: 0o644 });
  } catch (error) {
    throw new EX509Exception(
      `Can't write challenge file "${item.CWKFullName}" - ${reasonOf(error)}`,
    );
  }
}

/** Removes files of the challenge; missing ones are no error. */
export function removeFiles(item: TChallengeItem): void {
  for (const file of [item.CWKFullName, item.CAcmeAlpnCert])
    if (file !== '') fs.rmSync(file, { force: true });
}

/** Files of a challenge that was read from the database may be gone. */
export function restoreFiles(item: TChallengeItem): void {
  if (item.CWKFullName !== '' && !fs.existsSync(item.CWKFullName)) writePage(item);
  if (item.CAcmeAlpnCert !== '' && !fs.existsSync(item.CAcmeAlpnCert))
    createAlpnCert(item.CAcmeAlpnCert, item.CDomain, item.CResp);
}

/** The certificate of a tls-alpn-01 challenge with its key, as PEM in one file. */
export function createAlpnCert(file: string, name: string, keyAuth: string): void {
  const isIp = ipToBytes(name) !== undefined;
  const value = octetString(sha256(keyAuth));
  const { cert, key } = makeSelfSigned({
    ...(isIp ? { ips: [name], commonName: '' } : { names: [name] }),
    days: ALPN_CERT_DAYS,
    extra: [{ oid: ACME_IDENTIFIER, critical: true, value }],
  });
  const keyPem = String(key.export({ type: 'pkcs8', format: 'pem' }));
  writeCertFile(file, cert.toString() + keyPem, true);
}

export function readAlpnCert(file: string): string {
  return readCertFile(file).toString('latin1');
}
