// What a TLS context consists of. A SecureContext of Node's cannot be changed safely while sessions
// use it, so every change makes new parts and a new SecureContext; open sessions keep theirs.
import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import { belongs } from './certMaterial';
import type { SslContextProperties } from './SslContextProperties';
import { ESslContextException } from './sslErrors';
import { TSslVerifyPeerMode } from './sslTypes';
import { opensslFailure } from './TSslBaseComponent';

export interface ContextParts {
  /** Versions, ciphers and the like. */
  readonly options: tls.SecureContextOptions;
  /** The identity first, then what is sent with it. */
  readonly certs: readonly X509Certificate[];
  readonly key: KeyObject | null;
  /** Trusted certificates in PEM. */
  readonly ca: readonly string[];
  /** Revocation lists in PEM. */
  readonly crls: readonly string[];
  /** Diffie-Hellman parameters in PEM, 'auto', or '' for none. */
  readonly dhParams: string;
  readonly sessions: SessionOptions;
  /** How clients are asked for a certificate. */
  readonly clientCert: { readonly requested: boolean; readonly required: boolean };
}

/** An initialised context on its way to another thread. */
export interface SharedContext {
  readonly parts: ContextParts;
  readonly settings: Readonly<Record<string, string | number>>;
}

type SessionOptions = Pick<
  tls.SecureContextOptions,
  'ticketKeys' | 'sessionTimeout' | 'sessionIdContext'
>;

/** Whether the key is that of the certificate; also true while one of them is missing. */
export function isMatching({ certs, key }: ContextParts): boolean {
  return !certs[0] || !key || belongs(certs[0], key);
}

/** Raises ESslContextException. */
export function buildContext(parts: ContextParts): tls.SecureContext {
  // Node does not compare keys and certificates of different kinds.
  if (!isMatching(parts))
    throw new ESslContextException('Certificate and private key do not match');
  const { certs, key, ca, crls, dhParams } = parts;
  try {
    return tls.createSecureContext({
      ...parts.options,
      ...parts.sessions,
      // Without a list Node would trust every public root.
      ca: [...ca],
      ...(certs.length > 0 ? { cert: certs.map(String).join('') } : {}),
      ...(key ? { key: key.export({ type: 'pkcs8', format: 'pem' }) } : {}),
      ...(crls.length > 0 ? { crl: [...crls] } : {}),
      ...(dhParams === '' ? {} : { dhparam: dhParams }),
    });
  } catch (error) {
    throw opensslFailure("Can't add certificate to context", error);
  }
}

/** Longest time Node takes, in seconds. */
const MAX_SESSION_TIMEOUT = 0x7fffffff;
const MAX_ID_BYTES = 32;

export function sessionOptions(
  context: SslContextProperties,
  ticketKeys: Buffer,
  ca: readonly string[],
): SessionOptions {
  const timeout = Math.min(Math.trunc(context.SslSessionTimeout), MAX_SESSION_TIMEOUT);
  const name = context.SslDefaultSessionIDContext;
  return {
    ticketKeys,
    ...(timeout > 0 ? { sessionTimeout: timeout } : {}),
    sessionIdContext: name === '' ? policyName(context, ca) : cutToBytes(name),
  };
}

/**
 * A session is only resumed where clients are verified alike: otherwise one begun without a
 * certificate could be resumed where a certificate is required.
 */
function policyName(context: SslContextProperties, ca: readonly string[]): string {
  const hash = createHash('sha256');
  if (requestsCert(context)) {
    hash.update(requiresCert(context) ? 'required' : 'requested');
    hash.update(`${context.SslVerifyFlagsValue} ${context.SslVerifyDepth}`);
    for (const pem of ca) hash.update(pem);
  }
  return hash.digest('hex').slice(0, MAX_ID_BYTES);
}

/** At most 32 bytes of UTF-8, no character cut in two. */
function cutToBytes(text: string): string {
  let cut = text;
  while (Buffer.byteLength(cut) > MAX_ID_BYTES) cut = [...cut].slice(0, -1).join('');
  return cut;
}

export function requestsCert(context: SslContextProperties): boolean {
  const { SslVerifyMode_PEER } = TSslVerifyPeerMode;
  return context.SslVerifyPeer && context.SslVerifyPeerModes.has(SslVerifyMode_PEER);
}

export function requiresCert(context: SslContextProperties): boolean {
  const { SslVerifyMode_FAIL_IF_NO_PEER_CERT } = TSslVerifyPeerMode;
  return (
    requestsCert(context) && context.SslVerifyPeerModes.has(SslVerifyMode_FAIL_IF_NO_PEER_CERT)
  );
}
