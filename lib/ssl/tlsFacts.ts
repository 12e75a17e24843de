// What can be asked about a TLS session; after its end there are no answers, only empty values.
import type { DetailedPeerCertificate } from 'node:tls';
import type { TlsHandle } from './nodeTls';

export class TlsFacts {
  readonly #handle: () => TlsHandle | null;

  constructor(handle: () => TlsHandle | null) {
    this.#handle = handle;
  }

  /** OpenSSL's name of the suite. */
  get cipher(): string {
    return this.#handle()?.getCipher()?.name ?? '';
  }

  /** As 'TLSv1.3'; null when unknown. */
  get protocol(): string | null {
    return this.#handle()?.getProtocol() ?? null;
  }

  /** The protocol agreed on by ALPN, '' for none. */
  get alpnProtocol(): string {
    const protocol = this.#handle()?.getALPNNegotiatedProtocol();
    return typeof protocol === 'string' ? protocol : '';
  }

  get isResumed(): boolean {
    return this.#handle()?.isSessionReused() ?? false;
  }

  get session(): Buffer | undefined {
    return this.#handle()?.getSession();
  }

  /** With its chain, as the peer has sent it. */
  get peerCertificate(): DetailedPeerCertificate | undefined {
    return this.#handle()?.getPeerCertificate(true);
  }

  /** OpenSSL's verdict on the peer's certificate, null: good; undefined: nobody can tell any more. */
  get verifyError(): NodeJS.ErrnoException | null | undefined {
    return this.#handle()?.verifyError();
  }
}
