// Line mode (ICS: TCustomLineWSocket): OnDataAvailable fires once per line, and what is read then
// is that line including its LineEnd. The lines are found in the core.
//
//  - A handler with a small buffer is called until the line is read to its end.
//  - Switching LineMode in the handler is allowed: the rest arrives raw, or as lines.
//  - A line that was not read stays; it is delivered again when more input arrives.
import { constants } from 'node:os';
import { wsaFromSocketErrno } from '../errors';
import * as N from '../native';
import { callInfo } from '../pump/reactor';
import { TSocketState, type TLineLimitEvent, type TVar } from '../types';
import { TCustomWSocket } from './TCustomWSocket';
import { WM_TRIGGER_DATA_AVAILABLE } from './messages';
import * as R from './receive';
import { queueText, sendText } from './send';
import * as F from './socketFlags';

const { native } = N;
const { EMSGSIZE } = constants.errno;
const CRLF = '\r\n';
/** Lines one event delivers before other sockets get their turn. */
const MAX_LINES = 1000;
/** LineLimit as the core takes it. */
const NO_LIMIT = 0;
const MAX_LIMIT = 0x3fffffff;

export class TCustomLineWSocket extends TCustomWSocket {
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

  /** True: input is delivered line by line. Default False. Buffered input follows by message. */
  get LineMode(): boolean {
    return this.lineMode;
  }

  set LineMode(value: boolean) {
    if (value === this.lineMode) return;
    this.lineMode = value;
    this.applyLineMode();
  }

  /** End of a line, one character per byte, any length; '' switches line mode off. Default CRLF. */
  get LineEnd(): string {
    return this.lineEnd;
  }

  set LineEnd(value: string) {
    this.lineEnd = String(value);
    this.applyLineEnd();
    this.applyLineMode();
  }

  /** Bytes of the current line that are not read yet; 0 outside OnDataAvailable. */
  get LineLength(): number {
    return this.lineActive && this.socketHandle !== 0
      ? native.available(this.socketHandle, N.RECV_LINE)
      : 0;
  }

  /**
   * Sends Str (UTF-8) and LineEnd. The result is the number of bytes; for '' nothing is sent at
   * all, not even LineEnd, and the result is 0 (as ICS).
   */
  SendLine(Str: string): number {
    if (Str === '') return 0;
    if (this.state !== TSocketState.wsConnected) return sendText(this, Str, 0);
    const size = queueText(this, Str, 0);
    if (size < 0) return -1;
    const end = sendText(this, this.lineEnd, 1);
    return end < 0 ? -1 : size + end;
  }

  private get lineActive(): boolean {
    return this.lineMode && this.lineEnd !== '';
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
  }

  /** @internal */
  override deliver(ending: boolean): void {
    const handle = this.socketHandle;
    if (this.recvFlags) this.deliverLines();
    // LineMode may have been switched off by a handler: the rest is raw.
    if (this.recvFlags || this.socketHandle !== handle) return;
    if (this.flags & F.CONTINUE_QUEUED) return;
    super.deliver(ending);
  }

  private deliverLines(): void {
    const handle = this.socketHandle;
    const outer = R.enterDispatch(this);
    try {
      let lines = 0;
      while (this.recvFlags && this.socketHandle === handle && this.nextLine(handle)) {
        if (!this.readLine(handle)) return;
        if (++lines < MAX_LINES) continue;
        R.postContinue(this);
        return;
      }
    } catch (E) {
      this.HandleBackGroundException(E, 'TCustomLineWSocket.TriggerDataAvailable');
      if (this.socketHandle === handle && this.flags & F.RECEIVED) R.postContinue(this);
    } finally {
      this.flags = (this.flags & ~F.IN_DISPATCH) | outer;
    }
  }

  // True: a line is waiting. Takes more from the kernel as needed.
  private nextLine(handle: number): boolean {
    const mode = (this.LineEdit ? N.LINE_EDIT : 0) | (this.LineEcho ? N.LINE_ECHO : 0);
    const limit = this.LineLimit > 0 ? Math.min(this.LineLimit, MAX_LIMIT) : NO_LIMIT;
    for (;;) {
      const length = native.nextLine(handle, limit, mode);
      const more = callInfo[N.INFO_MORE]!;
      if (length === -EMSGSIZE) {
        this.limitExceeded(handle, callInfo[N.INFO_COUNT]!);
        if (this.socketHandle !== handle || !this.recvFlags || !more) return false;
        continue;
      }
      this.flags = (this.flags & ~F.MORE_INPUT) | (more & 1 ? F.MORE_INPUT : 0);
      if (mode & N.LINE_ECHO) this.echo();
      if (this.socketHandle !== handle) return false;
      if (length > 0) return true;
      if (length < 0) this.LastError = wsaFromSocketErrno(-length);
      else if (more) R.postContinue(this);
      return false;
    }
  }

  // Fires until the current line is read. False: the handler left it, closed, paused or changed mode.
  private readLine(handle: number): boolean {
    const more = this.flags & F.MORE_INPUT;
    for (;;) {
      this.LastError = 0;
      this.flags = (this.flags & ~(F.RECEIVED | F.MORE_INPUT)) | F.MORE_OF_LINE | more;
      this.TriggerDataAvailable(0);
      if (this.socketHandle !== handle || !this.recvFlags) return false;
      const { flags } = this;
      if (!(flags & F.RECEIVED)) return false;
      if (flags & (F.PAUSED | F.CLOSE_WHEN_SENT)) return false;
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
    if (text !== '') sendText(this, text, 1);
  }

  TriggerLineLimitExceeded(RcvdLength: number, ClearData: TVar<boolean>): void {
    if (this.OnLineLimitExceeded) this.watch(this.OnLineLimitExceeded(this, RcvdLength, ClearData));
  }

  /** @internal In line mode what is left is a last line without its end. */
  override deliverRest(): void {
    if (!this.recvFlags) {
      super.deliverRest();
      return;
    }
    const handle = this.socketHandle;
    if (this.flags & F.PAUSED) return;
    this.deliver(true);
    if (this.socketHandle !== handle || this.flags & F.PAUSED) return;
    if (!this.recvFlags) super.deliverRest();
    else if (native.finishInput(handle, N.RECV_LINE) > 0) this.deliver(true);
  }
}

Object.assign(TCustomLineWSocket.prototype, {
  OnLineLimitExceeded: null,
  LineLimit: 65536,
  LineEcho: false,
  LineEdit: false,
  lineEnd: CRLF,
  lineMode: false,
});
