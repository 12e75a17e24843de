// When a certificate is to be replaced: what the authority suggests (ARI, RFC 9773), else a number of
// days before its end.
import type { X509Certificate } from 'node:crypto';
import { readAsn1 } from '../../ssl/asn1';
import { detailsOf } from '../../ssl/certDetails';
import { OID } from '../../ssl/oids';
import { EX509Exception } from '../../ssl/sslErrors';
import { DAY_MS } from '../x509CertsTypes';
import { jsonOf, textOf, type AcmeClient, type Json } from './client';
import { retryAfterMs } from './pause';

/** When to ask again if the authority does not say. */
const RETRY_MS = 6 * 3_600_000;
const MIN_RETRY_MS = 60_000;
const MAX_RETRY_MS = DAY_MS;
const KEY_ID = 0x80;

/** '' for a certificate that does not name its issuer's key. */
export function renewalId(cert: X509Certificate): string {
  const extension = detailsOf(cert).extensions.find(({ oid }) => oid === OID.authorityKeyId);
  if (!extension) return '';
  const parts = readAsn1(extension.value).sequence();
  const keyId = parts.find(({ tag }) => tag === KEY_ID)?.content;
  return keyId ? renewalIdOf(keyId, serialOf(cert)) : '';
}

export function renewalIdOf(keyId: Buffer, serial: Buffer): string {
  return `${keyId.toString('base64url')}.${serial.toString('base64url')}`;
}

/** Octets of the serial number as they stand in the certificate, with a leading zero octet. */
function serialOf(cert: X509Certificate): Buffer {
  const [body] = readAsn1(cert.raw).sequence(1);
  const parts = body!.sequence(2);
  return parts[0]!.tag === 0xa0 ? parts[1]!.content : parts[0]!.content;
}

export interface RenewalAdvice {
  /** A moment within the suggested window; null: the authority does not say. */
  readonly renewAt: Date | null;
  /** When to ask again. */
  readonly askAgain: Date;
}

/** null: the authority gives no such information. */
export async function renewalAdvice(
  client: AcmeClient,
  id: string,
  random: () => number = Math.random,
): Promise<RenewalAdvice | null> {
  const { renewalInfo } = await client.directory();
  if (!renewalInfo || id === '') return null;
  const answer = await client.get(`${renewalInfo.replace(/\/$/, '')}/${id}`);
  if (answer.status === 404) return null;
  if (answer.status !== 200)
    throw new EX509Exception(`Failed to get renewal information, HTTP status ${answer.status}`);
  const wait = retryAfterMs(answer.headers) || RETRY_MS;
  const again = Math.min(Math.max(wait, MIN_RETRY_MS), MAX_RETRY_MS);
  const window = (jsonOf(answer)['suggestedWindow'] ?? {}) as Json;
  const start = Date.parse(textOf(window['start']));
  const end = Date.parse(textOf(window['end']));
  const isWindow = end >= start;
  return {
    renewAt: isWindow ? new Date(start + random() * (end - start)) : null,
    askAgain: new Date(Date.now() + again),
  };
}

/**
 * Does the remaining life call for a new certificate? Certificates that live less than three times
 * `expireDays` are renewed when a third of their life is left, or short ones would be ordered daily.
 */
export function isRenewalDue(
  notBefore: Date,
  notAfter: Date,
  expireDays: number,
  now = Date.now(),
): boolean {
  const life = notAfter.getTime() - notBefore.getTime();
  const horizon = Math.min(expireDays * DAY_MS, life / 3);
  return notAfter.getTime() - now <= horizon;
}
