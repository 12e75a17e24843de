// When a connection was made and when it last moved bytes (ICS: TWSocketCounter). A socket has none
// unless the application asks for one: CreateCounter, or an assignment to Counter.

export class TWSocketCounter {
  /** Milliseconds of a monotonic clock at the connect; 0: never. */
  ConnectTick = 0;
  /** The time of the connect; null: never. */
  ConnectDT: Date | null = null;
  /** When bytes were received last; 0: never. */
  LastRecvTick = 0;
  /** When the system took bytes last; 0: never. */
  LastSendTick = 0;

  /** The largest of the three ticks. */
  get LastAliveTick(): number {
    return Math.max(this.ConnectTick, this.LastRecvTick, this.LastSendTick);
  }

  /** Called at every connect and adoption: everything begins anew. */
  SetConnected(): void {
    this.ConnectTick = IcsGetTickCount();
    this.ConnectDT = new Date();
    this.LastRecvTick = this.LastSendTick = 0;
  }
}

/** The clock of the ticks: whole milliseconds, never 0, unaffected by changes of the time of day. */
export function IcsGetTickCount(): number {
  return Math.trunc(performance.now()) + 1;
}
