// Finds where records of TLS end, without looking into them: behind the peer's last record plain
// text may follow, perhaps in the same read.

const HEADER = 5;

/** What feedUntilEnd() needs of a TLS session. */
export interface RecordReader {
  readonly ended: boolean;
  feed(bytes: Uint8Array): void;
}

/** Follows the records of one direction; every byte must pass next() once. */
export class RecordBoundary {
  #left = 0;
  #inHeader = 0;
  #size = 0;

  /** The place behind the record that `at` is in, or the end of the bytes if that is nearer. */
  next(bytes: Uint8Array, at: number): number {
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

  /** Passes all bytes. */
  skip(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at = this.next(bytes, at);
  }
  /** Feeds record by record until the session has ended; the result is what came behind it. */
  feedUntilEnd(filter: RecordReader, bytes: Uint8Array): Uint8Array {
    let at = 0;
    while (!filter.ended && at < bytes.length) {
      const end = this.next(bytes, at);
      filter.feed(bytes.subarray(at, end));
      at = end;
    }
    return bytes.subarray(at);
  }
}
