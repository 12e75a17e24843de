// One TLS session between the core and the application: ciphertext in, plaintext out, and back.
// Node's TLS does the work; it sees a carrier instead of a socket.
//
//  - Nothing of the application runs while Node's TLS code is on the stack: what happened is noted
//    (established, ended, asks), and the owner looks after each call. What happens outside of a
//    call is told by changed().
//  - Writes of Node's TLS complete at the end of the call that made them, so a session advances as
//    far as it can at once.
//  - After dispose() nothing is called back any more but changed(), for Node's own clean-up.
import { isIP } from 'node:net';
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import * as tls from 'node:tls';
import { domainToASCII } from 'node:url';
import { type Carrier, type CarrierOwner, createCarrier } from './carrier';
import type { TlsHandle } from './nodeTls';
import { TlsFacts } from './tlsFacts';

/** The connection, as its TLS session sees it. */
export interface TlsFilterOwner {
  /** Ciphertext for the peer. False: the connection is over. */
  sendCipher(bytes: Uint8Array): boolean;
  /** Decrypted bytes; only valid during the call. Must not run application code. */
  plainReceived(bytes: Uint8Array): void;
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

export interface ClientSession {
  context: SecureContext;
  /** Name to send (SNI), '' for none. */
  serverName: string;
  alpn: readonly string[];
  requestOCSP: boolean;
  /** A session to resume. */
  session: Buffer | null;
}

/** Node's streams know synchronously that the peer has finished; 'end' follows a tick later. */
interface EndState {
  _readableState?: { ended?: boolean };
}

/** Where Node's TLS socket keeps OpenSSL; null after its end. */
interface WithHandle {
  _handle: TlsHandle | null;
}

export class TlsFilter implements CarrierOwner {
  readonly #owner: TlsFilterOwner;
  readonly #carrier: Carrier;
  readonly socket: TLSSocket;
  readonly facts = new TlsFacts(() => (this.socket as unknown as WithHandle)._handle);
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
  #pending: (() => void)[] = [];
  #asks: (() => void)[] = [];
  #depth = 0;
  #disposed = false;

  private constructor(
    owner: TlsFilterOwner,
    make: (carrier: Carrier) => TLSSocket,
    secureEvent: string,
  ) {
    this.#owner = owner;
    this.#carrier = createCarrier(this);
    this.#carrier.on('error', () => undefined); // told by the TLS socket
    this.#depth++;
    try {
      this.socket = make(this.#carrier);
      this.#listen(secureEvent);
    } catch (error) {
      this.#carrier.destroy();
      throw error;
    } finally {
      this.#depth--;
    }
    if (this.#pending.length > 0) owner.changed();
  }

  /** `server` never listens; its session and OCSP events serve this session. */
  static server(owner: TlsFilterOwner, session: ServerSession, server: Server): TlsFilter {
    const make = (carrier: Carrier): TLSSocket =>
      new tls.TLSSocket(carrier, {
        isServer: true,
        server: server as never,
        secureContext: session.context,
        requestCert: session.requestCert,
        rejectUnauthorized: session.requireCert,
        ...(session.alpn === '' ? {} : { ALPNCallback: () => session.alpn }),
      } as tls.TLSSocketOptions);
    return new TlsFilter(owner, make, 'secure');
  }

  static client(owner: TlsFilterOwner, session: ClientSession): TlsFilter {
    const name = wireName(session.serverName);
    const make = (carrier: Carrier): TLSSocket =>
      tls.connect({
        socket: carrier,
        secureContext: session.context,
        rejectUnauthorized: false, // judged by the owner, who may know better
        checkServerIdentity: () => undefined,
        ...({ requestOCSP: session.requestOCSP } as object),
        ...(name === '' ? {} : { servername: name }),
        ...(session.alpn.length > 0 ? { ALPNProtocols: [...session.alpn] } : {}),
        ...(session.session ? { session: session.session } : {}),
      });
    return new TlsFilter(owner, make, 'secureConnect');
  }

  #listen(secureEvent: string): void {
    const { socket } = this;
    socket.on(secureEvent, () => {
      this.established = true;
      this.#note();
    });
    socket.on('data', (bytes: Buffer) => {
      if (this.#disposed) return;
      this.#owner.plainReceived(bytes);
      this.#note();
    });
    // Emitted at once where it happens; 'error' follows in a later turn.
    socket.on('_tlsError', (error: NodeJS.ErrnoException) => this.#end(error));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error));
    socket.on('end', () => this.#end(null));
    socket.on('close', () => this.#end(null));
  }

  #end(error: NodeJS.ErrnoException | null): void {
    if (this.ended) return;
    this.ended = true;
    this.error = error;
    this.#note();
  }

  #note(): void {
    if (this.#depth === 0 && !this.#disposed) this.#owner.changed();
  }

  /** The peer said that it sends nothing more, whether or not all before that was read. */
  get #isFinished(): boolean {
    return this.ended || (this.socket as EndState)._readableState?.ended === true;
  }

  // ---- What the owner does -----------------------------------------------------------------

  /** Ciphertext from the peer. */
  feed(bytes: Uint8Array): void {
    this.enter(() => this.#carrier.receive(bytes));
  }

  /** The peer's FIN. */
  finish(): void {
    if (this.#disposed || this.truncated) return;
    this.truncated = !this.#isFinished;
    this.enter(() => this.#carrier.finish());
  }

  /** Plaintext for the peer; copied. Possible also when the peer has finished. */
  write(bytes: Uint8Array): void {
    if (this.#disposed || this.error) return;
    const size = bytes.length;
    this.unsent += size;
    this.enter(() =>
      this.socket.write(Buffer.from(bytes), () => {
        this.unsent -= size;
        this.#note();
      }),
    );
  }

  /** Sends close_notify behind what was written. */
  shutdown(): void {
    if (!this.#disposed) this.enter(() => this.socket.end());
  }

  /** Forgets the session. Sends nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#asks = [];
    if (this.#depth === 0) this.#destroy();
  }

  #destroy(): void {
    this.socket.destroy();
    this.#carrier.destroy();
  }

  /** After changed(): completes what waits for it. */
  proceed(): void {
    this.enter(() => undefined);
  }

  /** Runs something that goes back into Node's TLS. */
  enter(action: () => unknown): void {
    this.#depth++;
    try {
      action();
      if (this.#depth === 1) this.#complete();
    } finally {
      this.#depth--;
      if (this.#disposed && this.#depth === 0) this.#destroy();
    }
  }

  #complete(): void {
    while (this.#pending.length > 0) {
      const ready = this.#pending;
      this.#pending = [];
      for (const complete of ready) complete();
    }
    if (this.ended || this.#disposed) return;
    const { errored } = this.socket; // known at once; 'error' follows a tick later
    if (errored) this.#end(errored);
    else if (this.#isFinished && this.socket.readableLength === 0) this.#end(null);
  }

  // ---- What the application is asked -------------------------------------------------------

  /** An event of Node's TLS that the application answers; it is run outside of Node's code. */
  ask(run: () => void): void {
    if (this.#disposed) return;
    this.#asks.push(run);
    this.#note();
  }

  /** The next of them. */
  nextAsk(): (() => void) | undefined {
    return this.#asks.shift();
  }

  get hasAsks(): boolean {
    return this.#asks.length > 0;
  }

  // ---- The carrier's view ------------------------------------------------------------------

  /** @internal */
  sendCipher(bytes: Uint8Array): boolean {
    return !this.#disposed && this.#owner.sendCipher(bytes);
  }

  /** @internal */
  saidAll(): void {
    this.hasSaidAll = true;
    this.#note();
  }

  /** @internal Runs at the end of the owner's call, or by proceed(). */
  later(complete: () => void): void {
    this.#pending.push(complete);
    if (this.#depth === 0) this.#owner.changed();
  }
}

/** A name as it is sent: addresses are not (RFC 6066), names outside ASCII in their ASCII form. */
function wireName(name: string): string {
  if (name === '' || isIP(name) !== 0) return '';
  return domainToASCII(name);
}
