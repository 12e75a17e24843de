// Bandwidth limit of a TCP connection (ICS: TCustomThrottledWSocket). The core moves no more bytes
// than it was allowed; every BandwidthSampling milliseconds it is allowed the next portion.
//
//  - Both directions share the portion; what is left of it is not saved up.
//  - When the peer has closed, what it has left behind is delivered at once, as in ICS, and the
//    session ends. Sending stays limited, also what a closing connection still has to send
//    (CloseFlushTimeout bounds that).
//  - UDP is not limited: a datagram cannot wait.
import { takesNumber } from '../base/numberProperties';
import { UNLIMITED, native } from '../native';
import { startTimer, stopTimer, wakeForPending } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import { TSocketState } from '../types';
import { TCustomTimeoutWSocket } from './TCustomTimeoutWSocket';
import { DATAGRAM } from './socketFlags';
import type { TThreadTicket } from './threadTicket';

const MIN_SAMPLING_MS = 500;
const MAX_PORTION = 0x7fffffff;

/** Exists only while the connection is limited. */
interface Throttle {
  timer: ReactorTimer | null;
  /** Part of a byte that the next portion gets: a limit below one byte per sample works too. */
  fraction: number;
}

export class TCustomThrottledWSocket extends TCustomTimeoutWSocket {
  /** @internal */
  declare bandwidthLimit: number;
  /** @internal */
  declare bandwidthSampling: number;
  /** @internal */
  declare throttle: Throttle | null;

  /**
   * Bytes per second, sent and received together; 0 (default): no limit. On a live connection the
   * limit begins or ends at once, and another value counts from the next sample on. A server gives
   * its value to its clients.
   */
  get BandwidthLimit(): number {
    return this.bandwidthLimit;
  }

  set BandwidthLimit(value: number) {
    if (!takesNumber(this, 'BandwidthLimit', value)) return;
    this.bandwidthLimit = value;
    if (this.bandwidthLimit === 0) this.liftLimit();
    else if (!this.throttle && this.mayBegin()) this.beginLimit();
  }

  /**
   * Milliseconds between two portions; less than 500 become 500. Default 1000. A new value counts
   * from the next portion on.
   */
  get BandwidthSampling(): number {
    return this.bandwidthSampling;
  }

  set BandwidthSampling(value: number) {
    if (!takesNumber(this, 'BandwidthSampling', value)) return;
    this.bandwidthSampling = Math.max(value, MIN_SAMPLING_MS);
  }

  /** @internal */
  override adopted(): void {
    super.adopted();
    if (this.bandwidthLimit > 0) this.beginLimit();
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    if (this.throttle) this.forgetLimit(this.throttle);
  }

  override ThreadDetach(): void {
    super.ThreadDetach();
    if (this.throttle) this.forgetLimit(this.throttle);
  }

  override ThreadAttach(Ticket: TThreadTicket | null = null): void {
    super.ThreadAttach(Ticket);
    if (this.bandwidthLimit > 0 && this.mayBegin()) this.beginLimit();
  }

  private mayBegin(): boolean {
    return this.state === TSocketState.wsConnected && this.ThreadID !== 0;
  }

  private beginLimit(): void {
    if (this.flags & DATAGRAM) return;
    if (this.throttle) this.forgetLimit(this.throttle);
    this.throttle = { timer: null, fraction: 0 };
    this.allowNext(this.throttle);
  }

  private liftLimit(): void {
    if (this.throttle) this.forgetLimit(this.throttle);
    if (this.socketHandle !== 0) this.allow(UNLIMITED);
  }

  private forgetLimit(throttle: Throttle): void {
    stopTimer(throttle.timer);
    this.throttle = null;
  }

  private allowNext(throttle: Throttle): void {
    const portion = (this.bandwidthLimit * this.bandwidthSampling) / 1000 + throttle.fraction;
    const bytes = Math.min(Math.trunc(portion), MAX_PORTION);
    throttle.fraction = portion % 1;
    throttle.timer = startTimer(this.bandwidthSampling, () => this.allowNext(throttle));
    this.allow(bytes);
  }

  private allow(bytes: number): void {
    native.setAllowance(this.socketHandle, bytes);
    if (this.queued > 0) this.flushCoalesced();
    wakeForPending();
  }
}

Object.assign(TCustomThrottledWSocket.prototype, {
  bandwidthLimit: 0,
  bandwidthSampling: 1000,
  throttle: null,
});
