// OCSP for one host (ICS: LoadOneCert, OcspSrvStapling): what is known of its certificate's status,
// and the response that goes out with it.
import type { X509Certificate } from 'node:crypto';
import { isIssuedBy } from '../ssl/chain';
import { TChainResult } from '../ssl/sslTypes';
import type { TX509Base } from '../ssl/TX509Base';
import { rootsOf } from './hostRoots';
import type { HostServer } from './hostTypes';
import type { OcspEntry, OcspQuestion } from './TOcspHttp';
import type { TIcsHost } from './TIcsHost';

const PENDING = 'OCSP Check Pending';
const NO_BYTES = Buffer.alloc(0);

/**
 * Text about the status, '' when there is nothing to ask. An answer that comes later changes CertErrs
 * and, when the certificate was revoked, CertValRes.
 */
export function checkOcsp(server: HostServer, host: TIcsHost, cert: TX509Base): string {
  const question = server.OcspSrvStapling ? questionFor(server, cert) : null;
  if (!question) return '';
  const client = server.OcspSrvHttp;
  const entry = client.Find(question);
  if (!entry || client.NeedsRefresh(entry))
    client.Ask(question, (reason, fresh) => answered(host, question.cert, reason, fresh));
  return entry ? apply(host, question.cert, entry) : PENDING;
}

function questionFor(server: HostServer, cert: TX509Base): OcspQuestion | null {
  const { X509, X509Inters } = cert;
  const url = cert.UrlOcsp.split('\r\n').find((text) => text.startsWith('http://'));
  if (!X509 || !url) return null;
  const issuer = issuerOf(X509, X509Inters, rootsOf(server));
  return issuer ? { cert: X509, issuer, url } : null;
}

function issuerOf(
  cert: X509Certificate,
  inters: readonly X509Certificate[],
  roots: Iterable<TX509Base>,
): X509Certificate | null {
  for (const inter of inters) if (isIssuedBy(cert, inter)) return inter;
  for (const { X509 } of roots) if (X509 && isIssuedBy(cert, X509)) return X509;
  return null;
}

function answered(
  host: TIcsHost,
  cert: X509Certificate,
  reason: string,
  entry: OcspEntry | null,
): void {
  const served = host.isDestroyed ? null : (host.SslCtx?.servedCert ?? null);
  if (served?.fingerprint256 !== cert.fingerprint256) return; // another one since then
  const text = entry ? apply(host, cert, entry) : `OCSP Check Failed: ${reason}`;
  host.state.certErrs = host.state.certErrs.replace(PENDING, text);
}

function apply(host: TIcsHost, cert: X509Certificate, entry: OcspEntry): string {
  const { state } = host;
  if (entry.status !== 'unknown') {
    host.OcspStapleResp = entry.raw;
    state.ocspFor = cert.fingerprint256;
    state.ocspUntil = entry.until;
  }
  if (entry.status === 'good') return 'OCSP Check OK Not Revoked';
  if (entry.status === 'revoked') state.certValRes = TChainResult.chainFail;
  return `OCSP Check Failed: Certificate ${entry.status}`;
}

/** Another certificate is in use: the response of the one before is worthless. */
export function dropOcsp(host: TIcsHost, cert: TX509Base): void {
  const { state } = host;
  if (state.ocspFor === '' || state.ocspFor === cert.X509?.fingerprint256) return;
  host.OcspStapleResp = NO_BYTES;
  state.ocspFor = '';
  state.ocspUntil = 0;
}

/** What to staple now; null for nothing. */
export function stapleOf({ OcspStapleResp, state }: TIcsHost): Buffer | null {
  if (OcspStapleResp.length === 0) return null;
  const isOver = state.ocspFor !== '' && state.ocspUntil <= Date.now();
  return isOver ? null : OcspStapleResp;
}
