// A TLS session of a server without Node's streams: OpenSSL as Node wraps it, between the core's
// bytes and the application's. What TlsFilter promises holds here too; sessions that need Node's
// events (stored sessions, OCSP, key log) and clients are a TlsFilter.
//
//  - One write of plaintext is under way at a time, as Node's wrap demands; what comes meanwhile
//    waits in order.
//  - Ciphertext goes to the core at once; that it was written is told to Node's wrap at the end of
//    the call, because the wrap must not hear it while it is writing.
import { CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW } from 'node:tls';
import type { CipherStream, NodeTls, TlsHandle } from './nodeTls';
import { TlsFacts } from './tlsFacts';
import type { ServerSession, TlsFilterOwner } from './tlsFilter';

const UV_ECANCELED = -125;
const UV_EPIPE = -32;

export class DirectFilter {
  readonly #owner: TlsFilterOwner;
  readonly #node: NodeTls;
  readonly #stream: CipherStream;
  readonly #tls: TlsHandle;
  readonly facts = new TlsFacts(() => (this.#disposed ? null : this.#tls));
  established = false;
  ended = false;
  truncated = false;
  error: NodeJS.ErrnoException | null = null;
  unsent = 0;
  /** After shutdown(): the owner was given everything, close_notify included. */
  hasSaidAll = false;
  /** Plaintext behind the write that is under way. */
  #waiting: Buffer[] = [];
  #isWriting = false;
  #mustShutDown = false;
  /** Writes and shutdowns of the wrap that are to be completed. */
  #cipherWrite: object | null = null;
  #cipherShutdown: object | null = null;
  #alive = true;
  #handshakes = 0;
  #handshakeAt = 0;
  #depth = 0;
  #disposed = false;

  constructor(owner: TlsFilterOwner, node: NodeTls, session: ServerSession) {
    this.#owner = owner;
    this.#node = node;
    this.#stream = node.makeStream();
    this.#connectStream(this.#stream);
    this.#tls = node.wrapServer(this.#stream, session.context);
    if (session.requestCert) this.#tls.setVerifyMode(true, session.requireCert);
    if (session.alpn !== '') this.#tls.setALPNProtocols(wireProtocol(session.alpn));
    this.#connectTls(this.#tls);
  }

  #connectStream(stream: CipherStream): void {
    stream.onreadstart = stream.onreadstop = () => 0;
    stream.isClosing = () => false;
    stream.onwrite = (request, buffers) => {
      this.#cipherWrite = request;
      if (this.#disposed) return 0;
      for (const bytes of buffers) this.#alive = this.#owner.sendCipher(bytes) && this.#alive;
      this.#note();
      return 0;
    };
    stream.onshutdown = (request) => {
      this.#cipherShutdown = request;
      this.hasSaidAll = true;
      this.#note();
      return 0;
    };
  }

  #connectTls(tls: TlsHandle): void {
    tls.onread = (bytes) => {
      if (this.#disposed) return;
      if (bytes === undefined) this.#end(null);
      else this.#owner.plainReceived(new Uint8Array(bytes));
      this.#note();
    };
    tls.onerror = (error) => this.#end(error);
    tls.onhandshakestart = (now) => this.#handshakeStarted(now);
    tls.onhandshakedone = () => {
      this.established = true;
      this.#note();
    };
  }

  // A client of TLS 1.2 may ask for new handshakes, which cost much: as many as Node allows.
  #handshakeStarted(now: number): void {
    const again = this.#handshakes > 0 && now - this.#handshakeAt < CLIENT_RENEG_WINDOW * 1000;
    this.#handshakes = again ? this.#handshakes + 1 : 1;
    this.#handshakeAt = now;
    if (this.#handshakes - 1 <= CLIENT_RENEG_LIMIT) return;
    const error = new Error('TLS session renegotiation attack detected');
    this.#end(Object.assign(error, { code: 'ERR_TLS_SESSION_ATTACK' }));
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

  // ---- What the owner does -----------------------------------------------------------------

  feed(bytes: Uint8Array): void {
    if (this.#disposed || this.ended) return;
    this.#depth++;
    try {
      this.#stream.readBuffer(bytes);
    } finally {
      this.#leave();
    }
  }

  finish(): void {
    if (this.#disposed || this.truncated) return;
    this.truncated = !this.ended;
    this.#depth++;
    try {
      this.#stream.emitEOF();
      this.#end(null);
    } finally {
      this.#leave();
    }
  }

  write(bytes: Buffer): void {
    if (this.#disposed || this.error) return;
    this.unsent += bytes.length;
    if (this.#isWriting) {
      this.#waiting.push(bytes);
      return;
    }
    this.#depth++;
    try {
      this.#writeNow(bytes);
    } finally {
      this.#leave();
    }
  }

  #writeNow(bytes: Buffer): void {
    const request = this.#node.makeWrite();
    this.#isWriting = true;
    request.oncomplete = () => {
      this.#isWriting = false;
      this.unsent -= bytes.length;
    };
    const status = this.#tls.writeBuffer(request, bytes);
    if (status !== 0) this.#writeFailed(status);
  }

  // OpenSSL refused; what waits cannot be sent either.
  #writeFailed(status: number): void {
    this.#isWriting = false;
    this.#waiting = [];
    this.unsent = 0;
    this.#end(Object.assign(new Error(`TLS write failed (${status})`), { errno: status }));
  }

  shutdown(): void {
    if (this.#disposed || this.error) return;
    this.#mustShutDown = true;
    this.proceed();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#depth === 0) this.#destroy();
  }

  // Requests that are open would keep the wrap alive.
  #destroy(): void {
    this.#depth++; // nobody is told any more, and nothing comes back here
    this.#completeCipher(UV_ECANCELED);
    this.#tls.destroySSL();
    this.#completeCipher(UV_ECANCELED);
    this.#waiting = [];
  }

  proceed(): void {
    this.#depth++;
    this.#leave();
  }

  enter(action: () => unknown): void {
    this.#depth++;
    try {
      action();
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    try {
      if (this.#depth === 1 && !this.#disposed) this.#advance();
    } finally {
      this.#depth--;
      if (this.#disposed && this.#depth === 0) this.#destroy();
    }
  }

  // Completing one write lets the wrap make the next one.
  #advance(): void {
    for (;;) {
      this.#completeCipher(this.#alive ? 0 : UV_EPIPE);
      if (this.#disposed || this.#isWriting) return;
      const next = this.#waiting.shift();
      if (next) this.#writeNow(next);
      else if (this.#mustShutDown) this.#shutDownNow();
      else return;
    }
  }

  #shutDownNow(): void {
    this.#mustShutDown = false;
    this.#tls.shutdown(this.#node.makeShutdown());
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

  // ---- What a TlsFilter asks the application: nothing here ----------------------------------

  nextAsk(): undefined {
    return undefined;
  }

  get hasAsks(): false {
    return false;
  }
}

/** A list of one protocol as TLS writes it. */
function wireProtocol(name: string): Buffer {
  const bytes = Buffer.from(name, 'latin1');
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
