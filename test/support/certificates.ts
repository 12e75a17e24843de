// Certificates made at run time, for any test that needs some. No files in the repository, nothing
// that expires.
//
//   const ca = makeCA();                                  a root: { cert, key, pem, keyPem, … }
//   const inter = makeCA({ ca, cn: 'Test Inter' });       an intermediate
//   const leaf = makeCert({ ca: inter, names: ['a.test'], ips: ['127.0.0.1'], days: 10 });
//   leaf.chainPem                                         leaf and intermediates, without the root
//   leaf.bundlePem                                        key and chainPem in one text
//   const file = tempFile('a.pem', leaf.bundlePem);       gone after the test
//
// Everything is made by lib/ssl/certBuilder, so tests of other parts need no openssl. Keys are EC
// P-256 unless `keyType` says otherwise; RSA keys take 50 to 500 ms to find, share them.

import { execFileSync } from 'node:child_process';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCertificate, type CertSpec, type SubjectParts } from '../../lib/ssl/certBuilder';
import { generateKey } from '../../lib/ssl/selfSigned';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { onCleanup } from './cleanup';

const DAY_MS = 86_400_000;

export interface TestCert {
  readonly cert: X509Certificate;
  readonly key: KeyObject;
  /** The certificate alone. */
  readonly pem: string;
  readonly keyPem: string;
  /** The certificate and the intermediates above it, without the root. */
  readonly chainPem: string;
  /** The key and chainPem. */
  readonly bundlePem: string;
  readonly issuer: TestCert | null;
}

export interface TestCertOptions {
  /** Who signs; without one the certificate signs itself. */
  ca?: TestCert;
  /** Common name. Default: the first name, or 'Test'. */
  cn?: string;
  /** Further parts of the subject. */
  subject?: SubjectParts;
  names?: string[];
  ips?: string[];
  /** Days from now to the end. Default 90; negative: expired. */
  days?: number;
  /** Default: a day before now, or 100 days before for an expired one. */
  notBefore?: Date;
  notAfter?: Date;
  key?: KeyObject;
  keyType?: TSslPrivKeyType;
  keyUsage?: CertSpec['keyUsage'];
  /** E.g. ['clientAuth']. Default ['serverAuth'], none for a CA. */
  usage?: string[];
  extra?: CertSpec['extra'];
  digest?: CertSpec['digest'];
  serial?: Buffer;
}

/** A certificate authority: a root, or an intermediate when `ca` is given. */
export function makeCA(options: TestCertOptions & { pathLength?: number } = {}): TestCert {
  return make({ cn: 'Test CA', ...options }, true);
}

/** A certificate that is no authority. */
export function makeCert(options: TestCertOptions = {}): TestCert {
  return make(options, false);
}

function make(options: TestCertOptions & { pathLength?: number }, isCa: boolean): TestCert {
  const { ca, names = [], ips = [], days = 90, subject = {} } = options;
  const key = options.key ?? generateKey(options.keyType ?? TSslPrivKeyType.PrivKeyECsecp256);
  const now = Date.now();
  const cert = makeCertificate({
    ...given(options),
    subject: { ...subject, CN: options.cn ?? names[0] ?? 'Test' },
    dns: names,
    ips,
    key,
    ca: isCa,
    notBefore: options.notBefore ?? new Date(now - (days > 0 ? 1 : 100) * DAY_MS),
    notAfter: options.notAfter ?? new Date(now + days * DAY_MS),
    ...(ca ? { issuer: ca } : {}),
  });
  return described(cert, key, ca ?? null);
}

function given(options: TestCertOptions & { pathLength?: number }): Partial<CertSpec> {
  const { keyUsage, usage, extra, digest, serial, pathLength } = options;
  return {
    ...(keyUsage ? { keyUsage } : {}),
    ...(usage ? { extKeyUsage: usage } : {}),
    ...(extra ? { extra } : {}),
    ...(digest ? { digest } : {}),
    ...(serial ? { serial } : {}),
    ...(pathLength === undefined ? {} : { pathLength }),
  };
}

function described(cert: X509Certificate, key: KeyObject, issuer: TestCert | null): TestCert {
  const pem = cert.toString();
  const keyPem = String(key.export({ type: 'pkcs8', format: 'pem' }));
  const chainPem = pem + (issuer?.issuer ? issuer.chainPem : '');
  return { cert, key, pem, keyPem, chainPem, bundlePem: keyPem + chainPem, issuer };
}

/** A new empty folder, removed after the test. */
export function tempDir(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ics-certs-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file with these contents in a folder of its own, removed after the test. */
export function tempFile(name: string, contents: string | Uint8Array): string {
  const file = path.join(tempDir(), name);
  writeFileSync(file, contents);
  return file;
}

let version: string | undefined;

/** Version text of the openssl command; '' without one. */
export function opensslVersion(): string {
  try {
    version ??= execFileSync('openssl', ['version'], { encoding: 'utf8' });
  } catch {
    version = '';
  }
  return version;
}

/** Runs openssl; standard output as text. Throws with its error text if it fails. */
export function openssl(args: string[], input?: string | Uint8Array): string {
  return execFileSync('openssl', args, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
}
