// Orders, authorisations, certificates (RFC 8555, 7.4 to 7.6): each function is one step of the
// protocol. Waiting between the steps, and remembering them, is the caller's.
import type { X509Certificate } from 'node:crypto';
import { EX509Exception } from '../../ssl/sslErrors';
import { EAcmeError, jsonOf, textOf, type AcmeClient, type Json } from './client';
import { base64url } from './jws';
import { retryAfterMs } from './pause';

/** Most identifiers of one order: what Let's Encrypt takes. */
const MAX_IDENTIFIERS = 100;
const SUPERSEDED = 4;

export interface Identifier {
  readonly type: string;
  readonly value: string;
}

export interface AcmeOrder {
  readonly url: string;
  readonly status: string;
  readonly finalize: string;
  readonly certificate: string;
  readonly authorizations: readonly string[];
  readonly expires: string;
  /** Why it became invalid. */
  readonly error: string;
  readonly retryAfter: number;
}

export interface AcmeChallenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly status: string;
  readonly error: string;
}

export interface Authorization {
  readonly url: string;
  readonly identifier: Identifier;
  readonly wildcard: boolean;
  readonly status: string;
  readonly challenges: readonly AcmeChallenge[];
}

export interface NewOrder {
  readonly identifiers: readonly Identifier[];
  readonly profile?: string;
  /** Id of the certificate this one takes the place of (RFC 9773, 5). */
  readonly replaces?: string;
  readonly notAfter?: Date;
}

export async function newOrder(client: AcmeClient, order: NewOrder): Promise<AcmeOrder> {
  if (order.identifiers.length > MAX_IDENTIFIERS)
    throw new EX509Exception(`More than ${MAX_IDENTIFIERS} names for one certificate`);
  const directory = await client.directory();
  const { profile, replaces, notAfter } = order;
  const payload = {
    identifiers: order.identifiers,
    ...(profile ? { profile } : {}),
    ...(replaces && directory.renewalInfo ? { replaces } : {}),
    ...(notAfter ? { notAfter: notAfter.toISOString() } : {}),
  };
  try {
    const answer = await client.post(directory.newOrder, payload);
    const url = textOf(answer.headers.location);
    if (url === '') throw new EX509Exception('Failed to get ACME order object: no order URL');
    return orderOf(url, jsonOf(answer), 0);
  } catch (error) {
    const less = withoutExtras(order, error);
    if (!less) throw prefixed('Failed to get ACME order object', error);
    client.note(`${(error as EAcmeError).message}, ordering without`);
    return newOrder(client, less);
  }
}

/** What the authority may refuse without refusing the certificate; null: nothing was left to drop. */
function withoutExtras(order: NewOrder, error: unknown): NewOrder | null {
  if (!(error instanceof EAcmeError)) return null;
  const { notAfter, replaces, ...rest } = order;
  // The certificate has a successor already, so that this order takes nobody's place.
  if (error.type === 'alreadyReplaced' && replaces) return notAfter ? { ...rest, notAfter } : rest;
  // Most authorities set the end themselves and refuse to be asked (RFC 8555, 7.4: "malformed").
  if (error.type === 'malformed' && notAfter) return replaces ? { ...rest, replaces } : rest;
  return null;
}

export async function readOrder(client: AcmeClient, url: string): Promise<AcmeOrder> {
  const answer = await client.post(url);
  return orderOf(url, jsonOf(answer), retryAfterMs(answer.headers));
}

/** The answer is usually `processing`: read the order until it is `valid`. */
export async function finalizeOrder(
  client: AcmeClient,
  order: AcmeOrder,
  csr: Buffer,
): Promise<AcmeOrder> {
  try {
    const answer = await client.post(order.finalize, { csr: base64url(csr) });
    return orderOf(order.url, jsonOf(answer), retryAfterMs(answer.headers));
  } catch (error) {
    throw prefixed('Failed to finalize ACME order', error);
  }
}

export async function readAuthorization(client: AcmeClient, url: string): Promise<Authorization> {
  const found = jsonOf(await client.post(url));
  const identifier = (found['identifier'] ?? {}) as Json;
  const challenges = Array.isArray(found['challenges']) ? (found['challenges'] as Json[]) : [];
  return {
    url,
    identifier: { type: textOf(identifier['type']), value: textOf(identifier['value']) },
    wildcard: found['wildcard'] === true,
    status: textOf(found['status']),
    challenges: challenges.map(challengeOf),
  };
}

/** Tells the authority that the challenge can be tested. Its status, e.g. `processing`. */
export async function startChallenge(client: AcmeClient, url: string): Promise<string> {
  return challengeOf(jsonOf(await client.post(url, {}))).status;
}

export async function deactivateAuthorization(client: AcmeClient, url: string): Promise<void> {
  await client.post(url, { status: 'deactivated' });
}

/** PEM of the certificate and its intermediates. */
export async function downloadCertificate(client: AcmeClient, url: string): Promise<string> {
  const answer = await client.post(url, undefined, 'application/pem-certificate-chain');
  return answer.body.toString('latin1');
}

export async function revokeCertificate(client: AcmeClient, cert: X509Certificate): Promise<void> {
  const { revokeCert } = await client.directory();
  try {
    await client.post(revokeCert, { certificate: base64url(cert.raw), reason: SUPERSEDED });
  } catch (error) {
    if (error instanceof EAcmeError && error.type === 'alreadyRevoked') return;
    throw prefixed('Failed to revoke certificate', error);
  }
}

function orderOf(url: string, found: Json, retryAfter: number): AcmeOrder {
  const list = Array.isArray(found['authorizations']) ? found['authorizations'] : [];
  return {
    url,
    status: textOf(found['status']),
    finalize: textOf(found['finalize']),
    certificate: textOf(found['certificate']),
    authorizations: list.map(textOf).slice(0, MAX_IDENTIFIERS),
    expires: textOf(found['expires']),
    error: problemText(found['error']),
    retryAfter,
  };
}

function challengeOf(found: Json): AcmeChallenge {
  return {
    type: textOf(found['type']),
    url: textOf(found['url']),
    token: textOf(found['token']),
    status: textOf(found['status']),
    error: problemText(found['error']),
  };
}

function problemText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const { type, detail } = value as { type?: unknown; detail?: unknown };
  return `${textOf(type)}, ${textOf(detail)}`;
}

function prefixed(what: string, error: unknown): unknown {
  if (error instanceof EAcmeError) error.message = `${what}: ${error.message}`;
  return error;
}
