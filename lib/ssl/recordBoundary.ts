// Finds where records of TLS end, without looking into them: behind the peer's last record plain
// text may follow, perhaps in the same read.

const HEADER = 5;

/** What feed() needs of a TLS session. */
export interface RecordReader {
  readonly ended: boolean;
  feed(bytes: Uint8Array): void;
}

/** Follows the records of one direction; every byte must pass feed() once. */
export class RecordBoundary {
  #left = 0;
  #inHeader = 0;
  #size = 0;
  #stops = false;
  #behind: Buffer[] = [];

  /** From now on what comes behind the last record is kept. */
  stopAtEnd(): void {
    this.#stops = true;
  }

  get stops(): boolean {
    return this.#stops;
  }

  /** What came behind the last record. */
  get behind(): readonly Uint8Array[] {
    return this.#behind;
  }

  /** Gives the bytes to the session; record by record when something may come behind them. */
  feed(filter: RecordReader, bytes: Uint8Array): void {
    if (this.#stops) {
      const end = this.#feedRecords(filter, bytes);
      if (end < bytes.length) this.#behind.push(Buffer.from(bytes.subarray(end)));
      return;
    }
    for (let at = 0; at < bytes.length;) at = this.#next(bytes, at);
    filter.feed(bytes);
  }

  #feedRecords(filter: RecordReader, bytes: Uint8Array): number {
    let at = 0;
    while (!filter.ended && at < bytes.length) {
      const end = this.#next(bytes, at);
      filter.feed(bytes.subarray(at, end));
      at = end;
    }
    return at;
  }

  // The place behind the record that `at` is in, or the end of the bytes if that is nearer.
  #next(bytes: Uint8Array, at: number): number {
    let place = at;
    if (this.#left === 0) {
      for (; this.#inHeader < HEADER && place < bytes.length; this.#inHeader++)
        this.#size = ((this.#size << 8) | bytes[place++]!) & 0xffff; // the last two are the length
      if (this.#inHeader < HEADER) return place;
      this.#inHeader = 0;
      this.#left = this.#size;
    }
    const taken = Math.min(this.#left, bytes.length - place);
    this.#left -= taken;
    return place + taken;
  }
}
