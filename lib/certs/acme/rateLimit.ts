// How often something may be asked of an authority: a sliding window for all orders of an account, and
// growing pauses after failures of one host.

/** Pauses after the first, second, … failed automatic order of a host, in minutes. */
const BACK_OFF_MINUTES: readonly number[] = [1, 2, 5, 10, 20, 60, 120, 240, 360];
const MINUTE_MS = 60_000;

/** Milliseconds until a host may be tried again after so many failures in a row. */
export function backOffMs(failures: number): number {
  if (failures <= 0) return 0;
  const at = Math.min(failures, BACK_OFF_MINUTES.length) - 1;
  return BACK_OFF_MINUTES[at]! * MINUTE_MS;
}

/** No pause is longer than this: a later moment was written by a clock that was wrong. */
export const MAX_BACK_OFF_MS = BACK_OFF_MINUTES.at(-1)! * MINUTE_MS;

/** At most `limit` events within `windowMs`. Uses a clock that cannot be set. */
export class RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #times: number[] = [];

  constructor(limit: number, windowMs: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** Counts the event and answers 0, or the milliseconds until there is room for it. */
  take(): number {
    const now = this.#now();
    while (this.#times.length > 0 && now - this.#times[0]! >= this.#windowMs) this.#times.shift();
    if (this.#times.length < this.#limit) {
      this.#times.push(now);
      return 0;
    }
    return Math.max(1, Math.ceil(this.#times[0]! + this.#windowMs - now));
  }
}
