// Plaintext on its way into TLS that has to wait a moment: for the handshake, or for the end of the
// running dispatch.
//
// What waits for the end of a dispatch is taken soon, and usually only one connection has some: it
// lies in a block that all of this thread share, so that collecting it allocates nothing.

const BLOCK_SIZE = 64 * 1024;

const block = {
  bytes: new Uint8Array(BLOCK_SIZE),
  tenant: null as PlainBatch | null,
};
/** The beginning of the block as it was taken last; the next text often has the same size. */
let lastTaken = block.bytes;

export class PlainBatch {
  #parts: Uint8Array[] = [];
  /** Bytes in all. */
  size = 0;

  /** Copies. `soon`: it will be taken before Node's loop goes on. */
  add(bytes: Uint8Array, soon: boolean): void {
    if (soon && block.tenant === null && this.size === 0) block.tenant = this;
    if (this.#isInBlock && this.size + bytes.length > BLOCK_SIZE) this.#leaveBlock();
    if (this.#isInBlock) block.bytes.set(bytes, this.size);
    else this.#parts.push(new Uint8Array(bytes));
    this.size += bytes.length;
  }

  /** All of it, in one piece that is valid until the next call for any batch; empty afterwards. */
  take(): Uint8Array {
    const bytes = this.#isInBlock ? this.#inBlock() : joined(this.#parts);
    this.clear();
    return bytes;
  }

  clear(): void {
    if (this.#isInBlock) block.tenant = null;
    else if (this.size > 0) this.#parts = [];
    this.size = 0;
  }

  get #isInBlock(): boolean {
    return block.tenant === this;
  }

  #inBlock(): Uint8Array {
    if (lastTaken.length !== this.size)
      lastTaken = new Uint8Array(block.bytes.buffer, 0, this.size);
    return lastTaken;
  }

  #leaveBlock(): void {
    this.#parts = [block.bytes.slice(0, this.size)];
    block.tenant = null;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
