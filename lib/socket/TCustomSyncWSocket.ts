// Blocking helpers (ICS: TCustomSyncWSocket, deprecated there): the caller waits while the pump
// dispatches the events of all sockets of the thread, also inside a handler.
import { WSAENOTCONN, WSA_WSOCKET_TIMEOUT } from '../errors';
import { native } from '../native';
import { TSocketState, type TVar } from '../types';
import { TCustomLineWSocket } from './TCustomLineWSocket';
import { postContinue } from './receive';
import { PAUSED } from './socketFlags';
import { waitUntil } from './wait';

const DEFAULT_WAIT_MS = 60_000;

export class TCustomSyncWSocket extends TCustomLineWSocket {
  /**
   * Waits for a line, whatever LineMode says, and puts it into Buffer with its LineEnd (without,
   * when the peer closes in the middle of it). Meanwhile OnDataAvailable does not fire; input behind
   * the line is delivered later as usual. Timeout: 0 is 60 s, positive seconds, negative
   * milliseconds. The result, in LastError as well: 0, 12001 when the time is over (Buffer: what has
   * arrived so far), 10057 when the connection ended first. ESocketException
   * `ReadLine failed: not connected`. A paused socket reads nothing.
   */
  ReadLine(Timeout: number, Buffer: TVar<string>): number {
    Buffer.Value = '';
    if (this.state !== TSocketState.wsConnected) {
      this.LastError = WSAENOTCONN;
      this.RaiseException('ReadLine failed: not connected', WSAENOTCONN);
      return WSAENOTCONN;
    }
    const handle = this.socketHandle;
    const { OnDataAvailable, LineMode } = this;
    const done: TVar<boolean> = { Value: false };
    const take = (): void => {
      if (done.Value) return; // the next line stays for the next reader
      Buffer.Value = this.ReceiveStr();
      done.Value = Buffer.Value !== '';
    };
    let result: number;
    try {
      this.OnDataAvailable = take;
      this.LineMode = true;
      postContinue(this); // what has arrived before is not reported again
      result = this.WaitUntilReady(done, Timeout);
      if (result === WSA_WSOCKET_TIMEOUT) Buffer.Value = this.takeUnfinished();
    } finally {
      if (this.OnDataAvailable === take) this.OnDataAvailable = OnDataAvailable;
      this.LineMode = LineMode;
      if (this.socketHandle === handle) postContinue(this);
    }
    this.LastError = result;
    return result;
  }

  /**
   * Runs Proc, then WaitUntilReady. Proc starts something whose end sets DoneFlag in a handler.
   */
  Synchronize(Proc: (() => void) | null, DoneFlag: TVar<boolean>, Timeout = 0): number {
    DoneFlag.Value = false;
    if (Proc) this.watch(Proc());
    return this.WaitUntilReady(DoneFlag, Timeout);
  }

  /**
   * Pumps until DoneFlag is True: 0. 10057 when the connection ends first, 12001 when the time is
   * over (as in ReadLine) or a quit message comes.
   */
  WaitUntilReady(DoneFlag: TVar<boolean>, Timeout = 0): number {
    const handle = this.socketHandle;
    const ended = (): boolean => this.isDestroyed || (handle !== 0 && this.socketHandle !== handle);
    const deadline = performance.now() + milliseconds(Timeout);
    waitUntil(this, () => DoneFlag.Value || ended(), deadline);
    if (DoneFlag.Value) return 0;
    return ended() ? WSAENOTCONN : WSA_WSOCKET_TIMEOUT;
  }

  // The beginning of a line whose end did not come. More may lie in the kernel by now: that stays.
  private takeUnfinished(): string {
    if (this.flags & PAUSED) return '';
    this.LineMode = false;
    const size = this.socketHandle === 0 ? 0 : native.leaveLine(this.socketHandle);
    return size > 0 ? this.ReceiveTB(size).toString() : '';
  }
}

function milliseconds(Timeout: number): number {
  if (Timeout > 0) return Timeout * 1000;
  return -Timeout || DEFAULT_WAIT_MS;
}
