// TLS on one connection: the filter between the core's bytes and the application's.
//
//  - Ciphertext is pulled from the core when the pump reports input, as long as less plaintext than
//    PLAIN_LIMIT waits unread; plaintext goes back into the core's buffer, so that every way to read
//    it (lines, text, bytes, peeking) is the one of a plain connection.
//  - Nothing the application sends leaves before the peer's certificate was judged and
//    OnSslHandshakeDone has fired.
//  - Events of the application fire only in settle(), from the pump: never inside Node's TLS code
//    and never inside a Send. After each of them the session may be over (`closed`).
import { constants } from 'node:os';
import { wsaFromSocketErrno } from '../errors';
import * as N from '../native';
import { type QueuedMessage } from '../pump/messageQueue';
import { callInfo, flushLater, post, startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import * as A from '../ssl/alerts';
import type { TClientHelloData } from '../ssl/clientHello';
import { RecordBoundary } from '../ssl/recordBoundary';
import type { TlsFilter, TlsFilterOwner } from '../ssl/tlsFilter';
import type { TSslContext } from '../ssl/TSslContext';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { clientFilter, serverFilter } from './tlsFilters';
import {
  chooseByHello,
  type HelloChoice,
  HelloReader,
  type HelloRefusal,
  readHello,
} from './tlsHello';
import { failedHandshake, finishedHandshake } from './tlsResult';
import { PlainBatch } from './plainBatch';
import { TlsFarewell } from './tlsFarewell';
import { postContinue } from './receive';
import { drained, flushQueue } from './send';
import * as F from './socketFlags';

const { native } = N;
const { receiveRaw, pushInput, send: nativeSend, available } = native;
const { EAGAIN } = constants.errno;
/** Plaintext that may wait unread before ciphertext is left in the kernel. */
const PLAIN_LIMIT = 64 * 1024;
/** Plaintext that is collected before it goes through TLS. */
const BATCH_LIMIT = 64 * 1024;
/** Reads per turn, so that one connection cannot hold up the others. */
const MAX_READS = 16;
/** What TLS may answer by itself (key updates, alerts) while no plaintext passes. */
const MAX_REPLIES = 16 * 1024;

// No application code runs while its contents are in use, so one for all sessions will do.
const ciphertext = Buffer.allocUnsafeSlow(64 * 1024);

// Node's TLS goes on from the message queue, also when the connection is gone by then.
const completions = {
  isDestroyed: false,
  dispatchMessage(message: QueuedMessage): void {
    (message.subject as TlsSession).proceed();
  },
};

export class TlsSession implements TlsFilterOwner {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  #filter: TlsFilter | null = null;
  #context: TSslContext;
  #hello: HelloReader | null = null;
  /** Events about the hello are running. */
  #choosing = false;
  /** Plaintext that waits: for the handshake, or for the end of the running dispatch. */
  readonly #batch = new PlainBatch();
  #timer: ReactorTimer | null = null;
  /** The handshake is decided, for better or worse. */
  #done = false;
  /** The peer was accepted. */
  #accepted = false;
  /** OnSslHandshakeDone(0) has fired: what was sent goes out. */
  #open = false;
  #endTold = false;
  #ending = false;
  /** Ciphertext was left in the kernel because enough plaintext waits. */
  #held = false;
  /** Part of socket.queued. */
  #unsent = 0;
  /** Ciphertext was made that the core has only queued. */
  #made = false;
  #feeding = false;
  #replies = 0;
  #proceedPosted = false;
  #shut = false;
  /** `How` of a Shutdown that waits until everything was said; 0: none. */
  #shutAs = 0;
  #farewell: TlsFarewell | null = null;
  readonly #boundary = new RecordBoundary();
  /** SslBiShutDownAsync: plain text goes on behind both close_notify. */
  #goingPlain = false;
  #behindTls: Buffer[] = [];
  /**
   * How the peer is verified. Settled when the session begins: a context that is changed or freed in
   * the handshake must not let a stranger in.
   */
  verifiesPeer = false;
  requiresCert = false;
  closed = false;

  constructor(socket: TCustomSslWSocket, context: TSslContext) {
    this.#socket = socket;
    this.#handle = socket.socketHandle;
    this.#context = context;
    socket.flags |= F.FILTERED | F.TLS_HANDSHAKE;
    const dropped = native.setFilter(this.#handle, true);
    if (dropped > 0) socket.SslDiscardedByteCount += dropped;
    if (socket.SslHandshakeTimeout > 0)
      this.#timer = startTimer(socket.SslHandshakeTimeout, () => this.#timedOut());
  }

  /** The handshake has succeeded, and the session has not ended. */
  get established(): boolean {
    return this.#done && !this.#endTold && !this.closed;
  }

  get handshaking(): boolean {
    return !this.#done && !this.closed;
  }

  get context(): TSslContext {
    return this.#context;
  }

  /** A client waits for its hello to come. */
  startServer(): void {
    this.#hello = new HelloReader();
  }

  /** A client speaks first. */
  startClient(): void {
    this.verifiesPeer = this.#context.SslVerifyPeer;
    this.requiresCert = true;
    this.#use(clientFilter(this, this.#socket, this.#context));
  }

  // ---- Input ---------------------------------------------------------------------------------

  /** Ciphertext has arrived: decrypts what may be. True: there may be more. */
  pull(): boolean {
    if (this.#choosing) return false;
    this.#held = false;
    let more = true;
    for (let reads = 0; more && !this.closed && reads < MAX_READS; reads++) {
      if (this.#isFull(reads)) break;
      more = this.#read();
      if (!this.#done && this.#filter?.established) break; // its event comes before any data
    }
    this.settle();
    if (this.closed) return false;
    if (more && !this.#held) postContinue(this.#socket);
    return more;
  }

  // Enough plaintext waits. A line that is not complete is never enough.
  #isFull(reads: number): boolean {
    if (available(this.#handle, 0) < PLAIN_LIMIT) return false;
    if (this.#socket.recvFlags && available(this.#handle, N.RECV_LINE) <= 0) return reads > 0;
    this.#held = true;
    return true;
  }

  /** The application has taken plaintext, or looks for more: decryption may go on. */
  get mayGoOn(): boolean {
    if (this.#held) return available(this.#handle, 0) < PLAIN_LIMIT;
    return this.#filter !== null && this.#filter.ended && !this.#endTold;
  }

  #read(): boolean {
    const got = receiveRaw(this.#handle, ciphertext, 0, ciphertext.length);
    const more = (callInfo[N.INFO_MORE]! & 1) !== 0;
    if (got > 0) this.#feed(ciphertext.subarray(0, got));
    else if (got < 0 && got !== -EAGAIN) this.#socket.LastError = wsaFromSocketErrno(-got);
    return got > 0 && more;
  }

  #feed(bytes: Uint8Array): void {
    if (this.#filter === null) {
      this.#collectHello(bytes);
      return;
    }
    this.#feeding = true;
    try {
      if (this.#goingPlain) {
        const behind = this.#boundary.feedUntilEnd(this.#filter, bytes);
        if (behind.length > 0) this.#behindTls.push(Buffer.from(behind));
      } else {
        this.#boundary.skip(bytes);
        this.#filter.feed(bytes);
      }
    } finally {
      this.#feeding = false;
    }
  }

  plainReceived(bytes: Uint8Array): void {
    this.#replies = 0;
    if (!this.closed) pushInput(this.#handle, bytes, 0, bytes.length);
  }

  // ---- The ClientHello -----------------------------------------------------------------------

  #collectHello(bytes: Uint8Array): void {
    const reader = this.#hello;
    const soFar = reader?.add(bytes);
    if (!reader || !soFar) return;
    const hello = readHello(reader, soFar);
    if (hello === null) return;
    this.#hello = null;
    const choice = 'alert' in hello ? hello : this.#choose(hello);
    if (choice === null) return;
    if ('alert' in choice) {
      this.#refuse(choice);
      return;
    }
    this.#context = choice.context;
    if (this.#openServer(choice.alpn)) this.#feed(soFar);
  }

  #choose(hello: TClientHelloData): HelloChoice | HelloRefusal | null {
    this.#choosing = true;
    try {
      return chooseByHello(this.#socket, hello, this.#context, () => this.closed);
    } finally {
      this.#choosing = false;
    }
  }

  #openServer(alpn: string): boolean {
    try {
      this.verifiesPeer = this.#context.requestCert;
      this.requiresCert = this.#context.requireCert;
      this.#use(serverFilter(this, this.#socket, this.#context, alpn));
      return true;
    } catch (error) {
      const text = `Error, ${(error as Error).message}`;
      this.#refuse({ alert: A.ALERT_INTERNAL_ERROR, code: 1, text });
      return false;
    }
  }

  #use(filter: TlsFilter): void {
    this.#filter = filter;
    this.#socket.filterOpened(filter);
    this.#flush();
  }

  // Refused before Node's TLS saw anything: the alert is ours.
  #refuse({ alert, code, text }: HelloRefusal): void {
    if (alert !== 0) {
      this.sendCipher(A.alertRecord(alert, this.#socket.CliHelloData?.LegacyVersion));
      native.flush(this.#handle);
    }
    this.fail(code, text);
  }

  // ---- Output --------------------------------------------------------------------------------

  /** Plaintext of the application. In a dispatch it is collected, as that of a plain connection. */
  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    this.#batch.add(bytes);
    this.#countUnsent();
    if (!this.#open) return;
    const collects = socket.flags & F.IN_DISPATCH && socket.CoalesceSends;
    if (collects && this.#batch.size < BATCH_LIMIT) this.#coalesce();
    else this.flushBatch();
  }

  /** What was collected goes through TLS. */
  flushBatch(): void {
    if (this.#batch.size === 0 || this.closed || !this.#open) return;
    this.#replies = 0;
    this.#filter?.write(this.#batch.take());
    this.#afterWrite();
  }

  /** Forgets what was sent and is still plaintext. */
  dropBatch(): void {
    this.#batch.clear();
    if (!this.closed) this.#countUnsent();
  }

  #coalesce(): void {
    const socket = this.#socket;
    if (socket.flags & F.COALESCED) return;
    socket.flags |= F.COALESCED;
    flushLater(socket);
  }

  sendCipher(bytes: Uint8Array): boolean {
    if (this.closed) return this.#farewell?.send(bytes) ?? false;
    this.#made = true;
    if (this.#feeding && this.#done) this.#replies += bytes.length;
    return nativeSend(this.#handle, bytes, 0, bytes.length, 1) >= 0;
  }

  changed(): void {
    if (this.#proceedPosted) return;
    this.#proceedPosted = true;
    post(completions, 0, 0, 0, this);
  }

  /** Node's TLS has something to do, or has noted something outside of a call. */
  proceed(): void {
    this.#proceedPosted = false;
    this.#filter?.proceed();
    this.#endFarewell(false);
    try {
      this.settle();
    } catch (E) {
      this.#socket.HandleBackGroundException(E, 'TCustomSslWSocket.WndProc');
    }
  }

  // Events wait for the pump: the application is inside a Send.
  #afterWrite(): void {
    this.#flush();
    if (!this.closed && this.#hasNews) this.changed();
  }

  get #hasNews(): boolean {
    const filter = this.#filter;
    if (filter === null) return false;
    if (filter.established && !this.#done) return true;
    return filter.hasAsks || (filter.ended && !this.#endTold);
  }

  // Writes the ciphertext that was made: at the end of the dispatch, or now outside of one.
  #flush(): void {
    const socket = this.#socket;
    if (this.closed) return;
    const waited = this.#unsent > 0;
    this.#countUnsent();
    if (this.#made) {
      this.#made = false;
      if (socket.flags & F.IN_DISPATCH && !(socket.flags & F.TLS_HANDSHAKE)) this.#coalesce();
      else flushQueue(socket);
    } else if (waited && socket.queued === 0) {
      drained(socket);
    }
  }

  // Plaintext that is not ciphertext yet counts as queued.
  #countUnsent(): void {
    const held = this.#batch.size + (this.#filter?.unsent ?? 0);
    this.#socket.queued += held - this.#unsent;
    this.#socket.plainQueued = held;
    this.#unsent = held;
  }

  // ---- What came of it -----------------------------------------------------------------------

  /** After calls into the filter: output goes out, events fire. */
  settle(): void {
    const filter = this.#filter;
    if (this.closed || filter === null) return;
    this.#flush();
    this.#shutNow();
    for (let ask = filter.nextAsk(); ask; ask = filter.nextAsk()) {
      ask();
      if (this.closed) return;
      this.#flush();
    }
    if (this.closed) return;
    if (filter.established && !this.#done) this.#finishHandshake(filter);
    else if (filter.ended) this.#settleEnd(filter);
    else if (this.#replies > MAX_REPLIES)
      this.#tellEnd(new Error('Too many messages of TLS itself'));
  }

  #finishHandshake(filter: TlsFilter): void {
    this.#done = true;
    stopTimer(this.#timer);
    this.#tellResult(filter);
    if (this.closed) return;
    this.#socket.flags &= ~F.TLS_HANDSHAKE;
    this.#open = true;
    if (this.#batch.size > 0) this.flushBatch();
    else if (this.#socket.queued === 0) drained(this.#socket);
    if (this.closed) return;
    postContinue(this.#socket);
    if (filter.ended) this.#settleEnd(filter);
  }

  // Nothing else ends a connection whose peer could not be judged: no time runs any more.
  #tellResult(filter: TlsFilter): void {
    try {
      finishedHandshake(this.#socket, this, filter);
    } catch (E) {
      if (this.#accepted) throw E;
      this.fail(1, `Error, ${(E as Error).message}`);
    }
  }

  #settleEnd(filter: TlsFilter): void {
    if (this.#endTold || this.#ending) return;
    if (!this.#done) {
      this.failByEnd();
      return;
    }
    const socket = this.#socket;
    if (this.#goingPlain && filter.error === null && !filter.truncated) {
      this.#endTold = true;
      this.#backToPlain();
      return;
    }
    if (socket.flags & F.PAUSED) return; // Resume gets here again
    this.#ending = true;
    try {
      socket.deliverDecrypted();
    } finally {
      this.#ending = false;
    }
    if (this.closed || socket.flags & F.PAUSED) return;
    this.endSession();
  }

  /** The peer's close_notify or FIN, or a broken session: once, behind all data. */
  endSession(): void {
    if (this.#filter) this.#tellEnd(this.#filter.error);
  }

  #tellEnd(error: Error | null): void {
    if (this.#endTold || this.closed) return;
    this.#endTold = true;
    this.#socket.tlsEnded(error, this.#filter?.truncated ?? false);
  }

  /** The peer's FIN, behind all that it sent. */
  finish(): void {
    this.#filter?.finish();
    this.settle();
  }

  /** The connection broke. */
  broken(error: number): void {
    if (this.#endTold || this.closed) return;
    this.#endTold = true;
    this.#socket.TriggerSslShutDownComplete(false, error);
  }

  /** The connection ended before the handshake did. */
  failByEnd(): void {
    if (this.#done || this.closed) return;
    const { code, text } = failedHandshake(this.#filter?.error ?? null);
    this.fail(code, text);
  }

  /** The handshake is over without success. */
  fail(code: number, text: string): void {
    if (this.closed || this.#open || this.#endTold) return;
    this.#done = true;
    this.#endTold = true;
    stopTimer(this.#timer);
    this.#socket.handshakeFailed(code, text);
  }

  /** The peer's certificate, if it was asked for one, is good. */
  accept(): void {
    this.#accepted = true;
  }

  #timedOut(): void {
    const { SslHandshakeTimeout } = this.#socket;
    try {
      this.fail(1, `Error, no SSL handshake within ${SslHandshakeTimeout} ms`);
    } catch (E) {
      this.#socket.HandleBackGroundException(E, 'SslHandshakeTimeout');
    }
  }

  // ---- The end -------------------------------------------------------------------------------

  /** Queues close_notify behind what was sent. Fires nothing. */
  sayGoodbye(): void {
    const filter = this.#filter;
    if (!this.#accepted || this.#shut || this.closed || filter === null || filter.error) return;
    this.#shut = true;
    if (this.#open && this.#batch.size > 0) filter.write(this.#batch.take());
    filter.shutdown();
  }

  /** Something of this side, close_notify included, comes in later turns. */
  get #isSpeaking(): boolean {
    const filter = this.#filter;
    return this.#shut && filter !== null && !filter.hasSaidAll && !filter.error;
  }

  /** Ends sending (1) or both directions (2) behind everything that was sent. */
  shutDirections(how: number): void {
    this.sayGoodbye();
    this.#shutAs = how;
    this.#shutNow();
  }

  #shutNow(): void {
    if (this.#shutAs === 0 || this.closed || this.#isSpeaking) return;
    native.shutdown(this.#handle, this.#shutAs);
    this.#shutAs = 0;
  }

  /**
   * The socket lets go of its handle: says goodbye and forgets the session. True: the session still
   * has something to say, keeps the handle for it and closes it.
   */
  leave(): boolean {
    this.sayGoodbye();
    if (this.closed || !this.#isSpeaking) {
      this.close();
      return false;
    }
    native.flush(this.#handle);
    this.#forget();
    this.#farewell = new TlsFarewell(this.#handle, () => this.#endFarewell(true));
    return true;
  }

  #endFarewell(expired: boolean): void {
    if (this.#farewell === null || (this.#isSpeaking && !expired)) return;
    this.#farewell.end();
    this.#farewell = null;
    this.#filter?.dispose();
  }

  /** The application closes: no end is told any more. */
  endQuietly(): void {
    this.sayGoodbye();
    this.#endTold = true;
    if (!this.closed) native.flush(this.#handle);
  }

  /** Sends close_notify and waits for the peer's: then the connection is plain again. */
  goPlain(): boolean {
    if (!this.established || !this.#open || this.#goingPlain) return false;
    this.#goingPlain = true;
    this.sayGoodbye();
    this.#afterWrite();
    return true;
  }

  #backToPlain(): void {
    const socket = this.#socket;
    const handle = this.#handle;
    flushQueue(socket);
    if (this.closed) return;
    for (const bytes of this.#behindTls) pushInput(handle, bytes, 0, bytes.length);
    socket.tlsGone();
    socket.TriggerSslShutDownComplete(true, 0);
  }

  /** Forgets the session; nothing of it is heard any more. */
  close(): void {
    if (this.closed) return;
    this.#forget();
    this.#socket.DroppedByteCount += this.#unsent;
    this.#filter?.dispose();
  }

  #forget(): void {
    this.closed = true;
    stopTimer(this.#timer);
    this.#socket.queued -= this.#unsent;
    this.#socket.plainQueued = 0;
  }
}
