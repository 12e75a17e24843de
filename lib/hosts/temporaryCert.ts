// The certificate a host gets that has none (ICS: a "local certificate"): self-signed, for all its
// names, in a PKCS #12 file beside the place of the real one.
//
// ICS: there it is signed by a CA whose private key everybody has; here it signs itself and is marked
// in the subject, so that it is known as a stopgap wherever it turns up.
import fs from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TSslPrivKeyCipher } from '../ssl/certTypes';
import { makeSelfSigned } from '../ssl/selfSigned';
import { TX509Base } from '../ssl/TX509Base';
import type { TIcsHost } from './TIcsHost';

const MARK = 'ICS-WSocket Temporary Certificate';
const DAYS = 2000;
const DAY_MS = 86_400_000;

/** File name of a host's own certificate without folder and extension: `www_a_test`. */
export function defaultCertName(host: TIcsHost): string {
  return defaultNameOf(host.HostNames.Count > 0 ? host.HostNames.Strings[0]! : '');
}

// What a file system does not take in a name is replaced as well; the name never leaves its folder.
function defaultNameOf(name: string): string {
  return name.replace(/^\*/, 'x').replace(/[. /\\:*?"<>|\0-\x1f]/g, '_') || 'unknown'; // eslint-disable-line no-control-regex
}

export function isTemporary(cert: TX509Base): boolean {
  return cert.IsCertLoaded && cert.SelfSigned && cert.SubjectOName === MARK;
}

export function expiresWithin(cert: TX509Base, days: number): boolean {
  return cert.ValidNotAfter.getTime() - Date.now() < days * DAY_MS;
}

/** Is it time for a new temporary certificate? A new one never is. */
export function endsSoon(cert: TX509Base, days: number): boolean {
  return expiresWithin(cert, Math.min(days, DAYS / 2));
}

/** Writes a new certificate with its key, protected by SslPassword. Raises when it cannot. */
export function createTemporary(host: TIcsHost, file: string): void {
  const all = [...host.HostNames].map((name) => name.trim()).filter((name) => name.length > 1);
  const names = all.filter((name) => isIP(name) === 0);
  const { cert, key } = makeSelfSigned({
    names: names.length > 0 || all.length > 0 ? names : ['unknown'],
    ips: all.filter((name) => isIP(name) !== 0),
    days: DAYS,
    subject: { O: MARK },
  });
  const holder = new TX509Base(null, cert);
  holder.PrivateKey = key;
  const { PrivKeyEncNone, PrivKeyEncAES256 } = TSslPrivKeyCipher;
  const cipher = host.SslPassword === '' ? PrivKeyEncNone : PrivKeyEncAES256;
  try {
    holder.SaveToP12File(file, host.SslPassword, false, cipher);
  } finally {
    holder.Free();
  }
}

let ownFolder = '';

/**
 * Folder for hosts whose certificate has none. Private to this process, removed at its end: in a
 * folder that others can write to, somebody could leave a certificate whose key he knows.
 */
export function temporaryFolder(): string {
  if (ownFolder !== '' && fs.existsSync(ownFolder)) return ownFolder;
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'ics-hosts-'));
  ownFolder = folder;
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
