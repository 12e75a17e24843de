// Plaintext on its way into TLS that has to wait a moment.

export class PlainBatch {
  #parts: Buffer[] = [];
  /** Bytes in all. */
  size = 0;

  /** Copies. */
  add(bytes: Uint8Array): void {
    this.#parts.push(Buffer.from(bytes));
    this.size += bytes.length;
  }

  /** All of it, in one piece; empty afterwards. */
  take(): Buffer {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#parts = [];
    this.size = 0;
  }
}
