// Bytes as TLS writes them: numbers of one or two bytes, and blocks behind their own length.

export const NOTHING = Buffer.alloc(0);

export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** A part of bytes, read from its front. A read beyond the end yields null and moves nothing. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** What is not read yet. */
  get rest(): Buffer {
    return this.#at === this.#end ? NOTHING : this.#bytes.subarray(this.#at, this.#end);
  }

  get restAsLatin1(): string {
    return this.#bytes.toString('latin1', this.#at, this.#end);
  }

  take(size: number): ByteReader | null {
    const at = this.#at;
    if (size > this.#end - at) return null;
    this.#at = at + size;
    return new ByteReader(this.#bytes, at, at + size);
  }

  number(size: 1 | 2): number | null {
    const at = this.#at;
    if (size > this.#end - at) return null;
    this.#at = at + size;
    return size === 1 ? this.#bytes[at]! : uint16(this.#bytes, at);
  }

  /** Bytes behind their own length. */
  block(lengthSize: 1 | 2): ByteReader | null {
    const length = this.number(lengthSize);
    return length === null ? null : this.take(length);
  }

  /** The one block that is all there is. */
  wholeBlock(lengthSize: 1 | 2): ByteReader | null {
    const block = this.block(lengthSize);
    return this.isAtEnd ? block : null;
  }
}
