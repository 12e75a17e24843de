// What can be asked about a TLS session; after its end there are no answers, only empty values.
import type { DetailedPeerCertificate } from 'node:tls';
import type { TlsHandle } from './nodeTls';

/** OpenSSL, where it can still be asked. */
interface HasHandle {
  readonly openHandle: TlsHandle | null;
}

export class TlsFacts {
  readonly #engine: HasHandle;

  constructor(engine: HasHandle) {
    this.#engine = engine;
  }

  /** OpenSSL's name of the suite. */
  get cipher(): string {
    return this.#engine.openHandle?.getCipher()?.name ?? '';
  }

  /** As 'TLSv1.3'; null when unknown. */
  get protocol(): string | null {
    return this.#engine.openHandle?.getProtocol() ?? null;
  }

  /** The protocol agreed on by ALPN, '' for none. */
  get alpnProtocol(): string {
    const protocol = this.#engine.openHandle?.getALPNNegotiatedProtocol();
    return typeof protocol === 'string' ? protocol : '';
  }

  get isResumed(): boolean {
    return this.#engine.openHandle?.isSessionReused() ?? false;
  }

  get session(): Buffer | undefined {
    return this.#engine.openHandle?.getSession();
  }

  /** With its chain, as the peer has sent it. */
  get peerCertificate(): DetailedPeerCertificate | undefined {
    return this.#engine.openHandle?.getPeerCertificate(true);
  }

  /** OpenSSL's verdict on the peer's certificate, null: good; undefined: nobody can tell any more. */
  get verifyError(): NodeJS.ErrnoException | null | undefined {
    return this.#engine.openHandle?.verifyError();
  }
}
