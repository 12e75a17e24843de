// Keys and signatures of ACME: JWK, thumbprint, JWS (RFC 7515, RFC 7638, RFC 8555 section 6).
//
// ICS: EC signatures in the raw form r‖s and Ed25519, which V9.4 does not have.
import { createHash, createHmac, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { EX509Exception } from '../../ssl/sslErrors';

export type Jwk = Readonly<Record<string, string>>;

export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

interface Algorithm {
  readonly alg: string;
  readonly digest: string | null;
}

const CURVES: Readonly<Record<string, Algorithm>> = {
  prime256v1: { alg: 'ES256', digest: 'sha256' },
  secp384r1: { alg: 'ES384', digest: 'sha384' },
  secp521r1: { alg: 'ES512', digest: 'sha512' },
};
/** Members of a public key in the order of their names, as the thumbprint wants them. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
};

export function base64url(data: Buffer | string): string {
  return Buffer.from(data).toString('base64url');
}

export function sha256(data: Buffer | string): Buffer {
  return createHash('sha256').update(data).digest();
}

export function jwkOf(key: KeyObject): Jwk {
  const all = createPublicKey(key).export({ format: 'jwk' }) as Record<string, string>;
  const names = MEMBERS[all['kty'] ?? ''];
  if (!names) throw new EX509Exception('Unsupported key type for an ACME account');
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}

export function thumbprint(key: KeyObject): string {
  return base64url(sha256(JSON.stringify(jwkOf(key))));
}

export function keyAuthorization(token: string, key: KeyObject): string {
  return `${token}.${thumbprint(key)}`;
}

/** Payload undefined: an empty one, as POST-as-GET wants it. */
export function signJws(key: KeyObject, header: object, payload: object | undefined): Jws {
  const { alg, digest } = algorithmOf(key);
  const head = base64url(JSON.stringify({ alg, ...header }));
  const body = payload === undefined ? '' : base64url(JSON.stringify(payload));
  const signature = sign(digest, Buffer.from(`${head}.${body}`), {
    key,
    dsaEncoding: 'ieee-p1363',
  });
  return { protected: head, payload: body, signature: base64url(signature) };
}

/** External account binding (RFC 8555, 7.3.4): the account's key signed with the key of `kid`. */
export function bindAccount(kid: string, hmacKey: string, url: string, key: KeyObject): Jws {
  const head = base64url(JSON.stringify({ alg: 'HS256', kid, url }));
  const body = base64url(JSON.stringify(jwkOf(key)));
  const mac = createHmac('sha256', Buffer.from(hmacKey, 'base64url'));
  return {
    protected: head,
    payload: body,
    signature: base64url(mac.update(`${head}.${body}`).digest()),
  };
}

function algorithmOf(key: KeyObject): Algorithm {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { alg: 'RS256', digest: 'sha256' };
    case 'ed25519':
      return { alg: 'EdDSA', digest: null };
    case 'ec': {
      const found = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
      if (found) return found;
    }
  }
  throw new EX509Exception('Unsupported key type for an ACME account');
}
