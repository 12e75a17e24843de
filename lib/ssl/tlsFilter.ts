// One TLS session between the core and the application: ciphertext in, plaintext out, and back.
// Node's TLS does the work; it sees a carrier instead of a socket.
//
//  - Nothing of the application runs while Node's TLS code is on the stack: what happened is noted
//    (established, ended, unsent), and the owner looks after each call. What happens outside of a
//    call is told by changed().
//  - After dispose() nothing is called back any more. Inside a call it only marks; the end of the
//    call tears the session down.
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import * as tls from 'node:tls';
import { type Carrier, type CarrierOwner, createCarrier } from './carrier';

/** The connection, as its TLS session sees it. */
export interface TlsFilterOwner extends CarrierOwner {
  /** Decrypted bytes; only valid during the call. Must not run application code. */
  plainReceived(bytes: Uint8Array): void;
  /** Something was noted outside of a call of the owner's. */
  changed(): void;
}

export interface ServerSession {
  context: SecureContext;
  /** Never listens; its session and OCSP events serve this session. */
  server: Server;
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

/** The filter whose bytes are being processed: server-wide events of Node belong to it. */
let current: TlsFilter | null = null;

export function currentFilter(): TlsFilter | null {
  return current;
}

export class TlsFilter {
  readonly #owner: TlsFilterOwner;
  readonly #carrier: Carrier;
  readonly socket: TLSSocket;
  /** Whatever the owner wants to find again from currentFilter(). */
  readonly tag: object;
  /** The handshake is complete; the peer's certificate is not judged yet. */
  established = false;
  /** The session is over, by the peer's close_notify or FIN, or by `error`. */
  ended = false;
  error: NodeJS.ErrnoException | null = null;
  /** Plaintext bytes that are not ciphertext yet. */
  unsent = 0;
  #depth = 0;
  #disposed = false;

  private constructor(
    owner: TlsFilterOwner,
    tag: object,
    make: (carrier: Carrier) => TLSSocket,
    secureEvent: string,
  ) {
    this.#owner = owner;
    this.tag = tag;
    this.#carrier = createCarrier(owner);
    this.#carrier.on('error', () => undefined); // told by the TLS socket
    this.socket = make(this.#carrier);
    this.#listen(secureEvent);
  }

  static server(owner: TlsFilterOwner, tag: object, session: ServerSession): TlsFilter {
    const make = (carrier: Carrier): TLSSocket =>
      new tls.TLSSocket(carrier, {
        isServer: true,
        server: session.server as never,
        secureContext: session.context,
        requestCert: session.requestCert,
        rejectUnauthorized: session.requireCert,
        ...(session.alpn === '' ? {} : { ALPNCallback: () => session.alpn }),
      } as tls.TLSSocketOptions);
    return new TlsFilter(owner, tag, make, 'secure');
  }

  static client(owner: TlsFilterOwner, tag: object, session: ClientSession): TlsFilter {
    const make = (carrier: Carrier): TLSSocket =>
      tls.connect({
        socket: carrier,
        secureContext: session.context,
        rejectUnauthorized: false, // judged by the owner, who may know better
        checkServerIdentity: () => undefined,
        ...({ requestOCSP: session.requestOCSP } as object),
        ...(session.serverName === '' ? {} : { servername: session.serverName }),
        ...(session.alpn.length > 0 ? { ALPNProtocols: [...session.alpn] } : {}),
        ...(session.session ? { session: session.session } : {}),
      });
    return new TlsFilter(owner, tag, make, 'secureConnect');
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

  /** Ciphertext from the peer. */
  feed(bytes: Uint8Array): void {
    this.#run(() => this.#carrier.receive(bytes));
  }

  /** The peer's FIN. */
  finish(): void {
    this.#run(() => this.#carrier.finish());
  }

  /** Plaintext for the peer; copied when it cannot be encrypted at once. */
  write(bytes: Uint8Array): void {
    if (this.#disposed || this.ended) return;
    const size = bytes.length;
    this.unsent += size;
    this.#run(() =>
      this.socket.write(Buffer.from(bytes), () => {
        this.unsent -= size;
        this.#note();
      }),
    );
  }

  /** Sends close_notify behind what was written. */
  shutdown(): void {
    if (!this.#disposed) this.#run(() => this.socket.end());
  }

  /** Forgets the session. Sends nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#depth === 0) this.#destroy();
  }

  #destroy(): void {
    this.socket.destroy();
    this.#carrier.destroy();
  }

  /** Runs something that goes back into Node's TLS. */
  enter(action: () => void): void {
    this.#run(action);
  }

  #run(action: () => unknown): void {
    const outer = current;
    current = this;
    this.#depth++;
    try {
      action();
    } finally {
      this.#depth--;
      current = outer;
      if (this.#disposed && this.#depth === 0) this.#destroy();
    }
  }
}
