// One TLS session between the core and the application: ciphertext in, plaintext out, and back.
// What the two engines have in common: DirectFilter without Node's streams, TlsFilter with them.
//
//  - Nothing of the application runs while Node's TLS code is on the stack: what happened is noted
//    (established, ended, asks), and the owner looks after each call. What happens outside of a
//    call is told by changed().
//  - Writes of Node's TLS complete at the end of the call that made them, so a session advances as
//    far as it can at once.
//  - A session that is disposed of inside a call is destroyed when the outermost call ends.
import type { SecureContext } from 'node:tls';
import type { TlsHandle } from './nodeTls';
import { TlsFacts } from './tlsFacts';

/** The connection, as its TLS session sees it. */
export interface TlsOwner {
  /** Ciphertext for the peer. False: the connection is over. */
  sendCipher(bytes: Uint8Array): boolean;
  /** `count` bytes were decrypted; only valid during the call. Must not run application code. */
  plainReceived(bytes: Uint8Array, count: number): void;
  /** Something was noted outside of a call of the owner's: proceed() is due, in another turn. */
  changed(): void;
}

export interface ServerSession {
  context: SecureContext;
  requestCert: boolean;
  /** A client without a certificate is refused by an alert. */
  requireCert: boolean;
  /** The protocol to answer ALPN with, '' for none. */
  alpn: string;
}

export abstract class TlsEngine {
  readonly facts = new TlsFacts(this);
  /** The handshake is complete; the peer's certificate is not judged yet. */
  established = false;
  /** The session is over, by the peer's close_notify or FIN, or by `error`. */
  ended = false;
  /** It ended without the peer's close_notify. */
  truncated = false;
  error: NodeJS.ErrnoException | null = null;
  /** Plaintext bytes that are not ciphertext yet. */
  unsent = 0;
  /** After shutdown(): the owner was given everything, close_notify included. */
  hasSaidAll = false;
  protected readonly owner: TlsOwner;
  protected isDisposed = false;
  #isDestroyed = false;
  #depth = 0;

  constructor(owner: TlsOwner) {
    this.owner = owner;
  }

  /** Plaintext bytes whose ciphertext the owner was not given. */
  get kept(): number {
    return this.unsent;
  }

  /** OpenSSL, where there still is one. */
  protected abstract readonly handle: TlsHandle | null;

  /** OpenSSL, while it may still be asked. */
  get openHandle(): TlsHandle | null {
    return this.isDisposed ? null : this.handle;
  }

  /** The outermost call ends: completes what Node's TLS waits for. */
  protected abstract advance(): void;

  /** Once, and never inside a call. */
  protected abstract destroy(): void;

  /** Ciphertext from the peer. */
  abstract feed(bytes: Uint8Array): void;

  /** The peer's FIN. */
  abstract finish(): void;

  /** Plaintext for the peer; only valid during the call. Also after the peer has finished. */
  abstract write(bytes: Uint8Array): void;

  /** Sends close_notify behind what was written. */
  abstract shutdown(): void;

  /** Forgets the session. Sends nothing. */
  dispose(): void {
    this.isDisposed = true;
    this.#destroyIfOver();
  }

  /** After changed(): completes what waits for it. */
  proceed(): void {
    this.enter(() => undefined);
  }

  /** Runs something that goes back into Node's TLS. */
  enter(action: () => unknown): void {
    this.begin();
    try {
      action();
    } finally {
      this.leave();
    }
  }

  /** An event of Node's TLS that the application answers; it is run outside of Node's code. */
  nextAsk(): (() => void) | undefined {
    return undefined;
  }

  get hasAsks(): boolean {
    return false;
  }

  /** Before a call into Node's TLS; leave() or quit() follows in any case. */
  protected begin(): void {
    this.#depth++;
  }

  /** Behind the call. */
  protected leave(): void {
    try {
      if (this.#depth === 1) this.advance();
    } finally {
      this.quit();
    }
  }

  /** As leave, but completes nothing. */
  protected quit(): void {
    this.#depth--;
    this.#destroyIfOver();
  }

  /** The session is over; the first reason counts. */
  end(error: NodeJS.ErrnoException | null): void {
    if (this.ended) return;
    this.ended = true;
    this.error = error;
    this.note();
  }

  /** Something has happened. Inside of a call the owner looks by itself. */
  protected note(): void {
    if (this.isInside || this.isDisposed) return;
    this.owner.changed();
  }

  protected get isInside(): boolean {
    return this.#depth > 0;
  }

  #destroyIfOver(): void {
    if (!this.isDisposed || this.#isDestroyed || this.isInside) return;
    this.#isDestroyed = true;
    this.destroy();
  }
}
