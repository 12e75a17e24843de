// Streams of bytes: what they contain, and a growing record of one direction of a connection.

const SIZE = 1 << 17;

/** Random bytes, and text with lines of very different lengths. */
const BINARY = Buffer.allocUnsafe(SIZE);
const LINES = Buffer.allocUnsafe(SIZE);
fill();

function fill(): void {
  let word = 0x2545f491;
  let left = 0;
  for (let i = 0; i < SIZE; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    const byte = word >>> 24;
    BINARY[i] = byte;
    if (left === 2) LINES[i] = 13;
    else if (left === 1) LINES[i] = 10;
    else LINES[i] = 97 + (byte % 26);
    left = left > 1 ? left - 1 : 2 + (byte < 250 ? byte % 12 : (byte % 8) * 200);
  }
}

/** `size` bytes that `choice` selects: text with lines three times of four. */
export function payload(size: number, choice: number): Buffer {
  const source = choice % 4 === 0 ? BINARY : LINES;
  if (size > SIZE) return Buffer.alloc(size, source);
  return source.subarray(...range(size, choice >>> 2));
}

function range(size: number, choice: number): [number, number] {
  const start = choice % (SIZE - size + 1);
  return [start, start + size];
}

/** All bytes that went one way, in order. */
export class Bytes {
  length = 0;
  #data = Buffer.alloc(0);

  append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.#data.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed * 2, 256));
      this.#data.copy(grown, 0, 0, this.length);
      this.#data = grown;
    }
    this.#data.set(bytes, this.length);
    this.length = needed;
  }

  /** Whether `bytes` are what stands at `at`. */
  matches(at: number, bytes: Uint8Array): boolean {
    const end = at + bytes.length;
    return end <= this.length && this.#data.compare(bytes, 0, bytes.length, at, end) === 0;
  }

  /** Position behind the first CR LF at or after `from`, 0 when there is none. */
  lineStop(from: number): number {
    const at = this.#data.subarray(0, this.length).indexOf('\r\n', from, 'latin1');
    return at < 0 ? 0 : at + 2;
  }
}
