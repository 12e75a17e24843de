// TLS on one connection: the filter between the core's bytes and the application's.
//
//  - Ciphertext is pulled from the core when the pump reports input, as long as less plaintext than
//    PLAIN_LIMIT waits unread; plaintext goes back into the core's buffer, so that every way to read
//    it (lines, text, bytes, peeking) is the one of a plain connection.
//  - A server reads the ClientHello itself before Node's TLS sees it: names and protocols are
//    decided in the order of ICS, for every TLS version, before there is any TLS state.
//  - Events of the application fire only here, never inside Node's TLS code. After each of them the
//    session may be over (`closed`).
import { constants } from 'node:os';
import { EAbort, wsaFromSocketErrno } from '../errors';
import * as N from '../native';
import { type QueuedMessage } from '../pump/messageQueue';
import { callInfo, flushLater, post, startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import * as A from '../ssl/alerts';
import { parseClientHello, type TClientHelloData } from '../ssl/clientHello';
import { TTlsExtError, TSslState } from '../ssl/sslTypes';
import { TlsFilter, type TlsFilterOwner } from '../ssl/tlsFilter';
import type { TSslContext } from '../ssl/TSslContext';
import type { TVar } from '../types';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { withSessionEvents } from './tlsEvents';
import { failedHandshake, finishedHandshake } from './tlsResult';
import { postContinue } from './receive';
import { drained, flushQueue } from './send';
import * as F from './socketFlags';

const { native } = N;
const { receiveRaw, pushInput, send: nativeSend } = native;
const { EAGAIN } = constants.errno;
/** Plaintext that may wait unread before ciphertext is left in the kernel. */
const PLAIN_LIMIT = 64 * 1024;
/** Plaintext that is collected before it goes through TLS. */
const BATCH_LIMIT = 64 * 1024;
/** Reads per turn, so that one connection cannot hold up the others. */
const MAX_READS = 16;
/** A ClientHello is at most this long, record headers included. */
const HELLO_LIMIT = 20 * 1024;
const RECORD_HEADER = 5;
/** Completions in a row before others get their turn. */
const MAX_COMPLETIONS = 64;

const ciphertext = Buffer.allocUnsafeSlow(64 * 1024);

// Completions of Node's TLS run from the message queue, also when the connection is gone by then:
// Node waits for each of them.
const completions = {
  isDestroyed: false,
  dispatchMessage(message: QueuedMessage): void {
    (message.subject as TlsSession).complete();
  },
};

export class TlsSession implements TlsFilterOwner {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  readonly #isServer: boolean;
  #filter: TlsFilter | null = null;
  #context: TSslContext;
  /** What has come of the ClientHello so far. */
  #hello: Buffer[] = [];
  #helloSize = 0;
  /** Plaintext sent before there was a filter. */
  #early: Buffer[] = [];
  /** Plaintext of the running dispatch: it becomes one write. */
  #batch: Buffer[] = [];
  #batchSize = 0;
  #pending: (() => void)[] = [];
  #alpn = '';
  #timer: ReactorTimer | null = null;
  #done = false;
  #endTold = false;
  #held = false;
  #unsent = 0;
  /** Ciphertext was made that the core has only queued. */
  #made = false;
  /** SslBiShutDownAsync: plain text goes on behind both close_notify. */
  #goingPlain = false;
  closed = false;

  constructor(socket: TCustomSslWSocket, isServer: boolean, context: TSslContext) {
    this.#socket = socket;
    this.#handle = socket.socketHandle;
    this.#isServer = isServer;
    this.#context = context;
    socket.flags |= F.FILTERED | F.TLS_HANDSHAKE;
    const dropped = native.setFilter(this.#handle, true);
    if (dropped > 0) socket.SslDiscardedByteCount += dropped;
    if (socket.SslHandshakeTimeout > 0)
      this.#timer = startTimer(socket.SslHandshakeTimeout, () => this.#timedOut());
  }

  get established(): boolean {
    return this.#done && !this.#endTold;
  }

  get handshaking(): boolean {
    return !this.#done && !this.closed;
  }

  get filter(): TlsFilter | null {
    return this.#filter;
  }

  get context(): TSslContext {
    return this.#context;
  }

  /** A client speaks first. */
  startClient(): void {
    const socket = this.#socket;
    this.#open(
      TlsFilter.client(this, socket, {
        context: this.#context.secureContext(),
        serverName: socket.SslServerName,
        alpn: this.#context.alpnProtocols,
        requestOCSP: this.#context.SslOcspStatus,
        session: socket.sessionToResume(),
      }),
    );
  }

  // ---- Input ---------------------------------------------------------------------------------

  /** Ciphertext has arrived: decrypts what may be, and tells what came of it. */
  pull(): void {
    this.#held = false;
    for (let reads = 0; !this.closed; reads++) {
      if (reads === MAX_READS || native.available(this.#handle, 0) >= PLAIN_LIMIT) {
        this.#held = true;
        break;
      }
      const got = receiveRaw(this.#handle, ciphertext, 0, ciphertext.length);
      const more = callInfo[N.INFO_MORE]! & 1;
      if (got > 0) this.#feed(ciphertext.subarray(0, got));
      else if (got === 0) this.#filter?.finish();
      else if (got !== -EAGAIN) this.#socket.LastError = wsaFromSocketErrno(-got);
      if (got <= 0 || !more) break;
      if (!this.#done && this.#filter?.established) break; // its event comes before any data
    }
    this.settle();
    if (this.#held && !this.closed) postContinue(this.#socket);
  }

  /** All ciphertext up to the end of the stream: the peer has finished. */
  pullRest(): void {
    do this.pull();
    while (this.#held && !this.closed && native.available(this.#handle, 0) < PLAIN_LIMIT);
  }

  #feed(bytes: Uint8Array): void {
    if (!this.#filter) this.#collectHello(bytes);
    else if (this.#goingPlain) this.#feedRecords(bytes);
    else this.#filter.feed(bytes);
  }

  // Behind the peer's close_notify follows plain text, perhaps in the same read.
  #feedRecords(bytes: Uint8Array): void {
    this.#hello.push(Buffer.from(bytes));
    let rest = Buffer.concat(this.#hello);
    while (this.#filter && !this.#filter.ended && rest.length >= RECORD_HEADER) {
      const end = RECORD_HEADER + rest.readUInt16BE(3);
      if (rest.length < end) break;
      this.#filter.feed(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    this.#hello = rest.length > 0 ? [rest] : [];
  }

  plainReceived(bytes: Uint8Array): void {
    if (!this.closed) pushInput(this.#handle, bytes, 0, bytes.length);
  }

  // ---- The ClientHello -----------------------------------------------------------------------

  #collectHello(bytes: Uint8Array): void {
    this.#hello.push(Buffer.from(bytes));
    this.#helloSize += bytes.length;
    const soFar = this.#hello.length === 1 ? this.#hello[0]! : Buffer.concat(this.#hello);
    const parsed = parseClientHello(soFar);
    if (parsed === 'more' && this.#helloSize < HELLO_LIMIT) {
      this.#hello = [soFar];
      return;
    }
    this.#hello = [];
    if (typeof parsed === 'object' && !this.#chooseByHello(parsed)) return;
    if (parsed === 'sslv2') {
      this.#refuse(A.ALERT_PROTOCOL_VERSION, 'Error, wrong SSL version');
    } else if (typeof parsed === 'string') {
      const { ErrCode, text } = A.refusalOf(soFar);
      this.#fail(ErrCode, text);
    } else {
      this.#openServer();
      this.#filter?.feed(soFar);
    }
  }

  // OnSslServerName, then OnSslAlpnSelect. False: the handshake was refused or the session is over.
  #chooseByHello(hello: TClientHelloData): boolean {
    const socket = this.#socket;
    socket.noteHello(hello);
    if (hello.PunyServerName !== '') {
      const ctx: TVar<TSslContext | null> = { Value: null };
      const answer: TVar<TTlsExtError> = { Value: TTlsExtError.teeOk };
      const threw = !this.#fire(() => socket.TriggerSslServerName(ctx, answer));
      if (this.closed) return false;
      if (threw || answer.Value === TTlsExtError.teeAlertFatal) {
        this.#refuse(A.ALERT_UNRECOGNIZED_NAME, 'Error, server name refused');
        return false;
      }
      if (ctx.Value !== null && ctx.Value.IsCtxInitialized) {
        this.#context = ctx.Value;
        socket.SslContext = ctx.Value;
      }
    }
    if (hello.AlpnList === '') return true;
    const chosen: TVar<string> = { Value: '' };
    const answer: TVar<TTlsExtError> = { Value: TTlsExtError.teeNoAck };
    this.#fire(() => socket.TriggerSslAlpnSelect(chosen, answer));
    if (this.closed) return false;
    if (answer.Value === TTlsExtError.teeAlertFatal) {
      this.#refuse(A.ALERT_NO_APPLICATION_PROTOCOL, 'Error, no application protocol');
      return false;
    }
    if (answer.Value === TTlsExtError.teeOk) this.#alpn = chosen.Value;
    return true;
  }

  // An event of the handshake. False when it threw: that goes to the background exceptions.
  #fire(event: () => void): boolean {
    try {
      event();
      return true;
    } catch (E) {
      if (!(E instanceof EAbort)) this.#socket.tellTlsException(E);
      return false;
    }
  }

  #openServer(): void {
    const socket = this.#socket;
    const context = this.#context;
    const events = socket.wantsSessionEvents();
    const server = context.engineServer(events);
    if (events) withSessionEvents(server);
    this.#open(
      TlsFilter.server(this, socket, {
        context: context.secureContext(),
        server,
        requestCert: context.requestCert,
        requireCert: context.requireCert,
        alpn: this.#alpn,
      }),
    );
  }

  #open(filter: TlsFilter): void {
    this.#filter = filter;
    this.#socket.filterOpened(filter);
    const early = this.#early;
    this.#early = [];
    this.#unsent = 0;
    for (const bytes of early) filter.write(bytes);
    this.#countUnsent();
  }

  // Refused before Node's TLS saw anything: the alert is ours.
  #refuse(alert: number, text: string): void {
    const record = A.alertRecord(alert, this.#socket.CliHelloData?.LegacyVersion);
    this.sendCipher(record);
    this.flush();
    this.#fail(1, text);
  }

  // ---- Output --------------------------------------------------------------------------------

  /** Plaintext of the application. In a dispatch it is collected, as that of a plain connection. */
  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    const collects = socket.flags & F.IN_DISPATCH && socket.CoalesceSends;
    if (!this.#filter) {
      this.#early.push(Buffer.from(bytes));
      this.#countUnsent(bytes.length);
    } else if (collects && this.#batchSize < BATCH_LIMIT) {
      this.#batch.push(Buffer.from(bytes));
      this.#batchSize += bytes.length;
      this.#countUnsent();
      this.#coalesce();
    } else {
      this.flushBatch();
      this.#filter?.write(bytes);
      this.settle();
    }
  }

  /** What was collected goes through TLS. */
  flushBatch(): void {
    if (this.#batchSize === 0 || this.closed) return;
    const bytes = this.#batch.length === 1 ? this.#batch[0]! : Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batchSize = 0;
    this.#filter?.write(bytes);
    this.settle();
  }

  #coalesce(): void {
    const socket = this.#socket;
    if (socket.flags & F.COALESCED) return;
    socket.flags |= F.COALESCED;
    flushLater(socket);
  }

  sendCipher(bytes: Uint8Array): boolean {
    if (this.closed) return false;
    this.#made = true;
    return nativeSend(this.#handle, bytes, 0, bytes.length, 1) >= 0;
  }

  later(complete: () => void): void {
    if (this.#pending.push(complete) === 1) post(completions, 0, 0, 0, this);
  }

  changed(): void {
    this.later(() => undefined);
  }

  /** Tells Node's TLS that what it wrote is written; it goes on then. */
  complete(): void {
    for (let left = MAX_COMPLETIONS; left > 0 && this.#pending.length > 0; left--) {
      const ready = this.#pending;
      this.#pending = [];
      for (const run of ready) this.#filter ? this.#filter.enter(run) : run();
    }
    if (this.#pending.length > 0) post(completions, 0, 0, 0, this);
    this.settle();
  }

  /** Writes the ciphertext that was made: at the end of the dispatch, or now outside of one. */
  flush(): void {
    const socket = this.#socket;
    if (this.closed || !this.#made) return;
    this.#made = false;
    if (socket.flags & F.IN_DISPATCH) this.#coalesce();
    else flushQueue(socket);
  }

  // Plaintext that Node's TLS holds counts as queued.
  #countUnsent(added = 0): void {
    const held = this.#filter ? this.#filter.unsent + this.#batchSize : this.#unsent + added;
    this.#socket.queued += held - this.#unsent;
    this.#socket.plainQueued = held;
    this.#unsent = held;
  }

  // ---- What came of it -----------------------------------------------------------------------

  /** After every call into the filter: output goes out, events fire. */
  settle(): void {
    if (this.closed) return;
    const waited = this.#unsent > 0;
    this.#countUnsent();
    this.flush();
    if (this.closed) return;
    const filter = this.#filter;
    if (filter === null) return;
    if (filter.established && !this.#done) this.#finishHandshake(filter);
    if (this.closed) return;
    if (waited && this.#unsent === 0 && this.#socket.queued === 0) drained(this.#socket);
    if (filter.ended) this.#settleEnd(filter);
  }

  #finishHandshake(filter: TlsFilter): void {
    this.#done = true;
    this.#socket.flags &= ~F.TLS_HANDSHAKE;
    stopTimer(this.#timer);
    finishedHandshake(this.#socket, this, filter);
    if (this.closed) return;
    if (native.available(this.#handle, 0) > 0 || this.#held) postContinue(this.#socket);
  }

  #settleEnd(filter: TlsFilter): void {
    if (!this.#done) {
      this.#failBy(filter.error);
      return;
    }
    // Data that came before the end is delivered first, unless it never will be.
    if (native.more(this.#handle) !== 0 && !(this.#socket.flags & F.CLOSE_WHEN_SENT)) {
      if (!this.#endTold) postContinue(this.#socket);
      return;
    }
    this.endSession();
  }

  /** The peer's close_notify or FIN, or a broken session: once, behind all data. */
  endSession(): void {
    const filter = this.#filter;
    if (this.#endTold || this.closed || filter === null) return;
    this.#endTold = true;
    if (this.#goingPlain && filter.error === null) this.#backToPlain();
    else this.#socket.tlsEnded(filter.error);
  }

  /** The connection ended before the handshake did. */
  failByEnd(): void {
    if (!this.#done && !this.closed) this.#failBy(this.#filter?.error ?? null);
  }

  #failBy(error: NodeJS.ErrnoException | null): void {
    const { code, text } = failedHandshake(error);
    this.#fail(code, text);
  }

  #fail(code: number, text: string): void {
    this.#done = true;
    this.#endTold = true;
    stopTimer(this.#timer);
    this.#socket.handshakeFailed(code, text);
  }

  /** The peer's certificate was not accepted: the handshake counts as failed. */
  reject(text: string): void {
    this.#fail(1, text);
  }

  #timedOut(): void {
    const { SslHandshakeTimeout } = this.#socket;
    try {
      this.#fail(1, `Error, no SSL handshake within ${SslHandshakeTimeout} ms`);
    } catch (E) {
      this.#socket.HandleBackGroundException(E, 'SslHandshakeTimeout');
    }
  }

  // ---- The end -------------------------------------------------------------------------------

  /** Sends close_notify; the connection is closed next. */
  sayGoodbye(): void {
    this.flushBatch();
    this.#endTold = true;
    this.#filter?.shutdown();
    this.complete(); // closing does not wait for the queue
    this.#made = false;
    if (!this.closed) flushQueue(this.#socket);
  }

  /** Sends close_notify and waits for the peer's: then the connection is plain again. */
  goPlain(): void {
    if (!this.established || this.#goingPlain) return;
    this.#goingPlain = true;
    this.#socket.SslState = TSslState.sslInShutdown;
    this.#filter?.shutdown();
    this.settle();
  }

  #backToPlain(): void {
    const rest = Buffer.concat(this.#hello);
    const socket = this.#socket;
    const handle = this.#handle;
    if (rest.length > 0) pushInput(handle, rest, 0, rest.length);
    native.setFilter(handle, false);
    socket.tlsGone();
    postContinue(socket);
    socket.TriggerSslShutDownComplete(true, 0);
  }

  /** Forgets the session; nothing of it is heard any more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    stopTimer(this.#timer);
    this.#socket.queued -= this.#unsent;
    this.#socket.plainQueued = 0;
    this.#filter?.dispose();
  }
}
