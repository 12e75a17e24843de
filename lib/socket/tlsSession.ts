// TLS on one connection: the filter between the core's bytes and the application's.
//
//  - Ciphertext is pulled from the core when the pump reports input, as long as less plaintext than
//    PLAIN_LIMIT waits unread; plaintext goes back into the core's buffer, so that every way to read
//    it (lines, text, bytes, peeking) is the one of a plain connection.
//  - Nothing the application sends leaves before the peer's certificate was judged and
//    OnSslHandshakeDone has fired.
//  - Events of the application fire only in settle(), from the pump: never inside Node's TLS code
//    and never inside a Send. After each of them the session may be over (`closed`).
import * as N from '../native';
import { type QueuedMessage } from '../pump/messageQueue';
import { post } from '../pump/reactor';
import * as A from '../ssl/alerts';
import { RecordBoundary } from '../ssl/recordBoundary';
import type { TlsEngine, TlsOwner } from '../ssl/tlsEngine';
import type { TSslContext } from '../ssl/TSslContext';
import { HandshakeTimer } from './handshakeTimer';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { clientFilter, serverFilter } from './tlsFilters';
import { type HelloRefusal, HelloStage } from './tlsHello';
import { failedHandshake, finishedHandshake, type PeerRules, rulesOf } from './tlsResult';
import { TlsGoodbye } from './tlsGoodbye';
import { TlsInput } from './tlsInput';
import { TlsOutput } from './tlsOutput';
import { postContinue } from './receive';
import { drained, flushQueue } from './send';
import * as F from './socketFlags';

const { native } = N;
/** Reads per turn, so that one connection cannot hold up the others. */
const MAX_READS = 16;

// Node's TLS goes on from the message queue, also when the connection is gone by then.
const completions = {
  isDestroyed: false,
  dispatchMessage(message: QueuedMessage): void {
    (message.subject as TlsSession).proceed();
  },
};

/** Bytes of one direction are lost, so the session cannot go on. */
const noMemory = (): Error => new Error('No memory for the bytes of a TLS session');

export class TlsSession implements TlsOwner {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  #filter: TlsEngine | null = null;
  #context: TSslContext;
  #hello: HelloStage | null = null;
  readonly #input: TlsInput;
  readonly #output: TlsOutput;
  #timer: HandshakeTimer | null = null;
  /** The handshake is decided, for better or worse. */
  #done = false;
  /** The peer was accepted. */
  #accepted = false;
  #endTold = false;
  #ending = false;
  #proceedPosted = false;
  /** Who pulls delivers what was decrypted. */
  #pulling = false;
  #goodbye: TlsGoodbye | null = null;
  /** Stops at the peer's last record when plain text goes on behind it. */
  readonly #boundary = new RecordBoundary();
  rules: PeerRules | null = null;
  closed = false;

  constructor(socket: TCustomSslWSocket, context: TSslContext) {
    this.#socket = socket;
    this.#handle = socket.socketHandle;
    this.#input = new TlsInput(socket);
    this.#output = new TlsOutput(socket);
    this.#context = context;
    socket.flags |= F.FILTERED | F.TLS_HANDSHAKE;
    const dropped = native.setFilter(this.#handle, true);
    if (dropped > 0) socket.SslDiscardedByteCount += dropped;
    if (socket.SslHandshakeTimeout > 0) this.#timer = new HandshakeTimer(socket, this);
  }

  /** The handshake has succeeded, and the session has not ended. */
  get established(): boolean {
    return this.#done && !this.#endTold && !this.closed;
  }

  get handshaking(): boolean {
    return !this.#done && !this.closed;
  }

  /** A client waits for its hello to come. */
  startServer(): void {
    this.#hello = new HelloStage(this.#socket, this.#context, this);
  }

  /** A client speaks first. */
  startClient(): void {
    this.rules = rulesOf(this.#context, false);
    const filter = clientFilter(this, this.#socket, this.#context);
    if (filter) this.#use(filter);
  }

  // ---- Input ---------------------------------------------------------------------------------

  /** Ciphertext has arrived: decrypts what may be. True: there may be more. */
  pull(): boolean {
    if (this.#hello?.isChoosing) return false;
    this.#input.isHeld = false;
    let more = true;
    for (let reads = 0; more && !this.closed && reads < MAX_READS; reads++) {
      if (this.#input.isFull(reads)) break;
      more = this.#read();
      if (!this.#done && this.#filter?.established) break; // its event comes before any data
    }
    this.#pulling = true;
    try {
      this.settle();
    } catch (E) {
      if (!this.closed) postContinue(this.#socket); // what is decrypted would stay here
      throw E;
    } finally {
      this.#pulling = false;
    }
    if (this.closed) return false;
    if (more && !this.#input.isHeld) postContinue(this.#socket);
    return more;
  }

  /** The application has taken plaintext, or looks for more: decryption may go on. */
  get mayGoOn(): boolean {
    if (this.#input.isHeld) return this.#input.hasRoom;
    return this.#filter !== null && this.#filter.ended && !this.#endTold;
  }

  #read(): boolean {
    const bytes = this.#input.read();
    if (bytes.length > 0) this.#feed(bytes);
    return this.#input.hasMore;
  }

  #feed(bytes: Uint8Array): void {
    if (this.#filter === null) this.#collectHello(bytes);
    else this.#boundary.feed(this.#filter, bytes);
  }

  plainReceived(bytes: Uint8Array, count: number): void {
    this.#output.renewReplies();
    if (!this.closed && !this.#input.push(bytes, count)) this.#filter?.end(noMemory());
  }

  // ---- The ClientHello -----------------------------------------------------------------------

  #collectHello(bytes: Uint8Array): void {
    const choice = this.#hello?.add(bytes) ?? null;
    if (choice === null) return;
    this.#hello = null;
    if ('alert' in choice) {
      this.#refuse(choice);
      return;
    }
    this.#context = choice.context;
    if (this.#openServer(choice.alpn)) this.#feed(choice.hello);
  }

  #openServer(alpn: string): boolean {
    try {
      this.rules = rulesOf(this.#context, true);
      this.#use(serverFilter(this, this.#socket, this.#context, alpn));
      return true;
    } catch (error) {
      const text = `Error, ${(error as Error).message}`;
      this.#refuse({ alert: A.ALERT_INTERNAL_ERROR, code: 1, text });
      return false;
    }
  }

  #use(filter: TlsEngine): void {
    this.#filter = this.#output.filter = filter;
    this.#goodbye = new TlsGoodbye(this.#socket, filter);
    this.#socket.filterOpened(filter);
    if (!this.closed) this.#output.flush(false);
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

  /** Plaintext of the application. */
  write(bytes: Uint8Array): void {
    if (this.#output.add(bytes)) this.flushBatch();
  }

  /** What was collected goes through TLS. */
  flushBatch(): void {
    this.#output.endWait();
    if (this.closed || !this.#output.isReady) return;
    this.#filter?.write(this.#output.take());
    this.#afterWrite();
  }

  /** Forgets what was sent and is still plaintext. */
  dropBatch(): void {
    if (!this.closed) this.#output.drop();
  }

  sendCipher(bytes: Uint8Array): boolean {
    if (this.closed) return this.#goodbye?.send(bytes) ?? false;
    const result = this.#output.queue(bytes, this.#done);
    if (result === 'noMemory') this.#filter?.end(noMemory());
    return result === 'queued';
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
    this.#goodbye?.proceed();
    try {
      this.settle();
    } catch (E) {
      this.#socket.HandleBackGroundException(E, 'TCustomSslWSocket.WndProc');
    }
  }

  // Events wait for the pump: the application is inside a Send.
  #afterWrite(): void {
    if (!this.closed) this.#output.flush(false);
    if (!this.closed && this.#hasNews) this.changed();
  }

  get #hasNews(): boolean {
    const filter = this.#filter;
    if (filter === null) return false;
    const isNew = (filter.established && !this.#done) || (filter.ended && !this.#endTold);
    return isNew || filter.hasAsks;
  }

  // ---- What came of it -----------------------------------------------------------------------

  /** After calls into the filter: output goes out, events fire. */
  settle(): void {
    const filter = this.#filter;
    if (this.closed || filter === null) return;
    this.#output.flush(true);
    this.#goodbye?.proceed();
    for (let ask = filter.nextAsk(); ask; ask = filter.nextAsk()) {
      ask();
      if (this.closed) return;
      this.#output.flush(true);
    }
    if (this.#output.isOpen) this.#input.sendEcho();
    if (this.closed) return;
    this.#timer?.served();
    if (filter.established && !this.#done) this.#finishHandshake(filter);
    else if (filter.ended) this.#settleEnd(filter);
    else if (this.#output.isFlooded) this.#tellEnd(new Error('Too many messages of TLS itself'));
  }

  #finishHandshake(filter: TlsEngine): void {
    this.#done = true;
    this.#timer?.stop();
    this.#timer = null;
    this.#tellResult(filter);
    if (this.closed) return;
    this.#socket.flags &= ~F.TLS_HANDSHAKE;
    this.#output.isOpen = true;
    this.#input.sendEcho();
    if (this.#output.isReady) this.flushBatch();
    else if (this.#socket.queued === 0) drained(this.#socket);
    if (this.closed) return;
    if (!this.#pulling) postContinue(this.#socket);
    if (filter.ended) this.#settleEnd(filter);
  }

  // No time runs any more for a peer that could not be judged.
  #tellResult(filter: TlsEngine): void {
    try {
      finishedHandshake(this.#socket, this, filter.facts);
    } catch (E) {
      if (this.#accepted) throw E;
      this.fail(1, `Error, ${(E as Error).message}`);
    }
  }

  #settleEnd(filter: TlsEngine): void {
    if (this.#endTold || this.#ending) return;
    if (!this.#done) {
      this.failByEnd();
      return;
    }
    const socket = this.#socket;
    if (this.#boundary.stops && filter.error === null && !filter.truncated) {
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
    if (this.closed || this.#output.isOpen || this.#endTold) return;
    this.#done = true;
    this.#endTold = true;
    this.#timer?.stop();
    this.#socket.handshakeFailed(code, text);
  }

  /** The peer's certificate, if it was asked for one, is good. */
  accept(): void {
    this.#accepted = true;
  }

  // ---- The end -------------------------------------------------------------------------------

  /** Queues close_notify behind what was sent. Fires nothing. */
  sayGoodbye(): void {
    const goodbye = this.#goodbye;
    if (!this.#accepted || this.closed || goodbye === null || goodbye.isSaid) return;
    if (this.#filter?.error) return;
    goodbye.say(this.#output.isReady ? this.#output.take() : null);
  }

  /** Ends sending (1) or both directions (2) behind everything that was sent. */
  shutDirections(how: number): void {
    if (this.#accepted) this.#output.isOpen = true; // also behind what OnSslHandshakeDone has just sent
    this.sayGoodbye();
    this.#afterWrite();
    if (this.closed) return;
    if (this.#goodbye === null) native.shutdown(this.#handle, how);
    else this.#goodbye.shut(how);
  }

  /** The socket lets go of its handle. True: the session keeps it for its last words. */
  leave(): boolean {
    this.sayGoodbye();
    const keeps = !this.closed && this.#goodbye !== null && this.#goodbye.keepSocket();
    if (keeps) this.#forget();
    else this.close();
    return keeps;
  }

  /** The application closes: no end is told any more. */
  endQuietly(): void {
    this.sayGoodbye();
    this.#endTold = true;
    if (!this.closed) native.flush(this.#handle);
  }

  /** Sends close_notify and waits for the peer's: then the connection is plain again. */
  goPlain(): boolean {
    if (this.#accepted) this.#output.isOpen = true; // in OnSslHandshakeDone
    if (!this.established || !this.#output.isOpen || this.#boundary.stops) return false;
    this.#boundary.stopAtEnd();
    this.sayGoodbye();
    this.#afterWrite();
    return true;
  }

  #backToPlain(): void {
    const socket = this.#socket;
    flushQueue(socket);
    if (this.closed) return;
    const { behind } = this.#boundary;
    const isWhole = behind.every((bytes) => this.#input.push(bytes, bytes.length));
    socket.tlsGone();
    if (!isWhole) return socket.Abort(); // no memory
    this.#input.sendEcho();
    if (socket.socketHandle === this.#handle) socket.TriggerSslShutDownComplete(true, 0);
  }

  /** Forgets the session; nothing of it is heard any more. */
  close(): void {
    if (this.closed) return;
    this.#output.writeWaiting();
    this.#forget();
    this.#socket.DroppedByteCount += this.#filter?.kept ?? 0;
    this.#filter?.dispose();
  }

  #forget(): void {
    this.closed = true;
    this.#timer?.stop();
    this.#output.forget();
  }
}
