// The certificate inside a stored TLS session. Node does not show a client the server's certificate
// when it resumes a session; the session itself holds the one that was verified when it began.
import type { X509Certificate } from 'node:crypto';
import { contextTag, readAsn1 } from './asn1';
import { certFromDer } from './certMaterial';

/** OpenSSL's SSL_SESSION: `peer [3] EXPLICIT Certificate OPTIONAL`. */
const PEER = 3;

/** null: the session has none, or is not in OpenSSL's form. */
export function peerOfSession(session: Buffer | undefined): X509Certificate | null {
  if (!session) return null;
  try {
    const peer = readAsn1(session)
      .sequence()
      .find(({ tag }) => tag === contextTag(PEER));
    return peer ? certFromDer(peer.content) : null;
  } catch {
    return null;
  }
}
