// What ICS promises about one connection, as a small state machine. It is told what application and
// peer do, says of each event whether it may come now, and at rest whether one is missing. It knows
// nothing of how the package does it.
import { Bytes } from './bytes';
import { expect, type Rules } from './rules';

export const CLOSED = 'wsClosed';
export const CONNECTED = 'wsConnected';

/** waiting: in the listener's queue; creating: object without socket; gone: freed or refused. */
export type Phase = 'waiting' | 'creating' | 'open' | 'closed' | 'gone';

/** What is being executed; events are judged by what they come from. */
export interface Frame {
  readonly kind: 'pump' | 'call' | 'event';
  readonly name: string;
  readonly conn: ConnectionModel | null;
  /** Exceptions that left an event directly inside and were not reported yet. */
  readonly thrown: Thrown[];
  /** Length of the input, and what was read, when an event began. */
  readonly input: number;
  readonly read: number;
}

export interface Thrown {
  readonly id: number;
  readonly canClose: boolean;
  readonly event: string;
  readonly conn: ConnectionModel | null;
  /** It may also be ignored: thrown while the object is destroyed. */
  maybe: boolean;
}

/** Public facts of the client object and of the peer, at rest. */
export interface RestView {
  readonly state: string;
  readonly destroyed: boolean;
  readonly allSent: boolean;
  readonly dropped: number;
  readonly peerHeld: boolean;
  readonly peerEnd: 'open' | 'fin' | 'reset';
}

export class ConnectionModel {
  phase: Phase = 'waiting';
  readonly inbound = new Bytes();
  readonly outbound = new Bytes();
  /** Bytes of inbound the application has read, bytes of outbound the peer has got. */
  read = 0;
  got = 0;
  connectTold = false;
  /** An exception in the first OnChangeState left OnClientConnect out. */
  connectSkipped = false;
  adopting = false;
  acceptFails = false;
  sessionClosed = false;
  sessionError = 0;
  disconnecting = false;
  paused = false;
  /** The end may have been taken up before Pause. */
  endedBeforePause = false;
  /** Read by hand since the last rest: an event that was on its way finds nothing. */
  readOutside = false;
  /** A receiving call may have told of the reset: while paused that was all. */
  resetRead = false;
  lineMode = false;
  lineLimit = 65536;
  halfClose = false;
  peerShutdownTold = false;
  sendShut = false;
  receiveShut = false;
  closing: 'no' | 'may' | 'must' = 'no';
  aborted = false;
  /** Release was called: whoever dispatches its message next, also inside a handler, frees it. */
  released = false;
  /** It was called before the session ended: there is no OnClientDisconnect. */
  releasing = false;
  sentDue = false;
  /** PutDataInSendBuffer without a Send behind it. */
  putOnly = false;
  peerEnded: 'no' | 'fin' | 'left' | 'reset' = 'no';
  /** The peer had not got all when it left, or was written to afterwards. */
  leftUnread = false;
  relaxed = false;
  endKind: 'fin' | 'reset' | 'any' = 'any';
  /** Inside this frame a last OnChangeState of the object that is being freed may still come. */
  grace: Frame | null = null;
  /** Code given to Disconnect. */
  disconnectCode = 0;
  /** The server's when the object was made. */
  banner = '';
  /** Sum of OnSendData; handlers of it that are running. */
  written = 0;
  writing = 0;
  /** The handler declined: it may be called for more than `low` bytes and must be for `high`. */
  declined: { low: number; high: number } | null = null;
  /** Length of the input when the pump began. */
  turnInput = 0;
  /** One more notification is on its way, as in Winsock behind a receiving call; at rest none is. */
  rearmed = false;
  #lineEnd = 0;

  constructor(
    readonly id: number,
    readonly slot: number,
    readonly rules: Rules,
  ) {}

  get name(): string {
    return `c${this.id}`;
  }

  get listed(): boolean {
    return this.phase === 'creating' || this.phase === 'open' || this.phase === 'closed';
  }

  // ---- What peers and application do ---------------------------------------------------------

  peerSent(bytes: Uint8Array): void {
    this.inbound.append(bytes);
    if (this.phase === 'closed' || this.phase === 'gone' || this.receiveShut) this.relaxed = true;
  }

  peerLeft(how: 'left' | 'reset'): void {
    this.leftUnread ||= this.got < this.outbound.length;
    this.peerEnded = how;
  }

  /** The application's Send: what it must return. */
  sending(bytes: Uint8Array): number | 'notConnected' | 'shutdown' {
    if (this.phase !== 'open') return 'notConnected';
    if (this.sendShut) return 'shutdown';
    this.outbound.append(bytes);
    this.sentDue = true;
    if (bytes.length > 0) this.putOnly = false;
    this.#written();
    return bytes.length;
  }

  putting(bytes: Uint8Array): void {
    if (this.phase !== 'open' || this.sendShut) return;
    this.outbound.append(bytes);
    this.sentDue = true;
    this.putOnly = true;
    this.#written();
  }

  #written(): void {
    this.leftUnread ||= this.peerEnded === 'left' || this.peerEnded === 'reset';
  }

  /** A receiving call has returned `bytes`; `peek`: they stay. */
  received(bytes: Uint8Array, peek: boolean): void {
    const { name, read } = this;
    expect(
      this.inbound.matches(read, bytes),
      `${name}: bytes ${read} … of what the peer has sent (${this.inbound.length})`,
      () => `${bytes.length} bytes: ${Buffer.from(bytes).toString('latin1').slice(0, 60)}`,
    );
    if (this.lineMode && bytes.length > 0) this.#insideLine(bytes.length);
    // What was looked at is no news any more.
    if (peek && this.declined) this.declined.high = this.inbound.length;
    if (peek || bytes.length === 0) return;
    this.read += bytes.length;
    this.declined = null;
    this.rearmed = true;
    if (this.read >= this.#lineEnd) this.#lineEnd = 0;
  }

  #insideLine(size: number): void {
    const stop = this.#currentLine();
    const wanted = stop - (this.rules.lineWithEnd ? 0 : 2);
    expect(
      this.read + size <= wanted,
      `${this.name}: at most the line of ${wanted - this.read} bytes`,
      `${size} bytes`,
    );
    this.#lineEnd = stop;
  }

  // End of the line at `read`; the rest counts as one when the peer has finished.
  #currentLine(): number {
    if (this.#lineEnd > this.read) return this.#lineEnd;
    const stop = this.inbound.lineStop(this.read);
    if (stop > 0) return stop;
    return this.peerEnded !== 'no' || this.receiveShut ? this.inbound.length : 0;
  }

  modeSwitched(on: boolean): void {
    if (on === this.lineMode) return;
    this.lineMode = on;
    this.#lineEnd = 0;
    this.mayTellAgain();
  }

  /** What is buffered is told by a message, besides what the kernel tells of bytes behind it. */
  mayTellAgain(): void {
    this.rearmed = true;
    if (this.declined) this.declined = { low: 0, high: this.declined.high };
  }

  peerGot(bytes: Uint8Array): void {
    expect(
      this.outbound.matches(this.got, bytes),
      `${this.name}: the peer gets bytes ${this.got} … of what was sent (${this.outbound.length})`,
      () => `${bytes.length} bytes: ${Buffer.from(bytes).toString('latin1').slice(0, 60)}`,
    );
    this.got += bytes.length;
  }

  // ---- Events ------------------------------------------------------------------------------------

  /** OnChangeState; `below` is what it came from. */
  changeState(from: string, to: string, below: Frame): void {
    const seen = `${this.name} OnChangeState ${from} → ${to}`;
    if (to === CONNECTED) {
      expect(this.phase === 'creating' && from === CLOSED, 'one change to wsConnected', seen);
      this.phase = 'open';
      this.adopting = true;
      this.sentDue = true;
      return;
    }
    if (this.phase === 'gone') {
      expect(this.grace !== null, `nothing of ${this.name} after it was freed`, seen);
      return;
    }
    expect(this.phase === 'open' && from === CONNECTED, `${this.name}: no second end`, seen);
    const own = below.kind === 'call' || this.closing !== 'no' || this.aborted || this.releasing;
    // A Send that fails closes as the application does: the state first.
    expect(
      own || this.leftUnread || this.sessionClosed === this.rules.closedBeforeState,
      `${this.name} OnSessionClosed before the state changes`,
      seen,
    );
    this.phase = 'closed';
    const abort = this.aborted || (below.kind === 'call' && below.name === 'Abort');
    const clear = this.sendShut || this.receiveShut || this.peerEnded !== 'no';
    this.endKind = abort ? 'reset' : 'fin';
    if (clear || (abort && this.sessionClosed)) this.endKind = 'any';
    if (this.inbound.length - this.read > 32768) this.relaxed = true;
  }

  dataAvailable(below: Frame): void {
    const seen = `${this.name} OnDataAvailable, ${this.inbound.length - this.read} bytes unread`;
    expect(below.kind === 'pump', 'OnDataAvailable only from the pump', seen);
    expect(this.phase === 'open' && !this.sessionClosed, `${this.name}: none when closed`, seen);
    expect(this.connectTold || this.connectSkipped || this.adopting, 'OnClientConnect first', seen);
    expect(!this.paused || !this.rules.pauseHolds, `${this.name}: none while paused`, seen);
    expect(
      this.inbound.length > this.read || this.readOutside,
      `${this.name}: only when there are bytes`,
      seen,
    );
    if (this.lineMode) expect(this.#currentLine() > 0, `${this.name}: only for a whole line`, seen);
    const ended = this.peerEnded !== 'no' || this.receiveShut;
    if (!this.declined || ended || this.inbound.length > this.declined.low) return;
    // The loop of an event may have called the handler already for what its receiving call has left,
    // or what arrived behind that, and it has declined: the notification that the call has armed
    // comes nevertheless, once, as the FD_READ of Winsock behind the loop of ICS.
    expect(this.rearmed, `${this.name}: only for news`, seen);
    this.rearmed = false;
  }

  dataAvailableLeft(frame: Frame): void {
    if (this.read !== frame.read || this.phase !== 'open') return;
    // The lines of one event were read before the first of them was told: what a handler among them
    // makes the peer send is news to the component, as it is to Winsock.
    const low = this.lineMode ? Math.min(frame.input, this.turnInput) : frame.input;
    this.declined = { low, high: this.inbound.length };
  }

  lineLimitExceeded(length: number): void {
    const seen = `${this.name} OnLineLimitExceeded(${length})`;
    const stop = this.inbound.lineStop(this.read);
    expect(this.lineMode && this.phase === 'open', 'only in line mode', seen);
    expect(length > this.lineLimit, `more than ${this.lineLimit} bytes`, seen);
    expect(this.read + length <= this.inbound.length, 'not more than was sent', seen);
    expect(stop === 0 || stop > this.read + length, 'no line end in them', seen);
  }

  /** ClearData stayed True: the bytes are gone. Otherwise it is told again with the next ones. */
  lineLimitLeft(length: number, cleared: boolean): void {
    if (this.phase !== 'open') return;
    if (!cleared) {
      this.declined = { low: 0, high: this.inbound.length };
      return;
    }
    this.read += length;
    this.#lineEnd = 0;
  }

  sendData(count: number): void {
    this.written += count;
    this.writing++;
    const seen = `${this.name} OnSendData(${count}), ${this.written} in all`;
    expect(this.phase === 'open' || this.phase === 'closed', 'while connected', seen);
    expect(this.written <= this.outbound.length, `at most ${this.outbound.length}`, seen);
  }

  dataSent(below: Frame, allSent: boolean): void {
    const seen = `${this.name} OnDataSent${allSent ? '' : ' with bytes queued'}`;
    expect(below.kind === 'pump', 'OnDataSent only from the pump', seen);
    expect(
      this.phase === 'open' && allSent,
      `${this.name}: OnDataSent only for an empty queue`,
      seen,
    );
    expect(this.sentDue, `${this.name}: one OnDataSent for one drained queue`, seen);
    // Inside OnSendData this is still the one of an earlier Send.
    this.sentDue = this.writing > 0 || !this.rules.tellsDrained;
  }

  peerShutdown(): void {
    const seen = `${this.name} OnPeerShutdown`;
    const fin = this.peerEnded !== 'no' || this.receiveShut;
    expect(this.halfClose && fin && !this.peerShutdownTold, 'one, after a FIN', seen);
    expect(this.phase === 'open' && !this.paused, `${this.name}: none when closed or paused`, seen);
    this.peerShutdownTold = true;
  }

  sessionEnds(error: number, below: Frame): void {
    const seen = `${this.name} OnSessionClosed(${error})`;
    const live = this.phase === 'open' || this.phase === 'closed';
    expect(live && !this.sessionClosed, `${this.name}: OnSessionClosed once`, seen);
    this.sessionClosed = true;
    this.sessionError = error;
    const possible = this.#possibleErrors(below);
    expect(
      possible.includes(error),
      `OnSessionClosed with ${possible.join(' or ') || 'no'} cause`,
      seen,
    );
    const byFin = below.kind === 'pump' && error === 0 && this.phase === 'open';
    if (!byFin || this.closing !== 'no' || this.receiveShut) return;
    const offered = this.read === this.inbound.length || this.declined !== null;
    expect(
      offered,
      `${this.name}: all input before the end`,
      () => `${seen} with ${this.inbound.length - this.read} bytes not delivered`,
    );
  }

  #possibleErrors(below: Frame): number[] {
    const { resetError } = this.rules;
    const network: number[] = [];
    const mixed = this.peerEnded === 'left' && this.leftUnread;
    if (this.peerEnded === 'reset' || mixed || this.receiveShut) network.push(resetError);
    const silent = this.peerEnded === 'fin' || this.peerEnded === 'left' || this.receiveShut;
    if (
      (silent || (this.peerEnded === 'reset' && this.relaxed)) &&
      (!this.paused || this.endedBeforePause)
    )
      network.push(0);
    // Shutdown sends what is queued.
    const sends = below.kind === 'call' && (below.name === 'Send' || below.name === 'Shutdown');
    if (below.kind === 'call' && !sends) return [0];
    if (below.kind === 'call') return network.filter((code) => code !== 0);
    if (this.closing !== 'no' || this.aborted) network.push(0);
    return network;
  }

  // ---- At rest -------------------------------------------------------------------------------------

  /** What is still missing when nothing more happens, or null. */
  missing(view: RestView): [expected: string, seen: string] | null {
    if (this.phase === 'waiting') return null;
    if (this.phase === 'gone') return this.#missingAfterEnd(view);
    const { name } = this;
    const seen = `${name} ${view.state}`;
    const expected = this.phase === 'open' ? CONNECTED : CLOSED;
    if (view.state !== expected) return [`${name} ${expected}`, seen];
    if (this.phase !== 'open' || this.releasing) return [`${name} freed`, seen];
    if (!this.connectTold && !this.connectSkipped) return [`${name} OnClientConnect`, 'nothing'];
    return this.#missingWhenOpen(view) ?? this.#missingInput();
  }

  #missingWhenOpen(view: RestView): [string, string] | null {
    const { name } = this;
    if (this.aborted) return [`${name} aborted`, 'connected'];
    // Behind the FINs of both sides there is no connection left to be reset.
    const over = this.sendShut && (this.relaxed || this.receiveShut);
    const hidden = this.paused && (over || this.resetRead);
    if (this.peerEnded === 'reset' && !hidden)
      return [`${name} OnSessionClosed after the reset`, 'nothing'];
    const flushed = view.allSent || !view.peerHeld;
    if (this.closing === 'must' && flushed) return [`${name} closed by CloseDelayed`, 'connected'];
    const finished = this.peerEnded !== 'no' && !this.paused && flushed;
    if (finished && !this.halfClose) return [`${name} OnSessionClosed after the FIN`, 'nothing'];
    if (finished && !this.peerShutdownTold) return [`${name} OnPeerShutdown`, 'nothing'];
    if (this.putOnly) return null;
    if (flushed && !view.allSent) return [`${name} AllSent`, 'bytes queued'];
    if (view.allSent && this.sentDue) return [`${name} OnDataSent`, 'nothing'];
    if (view.allSent && this.written !== this.outbound.length)
      return [`${name}: OnSendData for ${this.outbound.length} bytes`, `${this.written}`];
    if (this.peerEnded === 'left' || view.peerHeld || this.got === this.outbound.length)
      return null;
    return [`${name}: the peer gets ${this.outbound.length} bytes`, `${this.got}`];
  }

  #missingInput(): [string, string] | null {
    const left = this.inbound.length - this.read;
    const excused = this.paused || this.closing !== 'no' || this.receiveShut;
    if (left === 0 || excused) return null;
    if (this.declined && this.inbound.length <= this.declined.high) return null;
    const line = this.lineMode ? this.#currentLine() : 1;
    if (line > 0) return [`${this.name} OnDataAvailable for ${left} bytes`, 'nothing'];
    if (left <= this.lineLimit || this.declined) return null;
    return [`${this.name} OnLineLimitExceeded`, `${left} bytes without line end`];
  }

  #missingAfterEnd(view: RestView): [string, string] | null {
    const { name } = this;
    if (view.peerHeld || this.peerEnded === 'left' || this.peerEnded === 'reset') return null;
    if (view.peerEnd === 'open') return [`${name}: the peer sees the end`, 'open'];
    if (this.relaxed || this.endKind === 'any') return null;
    if (view.peerEnd !== this.endKind)
      return [`${name}: the peer sees ${this.endKind}`, view.peerEnd];
    const due = this.rules.closeDelivers ? this.outbound.length - view.dropped : this.got + 1;
    if (this.endKind === 'reset' || this.got === due) return null;
    return [`${name}: the peer gets ${due} bytes before the end`, `${this.got}`];
  }
}
