// Certificates for the hosts of a server, each with a key of its own, signed by one root.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../lib/ssl/certBuilder';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { generateKey } from '../../lib/ssl/selfSigned';

const DAY_MS = 86_400_000;

export interface HostFile {
  name: string;
  /** Key and certificate in PEM. */
  file: string;
}

export interface HostFiles {
  root: string;
  hosts: readonly HostFile[];
}

/** The files are removed when the process ends. */
export function makeHostFiles(count: number): HostFiles {
  const folder = mkdtempSync(join(tmpdir(), 'ics-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const dates = { notBefore: new Date(Date.now() - DAY_MS), notAfter: daysFromNow(90) };
  const rootKey = generateKey(TSslPrivKeyType.PrivKeyECsecp256);
  const subject = { CN: 'Bench Root' };
  const root = makeCertificate({ subject, dns: [], ips: [], key: rootKey, ca: true, ...dates });
  const issuer = { cert: root, key: rootKey };
  const hosts = Array.from({ length: count }, (_, at) => {
    const name = `h${at}.test`;
    const key = generateKey(TSslPrivKeyType.PrivKeyECsecp256);
    const spec = { subject: { CN: name }, dns: [name], ips: [], key, ca: false, issuer };
    const cert = makeCertificate({ ...spec, ...dates });
    const file = join(folder, `${at}.pem`);
    const keyPem = String(key.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(file, keyPem + cert.toString(), { mode: 0o600 });
    return { name, file };
  });
  return { root: root.toString(), hosts };
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}
