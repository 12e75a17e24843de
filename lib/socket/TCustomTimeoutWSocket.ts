// Timeouts of a connection (ICS: TCustomTimeoutWSocket). OnTimeout only informs: what happens to the
// connection is the handler's business.
//
//  - A timer looks every TimeoutSampling milliseconds; nothing is done per message. Without a
//    Counter it sees that bytes were moved, not when: OnTimeout may then come up to two samples late,
//    never early.
//  - The timer belongs to the pump, so it runs inside ProcessMessages, and keeps no process alive.
import { numberProperties, takesNumber } from '../base/numberProperties';
import { startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import { TSocketState, TTimeoutReason, type TTimeoutEvent } from '../types';
import { TCustomSyncWSocket } from './TCustomSyncWSocket';
import type { TThreadTicket } from './threadTicket';

const MIN_SAMPLING_MS = 1000;

/** What the timer compares; exists only while it runs. Times are those of performance.now(). */
interface Activity {
  timer: ReactorTimer | null;
  /** Begin of Connect, or of sampling. */
  readonly started: number;
  /** Bytes were moved then, or later than that. */
  alive: number;
  moved: number;
}

export class TCustomTimeoutWSocket extends TCustomSyncWSocket {
  /** TimeoutConnect or TimeoutIdle is over. Once: it is looked for no more. Default null. */
  declare OnTimeout: TTimeoutEvent<this> | null;
  /** Milliseconds Connect may take, lookup included; 0 (default): no limit. */
  declare TimeoutConnect: number;
  /** Kept for ported code; a timer of the port never keeps a thread alive. Default True. */
  declare TimeoutKeepThreadAlive: boolean;
  /** @internal */
  declare timeoutIdle: number;
  /** @internal */
  declare timeoutSampling: number;
  /** @internal */
  declare activity: Activity | null;

  /**
   * Milliseconds without a byte received or sent; 0 (default): no limit. Set on a live connection
   * it counts from then on, as after TimeoutStartSampling.
   */
  get TimeoutIdle(): number {
    return this.timeoutIdle;
  }

  set TimeoutIdle(value: number) {
    if (!takesNumber(this, 'TimeoutIdle', value)) return;
    this.timeoutIdle = value;
    if (this.timeoutIdle > 0 && this.state === TSocketState.wsConnected)
      this.TimeoutStartSampling();
  }

  /**
   * Milliseconds between two looks, the precision of the timeouts. 1 to 999 become 1000; 0: nobody
   * looks. Default 5000. A new value counts from the next look on.
   */
  get TimeoutSampling(): number {
    return this.timeoutSampling;
  }

  set TimeoutSampling(value: number) {
    if (!takesNumber(this, 'TimeoutSampling', value)) return;
    this.timeoutSampling = value > 0 ? Math.max(value, MIN_SAMPLING_MS) : 0;
  }

  /** Looks for timeouts from now on; a silence begins now. Connecting and adopting do it. */
  TimeoutStartSampling(): void {
    const started = this.activity?.started ?? performance.now();
    this.TimeoutStopSampling();
    if (this.timeoutSampling === 0) return;
    const now = performance.now();
    this.activity = { timer: null, started, alive: now, moved: this.movedBytes() };
    this.nextSample(this.activity);
  }

  TimeoutStopSampling(): void {
    if (!this.activity) return;
    stopTimer(this.activity.timer);
    this.activity = null;
  }

  override Connect(): void {
    if (this.socketHandle !== 0 || this.lookupInternal) {
      super.Connect(); // says that the socket is in use
      return;
    }
    this.TimeoutStopSampling();
    if (this.TimeoutConnect > 0 || this.timeoutIdle > 0) this.TimeoutStartSampling();
    try {
      super.Connect();
    } finally {
      if (this.state === TSocketState.wsClosed) this.TimeoutStopSampling();
    }
  }

  /** @internal */
  override adopted(): void {
    super.adopted();
    if (this.timeoutIdle > 0) this.TimeoutStartSampling();
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    if (this.activity) this.TimeoutStopSampling();
  }

  override ThreadDetach(): void {
    super.ThreadDetach();
    if (!this.activity) return;
    stopTimer(this.activity.timer);
    this.activity.timer = null;
  }

  override ThreadAttach(Ticket: TThreadTicket | null = null): void {
    super.ThreadAttach(Ticket);
    if (this.activity) this.nextSample(this.activity);
    else if (this.timeoutIdle > 0 && this.state === TSocketState.wsConnected)
      this.TimeoutStartSampling(); // it has come with a ticket
  }

  TriggerTimeout(Reason: TTimeoutReason): void {
    if (this.OnTimeout) this.watch(this.OnTimeout(this, Reason));
  }

  private movedBytes(): number {
    return this.socketHandle === 0 ? 0 : this.ReadCount + this.WriteCount;
  }

  private nextSample(activity: Activity): void {
    activity.timer = startTimer(this.timeoutSampling, () => this.sampleActivity(activity));
  }

  private sampleActivity(activity: Activity): void {
    const now = performance.now();
    const { state, timeoutIdle } = this;
    const active = state !== TSocketState.wsClosed && state !== TSocketState.wsListening;
    // A proxy that does not answer is as bad as a peer that does not.
    const connecting = state !== TSocketState.wsConnected || this.negotiating;
    if (active && this.TimeoutConnect > 0 && connecting) {
      if (now - activity.started > this.TimeoutConnect) this.timeout(TTimeoutReason.torConnect);
      else this.sampleAgain(activity);
    } else if (active && timeoutIdle > 0) {
      this.noteActivity(activity, now);
      if (now - activity.alive > timeoutIdle) this.timeout(TTimeoutReason.torIdle);
      else this.sampleAgain(activity);
    } else {
      this.TimeoutStopSampling();
    }
  }

  private sampleAgain(activity: Activity): void {
    if (this.timeoutSampling > 0) this.nextSample(activity);
    else this.TimeoutStopSampling();
  }

  private noteActivity(activity: Activity, now: number): void {
    if (this.Counter) {
      activity.alive = Math.max(activity.alive, this.Counter.LastAliveTick);
      return;
    }
    const moved = this.movedBytes();
    if (moved === activity.moved) return;
    activity.moved = moved;
    activity.alive = now;
  }

  private timeout(reason: TTimeoutReason): void {
    this.TimeoutStopSampling();
    try {
      this.TriggerTimeout(reason);
    } catch (E) {
      this.HandleBackGroundException(E, 'TCustomTimeoutWSocket.TriggerTimeout');
    }
  }
}

Object.assign(TCustomTimeoutWSocket.prototype, {
  OnTimeout: null,
  TimeoutKeepThreadAlive: true,
  timeoutIdle: 0,
  timeoutSampling: 5000,
  activity: null,
});
numberProperties(TCustomTimeoutWSocket.prototype, { TimeoutConnect: { default: 0 } });
