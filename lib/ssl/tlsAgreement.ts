// What the two sides of a TLS session have agreed on.
import { type CipherInfo, NO_CIPHER, cipherInfo } from './cipherInfo';
import type { TlsFacts } from './tlsFacts';

export interface TlsAgreement {
  /** As 'TLSv1.3'. */
  readonly version: string;
  /** OpenSSL's name of the suite. */
  readonly cipher: string;
  readonly suite: CipherInfo;
  /** The protocol agreed on by ALPN, '' for none. */
  readonly alpnProtocol: string;
  /** The session continues an earlier one. */
  readonly isResumed: boolean;
}

const UNKNOWN = 'Unknown';

/** Before a handshake and after the session. */
export const NO_AGREEMENT: TlsAgreement = {
  version: UNKNOWN,
  cipher: UNKNOWN,
  suite: NO_CIPHER,
  alpnProtocol: '',
  isResumed: false,
};

/** Of a session whose handshake is complete. */
export function agreementOf(facts: TlsFacts): TlsAgreement {
  const { cipher } = facts;
  return {
    version: facts.protocol ?? UNKNOWN,
    cipher,
    suite: cipherInfo(cipher) ?? NO_CIPHER,
    alpnProtocol: facts.alpnProtocol,
    isResumed: facts.isResumed,
  };
}
