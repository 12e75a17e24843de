// Checks a certificate with its intermediates before a server uses it (ICS: ValidateCertChain).
//
// ICS: there issuers are found by name only. Here one counts only if its name fits, it is a CA, and
// the signature is really its own (D-21). This is no full path validation: that is the handshake's.
import type { X509Certificate } from 'node:crypto';
import { certInfo, isoDate, isSelfSigned, nameOf } from './certInfo';
import { detailsOf, shown } from './certDetails';
import { TChainResult } from './sslTypes';
import { matchesHost } from './hostMatch';
import { OID } from './oids';

const { chainFail, chainOK, chainWarn } = TChainResult;
const DAY_MS = 86_400_000;
const LINE_BREAK = '\r\n';
/** Longest chain that is followed; real ones have at most five certificates. */
const MAX_CHAIN = 32;
/** Expired and still sent by Let's Encrypt for old clients: not worth a warning. */
const SILENT_ISSUER = 'DST Root CA X3';

export interface ChainReport {
  result: TChainResult;
  /** Descriptions of the certificates of the chain. */
  certs: string;
  /** The last finding; '' if there is none. */
  error: string;
}

export interface ChainInput {
  readonly cert: X509Certificate | null;
  readonly inters: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  readonly host: string;
  readonly expireDays: number;
}

const commonName = (cert: X509Certificate): string => nameOf(cert, 'subject', OID.commonName);

export function validateChain(input: ChainInput): ChainReport {
  const report: ChainReport = { result: chainFail, certs: '', error: '' };
  try {
    check(input, report);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    report.error = `Failed to check certificate chain: ${name} ${message}`;
  }
  return report;
}

function check(input: ChainInput, report: ChainReport): void {
  const { cert } = input;
  if (!cert) {
    report.error = 'No SSL certificate loaded';
    return;
  }
  report.certs = `Server: ${certInfo(cert, false)}`;
  if (detailsOf(cert).notBefore.getTime() > Date.now()) {
    report.error = `SSL certificate not valid yet - ${commonName(cert)}`;
    return;
  }
  const lifetime = expiryText(cert, input.expireDays);
  if (lifetime) report.error = lifetime.text;
  if (lifetime?.expired) return;
  if (lifetime) report.result = chainWarn;
  if (input.host !== '' && !matchesHost(cert, input.host))
    warn(report, `SSL certificate expected host name not found: ${hostText(cert, input.host)}`);
  if (isSelfSigned(cert)) {
    warn(report, `SSL certificate is self signed - ${commonName(cert)}`);
    return;
  }
  followIssuers(cert, input, report);
}

function warn(report: ChainReport, text: string): void {
  report.result = chainWarn;
  report.error = text;
}

function hostText(cert: X509Certificate, host: string): string {
  const names = detailsOf(cert).dnsNames.map(shown).join(', ') || commonName(cert);
  return `${host}, certificate DNS: ${names}`;
}

function expiryText(
  cert: X509Certificate,
  days: number,
): { expired: boolean; text: string } | undefined {
  const { notAfter } = detailsOf(cert);
  const left = notAfter.getTime() - Date.now();
  // An unreadable date gives NaN, which counts as expired.
  if (!(left >= 0))
    return { expired: true, text: `SSL certificate has expired - ${commonName(cert)}` };
  if (left >= days * DAY_MS) return undefined;
  const text = `SSL certificate expires on ${isoDate(notAfter)} - ${commonName(cert)}`;
  return { expired: false, text };
}

/** From the certificate upwards until a trusted root has signed, or nobody is found. */
function followIssuers(cert: X509Certificate, input: ChainInput, report: ChainReport): void {
  const { inters, roots, expireDays } = input;
  if (inters.length > 0) report.certs += LINE_BREAK;
  const unused = new Set(inters);
  let top = cert;
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    const root = findIssuer(top, roots, isRoot);
    if (root) {
      report.certs += `${LINE_BREAK}Trusted CA: ${certInfo(root, false)}`;
      if (report.result === chainFail) report.result = chainOK;
      return;
    }
    const inter = findIssuer(top, unused, ({ ca }) => ca);
    if (!inter) break;
    unused.delete(inter);
    report.certs += `${LINE_BREAK}Intermediate: ${certInfo(inter, false)}`;
    const lifetime = expiryText(inter, expireDays);
    if (lifetime) report.error = lifetime.text;
    top = inter;
  }
  nobodyFound(cert, top, report);
}

function nobodyFound(cert: X509Certificate, top: X509Certificate, report: ChainReport): void {
  const issuer = nameOf(top, 'issuer', OID.commonName) || nameOf(top, 'issuer', OID.organization);
  if (top === cert)
    warn(report, `Issuer ${issuer} not found for SSL certificate - ${commonName(cert)}`);
  else if (issuer !== SILENT_ISSUER)
    warn(report, `Issuer for SSL certificate not found - ${issuer}`);
  if (report.result === chainFail) report.result = chainOK;
}

/** A trusted root may be of the old kind that has no extensions to say that it is a CA. */
function isRoot(cert: X509Certificate): boolean {
  return cert.ca || detailsOf(cert).extensions.length === 0;
}

/** Several certificates may have the same name and key: one that is still valid comes first. */
function findIssuer(
  cert: X509Certificate,
  candidates: Iterable<X509Certificate>,
  mayIssue: (candidate: X509Certificate) => boolean,
): X509Certificate | undefined {
  let expired: X509Certificate | undefined;
  for (const candidate of candidates) {
    if (!isIssuedBy(cert, candidate) || !mayIssue(candidate)) continue;
    if (detailsOf(candidate).notAfter.getTime() > Date.now()) return candidate;
    expired ??= candidate;
  }
  return expired;
}

/** Names fit and the signature is that of the issuer's key. */
export function isIssuedBy(cert: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return cert.checkIssued(issuer) && cert.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
