// Proving oneself to an HTTP proxy: reading its challenges and answering them with Basic (RFC 7617)
// or Digest (RFC 7616; MD5 and SHA-256, quality "auth" or the old form without). NTLM and Negotiate
// are recognised and not answered.
import { createHash, randomBytes } from 'node:crypto';
import { THttpTunnelAuthType } from '../types';

const { htatBasic, htatDigest, htatNtlm } = THttpTunnelAuthType;

export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Challenges of one field value; there may be several in one line. */
const PART = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]*))?[\s,]*/gy;
const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };
const SESSION = '-SESS';
/** A proxy offers a few; more are noise. */
const MAX_CHALLENGES = 16;

export function parseChallenges(values: readonly string[]): Challenge[] {
  const found: { scheme: string; params: Map<string, string> }[] = [];
  for (const value of values) {
    for (const [, name, text] of value.matchAll(PART)) {
      if (text === undefined) found.push({ scheme: name!.toLowerCase(), params: new Map() });
      else found.at(-1)?.params.set(name!.toLowerCase(), unquoted(text));
      if (found.length > MAX_CHALLENGES) return found.slice(0, MAX_CHALLENGES);
    }
  }
  return found;
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

/** What a proxy offers, as far as ICS has a name for it. */
export function offeredTypes(challenges: readonly Challenge[]): Set<THttpTunnelAuthType> {
  const types = new Set<THttpTunnelAuthType>();
  for (const { scheme } of challenges) {
    if (scheme === 'basic') types.add(htatBasic);
    else if (scheme === 'digest') types.add(htatDigest);
    else if (scheme === 'ntlm' || scheme === 'negotiate') types.add(htatNtlm);
  }
  return types;
}

/** The strongest Digest challenge that can be answered. */
export function digestChallenge(challenges: readonly Challenge[]): Challenge | null {
  const usable = challenges.filter(({ scheme, params }) => {
    const qop = params.get('qop');
    const possible = qop === undefined || tokens(qop).includes('auth');
    return scheme === 'digest' && possible && params.has('nonce') && hashOf(params) !== undefined;
  });
  return usable.find(({ params }) => hashOf(params) === 'sha256') ?? usable[0] ?? null;
}

function tokens(list: string): string[] {
  return list.split(',').map((token) => token.trim().toLowerCase());
}

function algorithmOf(params: ReadonlyMap<string, string>): string {
  return (params.get('algorithm') ?? 'MD5').toUpperCase();
}

function hashOf(params: ReadonlyMap<string, string>): string | undefined {
  const algorithm = algorithmOf(params);
  const name = algorithm.endsWith(SESSION) ? algorithm.slice(0, -SESSION.length) : algorithm;
  return Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;
}

export function basicAuthorization(usercode: string, password: string): string {
  return `Basic ${Buffer.from(`${usercode}:${password}`).toString('base64')}`;
}

/** Value of Proxy-Authorization for CONNECT to `uri`. cnonce: for tests; else a random one. */
export function digestAuthorization(
  { params }: Challenge,
  usercode: string,
  password: string,
  uri: string,
  cnonce = randomBytes(16).toString('hex'),
): string {
  const hash = (text: string): string =>
    createHash(hashOf(params) ?? 'md5')
      .update(text)
      .digest('hex');
  const realm = params.get('realm') ?? '';
  const nonce = params.get('nonce') ?? '';
  const qop = params.has('qop') ? 'auth' : '';
  const count = '00000001';
  const plain = hash(`${usercode}:${realm}:${password}`);
  const session = algorithmOf(params).endsWith(SESSION);
  const secret = session ? hash(`${plain}:${nonce}:${cnonce}`) : plain;
  const middle = qop === '' ? nonce : `${nonce}:${count}:${cnonce}:${qop}`;
  const response = hash(`${secret}:${middle}:${hash(`CONNECT:${uri}`)}`);

  const parts = [
    `username=${quoted(usercode)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
  ];
  const algorithm = params.get('algorithm');
  if (algorithm !== undefined) parts.push(`algorithm=${algorithm}`);
  const opaque = params.get('opaque');
  if (opaque !== undefined) parts.push(`opaque=${quoted(opaque)}`);
  if (qop !== '') parts.push(`qop=${qop}`, `nc=${count}`);
  if (qop !== '' || session) parts.push(`cnonce="${cnonce}"`);
  return `Digest ${parts.join(', ')}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
