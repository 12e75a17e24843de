// Deadlines of the package itself (close timeouts, accept back-off, later idle timers). They are
// served by the reactor, so they run inside a pump as well, where Node's timers cannot. Monotonic
// time: a changed clock moves nothing.

export class ReactorTimer {
  /** @internal */ index = -1;

  constructor(
    /** @internal */ readonly due: number,
    /** @internal */ readonly run: () => void,
  ) {}
}

/** A binary heap of timers, the next one due at the top. */
export class TimerList {
  #heap: ReactorTimer[] = [];

  /** When the next timer is due (performance.now()), or Infinity. */
  get nextDue(): number {
    return this.#heap[0]?.due ?? Infinity;
  }

  start(delayMs: number, run: () => void): ReactorTimer {
    const timer = new ReactorTimer(performance.now() + delayMs, run);
    timer.index = this.#heap.length;
    this.#heap.push(timer);
    this.#up(timer);
    return timer;
  }

  /** No effect on a timer that has run or was stopped. */
  stop(timer: ReactorTimer): void {
    const at = timer.index;
    if (at < 0) return;
    timer.index = -1;
    const last = this.#heap.pop()!;
    if (last === timer) return;
    this.#place(last, at);
    this.#up(last);
    this.#down(last);
  }

  /** Takes the next timer that is due, if any. */
  takeDue(): ReactorTimer | null {
    const next = this.#heap[0];
    if (!next || next.due > performance.now()) return null;
    this.stop(next);
    return next;
  }

  #place(timer: ReactorTimer, at: number): void {
    this.#heap[at] = timer;
    timer.index = at;
  }

  #up(timer: ReactorTimer): void {
    while (timer.index > 0) {
      const parent = this.#heap[(timer.index - 1) >> 1]!;
      if (parent.due <= timer.due) return;
      this.#swap(timer, parent);
    }
  }

  #down(timer: ReactorTimer): void {
    for (;;) {
      const left = this.#heap[2 * timer.index + 1];
      const right = this.#heap[2 * timer.index + 2];
      const child = right && left && right.due < left.due ? right : left;
      if (!child || child.due >= timer.due) return;
      this.#swap(timer, child);
    }
  }

  #swap(a: ReactorTimer, b: ReactorTimer): void {
    const at = a.index;
    this.#place(a, b.index);
    this.#place(b, at);
  }
}
