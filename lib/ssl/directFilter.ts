// A TLS session of a server without Node's streams: OpenSSL as Node wraps it, between the core's
// bytes and the application's. Sessions that need Node's events are a TlsFilter.
//
// Node's wrap ends the process when it is not used as it expects:
//  - One write of plaintext is under way at a time, and never an empty one; what comes meanwhile
//    waits in order.
//  - Each of its writes of ciphertext is completed once, and not while it is writing: the core gets
//    the bytes at once, the wrap hears of it at the end of the call.
//  - Nothing is fed after the end of the session.
import { CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW } from 'node:tls';
import type { CipherStream, NodeTls, TlsHandle, TlsRequest } from './nodeTls';
import { type ServerSession, TlsEngine, type TlsOwner } from './tlsEngine';

/** Plaintext OpenSSL gives at a time, at most; it is passed on at once, so one for all will do. */
const plaintext = new Uint8Array(16 * 1024);

/** The session an object of Node's belongs to. */
const FILTER = Symbol('filter');
interface Owned {
  [FILTER]: DirectFilter;
}

const accept = (): number => 0;
const isNot = (): boolean => false;

const UV_ECANCELED = -125;
const UV_EPIPE = -32;
const UV_EPROTO = -71;

export class DirectFilter extends TlsEngine {
  protected readonly handle: TlsHandle;
  readonly #node: NodeTls;
  readonly #stream: CipherStream;
  /** Plaintext behind the write that is under way. */
  #waiting: Uint8Array[] = [];
  #isWriting = false;
  /** Bytes of that write. */
  #writing = 0;
  #mustShutDown = false;
  /** Writes and shutdowns of the wrap that are to be completed. */
  #cipherWrite: object | null = null;
  #cipherShutdown: object | null = null;
  /** The connection takes ciphertext. */
  #alive = true;
  #handshakes = 0;
  #handshakeAt = 0;

  constructor(owner: TlsOwner, node: NodeTls, session: ServerSession) {
    super(owner);
    this.#node = node;
    this.#stream = node.makeStream();
    this.#connectStream(this.#stream as CipherStream & Owned);
    this.handle = node.wrapServer(this.#stream, session.context);
    if (session.requestCert) this.handle.setVerifyMode(true, session.requireCert);
    if (session.alpn !== '') this.handle.setALPNProtocols(wireProtocol(session.alpn));
    this.#connectTls(this.handle as TlsHandle & Owned);
  }

  #connectStream(stream: CipherStream & Owned): void {
    stream[FILTER] = this;
    stream.onreadstart = stream.onreadstop = accept;
    stream.isClosing = isNot;
    stream.onwrite = DirectFilter.#onWrite;
    stream.onshutdown = DirectFilter.#onShutdown;
  }

  #connectTls(handle: TlsHandle & Owned): void {
    handle[FILTER] = this;
    handle.useUserBuffer(plaintext);
    handle.onread = DirectFilter.#onRead;
    handle.onerror = DirectFilter.#onError;
    handle.onhandshakestart = DirectFilter.#onHandshakeStart;
    handle.onhandshakedone = DirectFilter.#onHandshakeDone;
  }

  // ---- What Node's wrap calls: one function for all sessions, closures would cost each of them ----

  // A request is ours once this has returned 0: Node takes back that of one that throws.
  static #onWrite(this: Owned, request: object, buffers: Uint8Array[]): number {
    const filter = this[FILTER];
    if (!filter.isDisposed)
      for (const bytes of buffers) filter.#alive = filter.owner.sendCipher(bytes) && filter.#alive;
    filter.#cipherWrite = request;
    filter.note();
    return 0;
  }

  static #onShutdown(this: Owned, request: object): number {
    const filter = this[FILTER];
    filter.#cipherShutdown = request;
    filter.hasSaidAll = true;
    filter.note();
    return 0;
  }

  static #onRead(this: Owned): void {
    const filter = this[FILTER];
    if (filter.isDisposed) return;
    const count = filter.#node.readResult();
    if (count < 0) filter.end(null);
    else if (count > 0) filter.owner.plainReceived(plaintext, count);
    filter.note();
  }

  static #onError(this: Owned, error: NodeJS.ErrnoException): void {
    this[FILTER].end(error);
  }

  static #onHandshakeStart(this: Owned, now: number): void {
    this[FILTER].#handshakeStarted(now);
  }

  static #onHandshakeDone(this: Owned): void {
    this[FILTER].established = true;
    this[FILTER].note();
  }

  static #onWritten(this: Owned, status: number): void {
    this[FILTER].#writeDone(status);
  }

  // A client of TLS 1.2 may ask for new handshakes, which cost much: as many as Node allows.
  #handshakeStarted(now: number): void {
    const again = this.#handshakes > 0 && now - this.#handshakeAt < CLIENT_RENEG_WINDOW * 1000;
    this.#handshakes = again ? this.#handshakes + 1 : 1;
    this.#handshakeAt = now;
    if (this.#handshakes - 1 <= CLIENT_RENEG_LIMIT) return;
    const error = new Error('TLS session renegotiation attack detected');
    this.end(Object.assign(error, { code: 'ERR_TLS_SESSION_ATTACK' }));
  }

  // ---- What the owner does -----------------------------------------------------------------

  feed(bytes: Uint8Array): void {
    if (this.isDisposed || this.ended) return;
    this.begin();
    try {
      this.#stream.readBuffer(bytes);
    } finally {
      this.leave();
    }
  }

  finish(): void {
    if (this.isDisposed || this.ended) return;
    this.truncated = true;
    this.enter(() => {
      this.#stream.emitEOF();
      this.end(null);
    });
  }

  write(bytes: Uint8Array): void {
    if (this.isDisposed || this.error || bytes.length === 0) return;
    this.unsent += bytes.length;
    if (this.#isWriting) {
      this.#waiting.push(bytes.slice());
      return;
    }
    this.begin();
    try {
      this.#writeNow(bytes);
    } finally {
      this.leave();
    }
  }

  // What the wrap cannot write at once it copies.
  #writeNow(bytes: Uint8Array): void {
    const request = this.#node.makeWrite() as TlsRequest & Owned;
    request[FILTER] = this;
    request.oncomplete = DirectFilter.#onWritten;
    this.#isWriting = true;
    this.#writing = bytes.length;
    const status = this.handle.writeBuffer(request, bytes);
    if (status !== 0) this.#writeFailed(status);
  }

  #writeDone(status: number): void {
    this.#isWriting = false;
    this.unsent = Math.max(0, this.unsent - this.#writing);
    if (status === UV_EPROTO) this.#writeFailed(status);
    this.note();
  }

  // OpenSSL refused; what waits cannot be sent either.
  #writeFailed(status: number): void {
    this.#isWriting = false;
    this.#waiting = [];
    this.unsent = 0;
    this.end(Object.assign(new Error(`TLS write failed (${status})`), { errno: status }));
  }

  shutdown(): void {
    if (this.isDisposed || this.error || this.hasSaidAll) return;
    this.#mustShutDown = true;
    this.proceed();
  }

  // Completing one write lets the wrap make the next one.
  protected advance(): void {
    for (;;) {
      if (this.isDisposed) return;
      this.#completeCipher(this.#alive ? 0 : UV_EPIPE);
      if (!this.#alive && this.#mustShutDown) this.hasSaidAll = true; // nobody hears it
      if (this.#isWriting) return;
      const next = this.#waiting.shift();
      if (next) this.#writeNow(next);
      else if (this.#mustShutDown) this.#shutDownNow();
      else return;
    }
  }

  #shutDownNow(): void {
    this.#mustShutDown = false;
    this.handle.shutdown(this.#node.makeShutdown());
  }

  #completeCipher(status: number): void {
    while (this.#cipherWrite !== null) {
      const request = this.#cipherWrite;
      this.#cipherWrite = null;
      this.#stream.finishWrite(request, status);
    }
    const request = this.#cipherShutdown;
    if (request === null) return;
    this.#cipherShutdown = null;
    this.#stream.finishShutdown(request, status);
  }

  // Requests that are open would keep the wrap alive.
  protected destroy(): void {
    this.#waiting = [];
    this.#completeCipher(UV_ECANCELED);
    this.handle.destroySSL();
    this.#completeCipher(UV_ECANCELED);
  }
}

/** A list of one protocol as TLS writes it. */
function wireProtocol(name: string): Buffer {
  const bytes = Buffer.from(name, 'latin1');
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
