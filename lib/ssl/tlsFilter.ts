// A TLS session by Node's public classes: a TLSSocket, which sees a carrier instead of a socket. For
// clients, for what is told by events of Node's (stored sessions, OCSP, key log), and for servers
// where Node does not give out what DirectFilter needs.
//
// After dispose() nothing is called back any more but changed(), for Node's own clean-up.
import { isIP } from 'node:net';
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import * as tls from 'node:tls';
import { domainToASCII } from 'node:url';
import { type Carrier, type CarrierOwner, createCarrier } from './carrier';
import type { TlsHandle } from './nodeTls';
import { type ServerSession, TlsEngine, type TlsOwner } from './tlsEngine';

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

export class TlsFilter extends TlsEngine implements CarrierOwner {
  readonly #carrier: Carrier;
  readonly socket: TLSSocket;
  #pending: (() => void)[] = [];
  #asks: (() => void)[] = [];
  /** Ciphertext given to the owner of the writes that are under way. */
  #given = 0;

  private constructor(owner: TlsOwner, make: (carrier: Carrier) => TLSSocket, secureEvent: string) {
    super(owner);
    this.#carrier = createCarrier(this);
    this.#carrier.on('error', () => undefined); // told by the TLS socket
    this.begin();
    try {
      this.socket = make(this.#carrier);
      this.#listen(secureEvent);
    } catch (error) {
      this.#carrier.destroy();
      throw error;
    } finally {
      this.quit();
    }
    if (this.#pending.length > 0) owner.changed();
  }

  /** `server` never listens; its session and OCSP events serve this session. */
  static server(owner: TlsOwner, session: ServerSession, server: Server): TlsFilter {
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

  static client(owner: TlsOwner, session: ClientSession): TlsFilter {
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
      this.note();
    });
    socket.on('data', (bytes: Buffer) => {
      if (this.isDisposed) return;
      this.owner.plainReceived(bytes, bytes.length);
      this.note();
    });
    // Emitted at once where it happens; 'error' follows in a later turn.
    socket.on('_tlsError', (error: NodeJS.ErrnoException) => this.end(error));
    socket.on('error', (error: NodeJS.ErrnoException) => this.end(error));
    socket.on('end', () => this.end(null));
    socket.on('close', () => this.end(null));
  }

  protected get handle(): TlsHandle | null {
    return (this.socket as unknown as WithHandle)._handle;
  }

  /** The peer said that it sends nothing more, whether or not all before that was read. */
  get #isFinished(): boolean {
    return this.ended || (this.socket as EndState)._readableState?.ended === true;
  }

  // ---- What the owner does -----------------------------------------------------------------

  feed(bytes: Uint8Array): void {
    if (!this.isDisposed) this.enter(() => this.#carrier.receive(bytes));
  }

  finish(): void {
    if (this.isDisposed || this.truncated) return;
    this.truncated = !this.#isFinished;
    this.enter(() => this.#carrier.finish());
  }

  write(bytes: Uint8Array): void {
    if (this.isDisposed || this.error) return;
    const { length } = bytes;
    this.unsent += length;
    this.enter(() =>
      this.socket.write(Buffer.from(bytes), () => {
        this.unsent -= length;
        this.#given = 0;
        this.note();
      }),
    );
  }

  // Over the public carrier a write is complete some turns behind its ciphertext.
  override get kept(): number {
    return Math.max(0, this.unsent - this.#given);
  }

  shutdown(): void {
    if (!this.isDisposed) this.enter(() => this.socket.end());
  }

  protected destroy(): void {
    this.#asks = [];
    this.socket.destroy();
    this.#carrier.destroy();
  }

  protected advance(): void {
    while (this.#pending.length > 0) {
      const ready = this.#pending;
      this.#pending = [];
      for (const complete of ready) complete();
    }
    if (this.ended || this.isDisposed) return;
    const { errored } = this.socket; // known at once; 'error' follows a tick later
    if (errored) this.end(errored);
    else if (this.#isFinished && this.socket.readableLength === 0) this.end(null);
  }

  // ---- What the application is asked -------------------------------------------------------

  /** An event of Node's TLS that the application answers; it is run outside of Node's code. */
  ask(run: () => void): void {
    if (this.isDisposed) return;
    this.#asks.push(run);
    this.note();
  }

  override nextAsk(): (() => void) | undefined {
    return this.#asks.shift();
  }

  override get hasAsks(): boolean {
    return this.#asks.length > 0;
  }

  // ---- The carrier's view ------------------------------------------------------------------

  /** @internal */
  sendCipher(bytes: Uint8Array): boolean {
    if (this.isDisposed) return false;
    if (this.unsent > 0) this.#given += bytes.length;
    return this.owner.sendCipher(bytes);
  }

  /** @internal */
  saidAll(): void {
    this.hasSaidAll = true;
    this.note();
  }

  /** @internal Runs at the end of the owner's call, or by proceed(). */
  later(complete: () => void): void {
    this.#pending.push(complete);
    if (!this.isInside) this.owner.changed();
  }
}

/** A name as it is sent: addresses are not (RFC 6066), names outside ASCII in their ASCII form. */
function wireName(name: string): string {
  if (name === '' || isIP(name) !== 0) return '';
  return domainToASCII(name);
}
