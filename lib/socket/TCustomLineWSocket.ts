// Line mode (ICS: TCustomLineWSocket): OnDataAvailable fires once per line, and what is read then
// is that line including its LineEnd. The lines are found in the core.
//
//  - A handler with a small buffer is called until the line is read to its end.
//  - Switching LineMode in the handler is allowed: the rest arrives raw, or as lines.
//  - A line that was not read stays; it is delivered again when more input arrives.
//  - Lines of plain ASCII are fetched many at a time as one string and cut here; the bytes stay in
//    the core until syncLines() tells how far the handler came, so every other member still works.
import { numberProperties } from '../base/numberProperties';
import { constants } from 'node:os';
import { wsaFromSocketErrno } from '../errors';
import * as N from '../native';
import { callInfo, drainHandlerPromise, lineStops } from '../pump/reactor';
import { TSocketState, type TLineLimitEvent, type TVar } from '../types';
import { TCustomSslWSocket } from './TCustomSslWSocket';
import { asText } from './arguments';
import { WM_TRIGGER_DATA_AVAILABLE } from './messages';
import * as R from './receive';
import { queueText, sendText } from './send';
import * as F from './socketFlags';

const { native } = N;
const {
  takeLines: nativeTakeLines,
  takenLines: nativeTakenLines,
  nextLine: nativeNextLine,
} = native;
const { EMSGSIZE, ENOMEM } = constants.errno;
const CRLF = '\r\n';
// eslint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;
/** Lines one event delivers before other sockets get their turn. */
const MAX_LINES = 1000;
/** A batch counts as so many lines of this length. */
const MIN_LINE = 16;
/** LineLimit as the core takes it. */
const NO_LIMIT = 0;
const MAX_LIMIT = 0x3fffffff;

let lastBatch = 0;

export class TCustomLineWSocket extends TCustomSslWSocket {
  /** A line is longer than LineLimit. ClearData (True at first): throw away what is buffered. */
  declare OnLineLimitExceeded: TLineLimitEvent<this> | null;
  /** Bytes a line may have before its end must come; 0: no limit. Default 65536. */
  declare LineLimit: number;
  /** Sends back what is received (with LineEdit: as edited). Default False. */
  declare LineEcho: boolean;
  /** BACKSPACE and TAB edit the line. Default False. */
  declare LineEdit: boolean;
  /** @internal */
  declare lineEnd: string;
  /** @internal */
  declare lineMode: boolean;
  /** @internal The batch of lines being delivered, 0: none. Another number: it was given up. */
  declare batch: number;
  /** @internal The lines of the batch as one text. */
  declare lines: string;
  /** @internal Where the unread part of the current line begins and ends: equal once it was read. */
  declare lineAt: number;
  /** @internal */
  declare lineStop: number;
  /** @internal */
  declare lineLimit: number;

  /** True: input is delivered line by line. Default False. Buffered input follows by message. */
  get LineMode(): boolean {
    return this.lineMode;
  }

  set LineMode(value: boolean) {
    if (value === this.lineMode) return;
    this.syncLines();
    this.lineMode = value;
    this.applyLineMode();
  }

  /** End of a line, one character per byte, any length; '' switches line mode off. Default CRLF. */
  get LineEnd(): string {
    return this.lineEnd;
  }

  set LineEnd(value: string) {
    this.syncLines();
    this.lineEnd = String(value);
    this.applyLineEnd();
    this.applyLineMode();
  }

  /** Bytes of the current line that are not read yet; 0 outside OnDataAvailable. */
  get LineLength(): number {
    return this.lineActive && this.socketHandle !== 0 ? this.RcvdCount : 0;
  }

  override get RcvdCount(): number {
    if (this.batch === 0) return super.RcvdCount;
    return this.lineStop - this.lineAt;
  }

  override Receive(Buffer: Uint8Array, Len?: number): number {
    if (this.batch !== 0) this.readBytes();
    return super.Receive(Buffer, Len);
  }

  override PeekData(Buffer: Uint8Array, Len?: number): number {
    if (this.batch !== 0) this.readBytes();
    return super.PeekData(Buffer, Len);
  }

  override ReceiveStr(): string {
    return this.lineAt < this.lineStop ? this.takeLine() : super.ReceiveStr();
  }

  override ReceiveStrA(): string {
    return this.lineAt < this.lineStop ? this.takeLine() : super.ReceiveStrA();
  }

  private takeLine(): string {
    const line = this.lines.slice(this.lineAt, this.lineStop);
    this.lineAt = this.lineStop;
    this.flags = (this.flags & ~F.MORE_OF_LINE) | F.RECEIVED;
    if (this.flags & F.COUNTED) R.stampReceived(this);
    return line;
  }

  private readBytes(): void {
    this.syncLines();
    this.flags |= F.LINES_AS_BYTES;
  }

  // Ends the batch: the core learns what was read and goes on from there.
  private syncLines(): void {
    if (this.batch === 0) return;
    const { lineAt, lineStop } = this;
    this.dropBatch();
    nativeTakenLines(this.socketHandle, lineAt, lineStop - lineAt);
  }

  private dropBatch(): void {
    this.batch = 0;
    this.lines = '';
    this.lineAt = 0;
    this.lineStop = 0;
  }

  /** @internal */
  override stopDelivery(): void {
    super.stopDelivery();
    this.syncLines();
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    this.dropBatch();
  }

  /** @internal */
  override discardData(): void {
    if (this.lineAt < this.lineStop) this.takeLine();
    else super.discardData();
  }

  /**
   * Sends Str (UTF-8) and LineEnd. The result is the number of bytes; for '' nothing is sent at
   * all, not even LineEnd, and the result is 0 (as ICS).
   */
  SendLine(Str: string): number {
    const text = asText(Str);
    if (text === '') return 0;
    if (this.state !== TSocketState.wsConnected) return sendText(this, text, 0);
    if (ASCII.test(this.lineEnd)) return sendText(this, text + this.lineEnd, 0);
    const size = queueText(this, text, 0);
    if (size < 0) return -1;
    const end = sendText(this, this.lineEnd, N.TEXT_LATIN1);
    return end < 0 ? -1 : size + end;
  }

  private get lineActive(): boolean {
    return this.lineMode && this.lineEnd !== '' && !(this.flags & (F.DATAGRAM | F.NEGOTIATING));
  }

  private applyLineEnd(): void {
    if (this.socketHandle !== 0)
      native.setLineEnd(this.socketHandle, Buffer.from(this.lineEnd, 'latin1'));
  }

  private applyLineMode(): void {
    const flags = this.lineActive ? N.RECV_LINE : 0;
    if (flags === this.recvFlags) return;
    this.recvFlags = flags;
    if (this.socketHandle === 0) return;
    const buffered = native.leaveLine(this.socketHandle);
    // In the handler the running delivery goes on in the new mode by itself.
    if (buffered > 0 && !(this.flags & F.IN_DISPATCH)) this.post(WM_TRIGGER_DATA_AVAILABLE);
  }

  /** @internal */
  override adopted(): void {
    super.adopted();
    if (this.lineEnd !== CRLF) this.applyLineEnd();
    this.applyLineMode();
  }

  override ThreadDetach(): void {
    this.syncLines();
    super.ThreadDetach();
  }

  /** @internal */
  override moved(): void {
    super.moved();
    this.applyLineEnd();
    this.recvFlags = this.lineActive ? N.RECV_LINE : 0; // the core has kept the current line
  }

  /** @internal */
  override negotiated(): void {
    super.negotiated();
    this.applyLineMode();
  }

  /** @internal */
  override deliver(ending: boolean): void {
    const handle = this.socketHandle;
    for (;;) {
      const mode = this.recvFlags;
      if (mode) this.deliverLines();
      else super.deliver(ending);
      // The handler may have switched the mode: what is left is delivered in the new one.
      if (this.socketHandle !== handle || this.recvFlags === mode) return;
      if (!R.mayGoOn(this) && !(ending && this.flags & F.RECEIVED)) return;
      if (native.more(handle) === 0) return;
    }
  }

  private deliverLines(): void {
    const handle = this.socketHandle;
    const outer = R.enterDispatch(this);
    this.syncLines(); // a pump inside a handler of this socket got here
    try {
      for (let lines = 0; lines < MAX_LINES;) {
        const taken = this.takeLines(handle);
        if (taken === 0) return;
        const text = typeof taken === 'string';
        if (!(text ? this.readBatch(handle, taken) : this.readLine(handle))) {
          if (this.socketHandle === handle && !(this.flags & F.RECEIVED)) native.ignored(handle);
          return;
        }
        if (text && !(this.flags & F.MORE_INPUT)) return; // nothing else has arrived
        lines += text ? taken.length / MIN_LINE : 1;
      }
      R.postContinue(this);
    } catch (E) {
      this.syncLines();
      this.HandleBackGroundException(E, 'TCustomLineWSocket.TriggerDataAvailable');
      if (this.socketHandle === handle) this.leaveThrown(handle);
    } finally {
      this.flags = (this.flags & ~F.IN_DISPATCH) | outer;
    }
  }

  // The core must hear of a line that was left, or it waits for its read and tells of nothing more.
  private leaveThrown(handle: number): void {
    if (this.flags & F.RECEIVED) R.postContinue(this);
    else native.ignored(handle);
  }

  /** @internal */
  override get typingMode(): number {
    if (!this.recvFlags) return 0;
    return (this.LineEdit ? N.LINE_EDIT : 0) | (this.LineEcho ? N.LINE_ECHO : 0);
  }

  // The next line or lines, taking more from the kernel as needed; 0: none is complete.
  private takeLines(handle: number): string | number {
    const mode = this.typingMode;
    const limit = this.lineLimit > 0 ? Math.min(this.lineLimit, MAX_LIMIT) : NO_LIMIT;
    while (this.recvFlags && this.socketHandle === handle) {
      const taken =
        mode !== 0 || this.flags & F.LINES_AS_BYTES
          ? nativeNextLine(handle, limit, mode)
          : nativeTakeLines(handle, limit);
      const more = callInfo[N.INFO_MORE]! & 1;
      const count = callInfo[N.INFO_COUNT]!;
      if (taken === -EMSGSIZE) {
        if (mode & N.LINE_ECHO) this.echo();
        if (this.socketHandle !== handle) return 0;
        this.limitExceeded(handle, count);
        if (more) continue;
        return 0;
      }
      this.flags = (this.flags & ~F.MORE_INPUT) | (more ? F.MORE_INPUT : 0);
      if (mode & N.LINE_ECHO) this.echo();
      if (this.socketHandle !== handle) return 0;
      if (typeof taken === 'string' || taken > 0) return taken;
      if (taken < 0) {
        this.LastError = wsaFromSocketErrno(-taken);
        native.ignored(handle);
        if (taken === -ENOMEM) R.retryInput(this);
      } else if (more) {
        R.postContinue(this);
      }
      return 0;
    }
    return 0;
  }

  // One event for each line of the text. False: the handler left a line, closed, paused, or changed
  // the mode.
  private readBatch(handle: number, text: string): boolean {
    const more = this.flags & F.MORE_INPUT;
    const batch = ++lastBatch;
    this.batch = batch;
    this.lines = text;
    this.lineStop = 0;
    for (const stop of stopsOf(callInfo[N.INFO_COUNT]!)) {
      this.lineAt = this.lineStop;
      this.lineStop = stop;
      this.LastError = 0;
      const further = stop < text.length ? F.MORE_INPUT : more;
      this.flags = (this.flags & ~(F.RECEIVED | F.MORE_INPUT)) | F.MORE_OF_LINE | further;
      this.TriggerDataAvailable(0);
      drainHandlerPromise();
      if (this.batch !== batch) return this.afterBatch(handle);
      if (this.lineAt < stop || this.flags & F.DEAF) {
        this.syncLines();
        return false;
      }
    }
    this.syncLines();
    return true;
  }

  // The batch was given up inside the handler: closed, another mode, or it reads bytes.
  private afterBatch(handle: number): boolean {
    if (this.socketHandle !== handle || !this.recvFlags) return false;
    const { flags } = this;
    if (!(flags & F.RECEIVED) || flags & F.DEAF) return false;
    return flags & F.MORE_OF_LINE ? this.readLine(handle) : true;
  }

  // Fires until the current line is read. False: the handler left it, closed, paused or changed mode.
  private readLine(handle: number): boolean {
    const more = this.flags & F.MORE_INPUT;
    for (;;) {
      this.LastError = 0;
      this.flags = (this.flags & ~(F.RECEIVED | F.MORE_INPUT)) | F.MORE_OF_LINE | more;
      this.TriggerDataAvailable(0);
      drainHandlerPromise();
      if (this.socketHandle !== handle || !this.recvFlags) return false;
      const { flags } = this;
      if (!(flags & F.RECEIVED)) return false;
      if (flags & F.DEAF) return false;
      if (!(flags & F.MORE_OF_LINE)) return true;
    }
  }

  private limitExceeded(handle: number, count: number): void {
    const clear: TVar<boolean> = { Value: true };
    this.TriggerLineLimitExceeded(count, clear);
    if (clear.Value && this.socketHandle === handle) native.clearInput(handle);
  }

  private echo(): void {
    const text = native.takeEcho();
    if (text !== '') sendText(this, text, N.TEXT_LATIN1);
  }

  TriggerLineLimitExceeded(RcvdLength: number, ClearData: TVar<boolean>): void {
    if (this.OnLineLimitExceeded) this.watch(this.OnLineLimitExceeded(this, RcvdLength, ClearData));
  }

  /** @internal In line mode what is left is a last line without its end. */
  override deliverRest(error: number): void {
    if (!this.recvFlags) {
      super.deliverRest(error);
      return;
    }
    const handle = this.socketHandle;
    this.deliverAll();
    if (this.socketHandle !== handle || this.flags & F.HELD) return;
    if (this.recvFlags) this.deliverLastLines(handle);
    else super.deliverRest(error);
  }

  // Whole lines that a handler had left come one by one before the rest.
  private deliverLastLines(handle: number): void {
    while (native.finishInput(handle, N.RECV_LINE) > 0) {
      this.flags &= ~F.RECEIVED;
      this.deliver(true);
      if (this.socketHandle !== handle || this.flags & F.HELD) return;
      if (!(this.flags & F.RECEIVED) || !this.recvFlags) return;
    }
  }
}

// A copy: the shared array is another's as soon as a handler pumps.
function stopsOf(count: number): number[] {
  const stops = new Array<number>(count);
  for (let i = 0; i < count; i++) stops[i] = lineStops[i]!;
  return stops;
}

Object.assign(TCustomLineWSocket.prototype, {
  OnLineLimitExceeded: null,
  LineEcho: false,
  LineEdit: false,
  lineEnd: CRLF,
  lineMode: false,
  batch: 0,
  lines: '',
  lineAt: 0,
  lineStop: 0,
});
numberProperties(TCustomLineWSocket.prototype, { LineLimit: { default: 65536 } });
