// An asynchronous iterator that is fed from events. It takes nothing in advance by itself: the source
// asks `isWanted` and decides what to do with something nobody waits for.
//
//  - Created means attached: it must be iterated, or return() called.
//  - An end tells everybody who waits; what was given before it is handed out first.

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(reason: unknown): void;
}

/** Where the values come from. */
export interface PullSource<T> {
  /** Somebody waits and nothing is there. */
  want(): void;
  /** A value that had to wait is handed out now; false: drop it. */
  take(value: T): boolean;
  /** The iteration is over; called once, with the values nobody will get. */
  stop(left: readonly T[]): void;
}

/** What an application gets: for await, or next() and return() by hand. */
export interface AttachedIterator<T> extends AsyncIterableIterator<T, undefined> {
  /** The next value; several calls may wait at the same time. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Detaches. `break` and `return` in a loop call it. */
  return(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): this;
  [Symbol.asyncDispose](): Promise<void>;
}

export class PullIterator<T> implements AttachedIterator<T> {
  readonly #source: PullSource<T>;
  #values: T[] = [];
  #waiters: Waiter<T>[] = [];
  #isOver = false;
  #failure: { reason: unknown } | null = null;

  constructor(source: PullSource<T>) {
    this.#source = source;
  }

  /** Somebody waits for the next value. */
  get isWanted(): boolean {
    return this.#waiters.length > 0;
  }

  /** Values that wait to be taken. */
  get waiting(): number {
    return this.#values.length;
  }

  give(value: T): void {
    if (this.#isOver) return;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ value, done: false });
    else this.#values.push(value);
  }

  /** No more values come. Those given are still handed out. */
  end(): void {
    this.#finish(null, []);
  }

  /** The iteration throws `reason` behind the values that were given. */
  fail(reason: unknown): void {
    this.#finish({ reason }, []);
  }

  /** The same, but the values that were given are dropped. */
  abandon(reason: unknown): void {
    this.#finish({ reason }, this.#values.splice(0));
  }

  #finish(failure: { reason: unknown } | null, left: readonly T[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    this.#source.stop(left);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) this.next().then(waiter.resolve, waiter.reject);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    for (let value = this.#values.shift(); value !== undefined; value = this.#values.shift())
      if (this.#source.take(value)) return Promise.resolve({ value, done: false });
    if (!this.#isOver) {
      return new Promise((resolve, reject) => {
        this.#waiters.push({ resolve, reject });
        if (this.#waiters.length === 1) this.#source.want();
      });
    }
    const failure = this.#failure;
    this.#failure = null;
    if (failure) return Promise.reject(failure.reason as Error);
    return Promise.resolve({ value: undefined, done: true });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    const left = this.#values.splice(0);
    if (this.#isOver) for (const value of left) this.#source.take(value);
    this.#failure = null;
    this.#finish(null, left);
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
