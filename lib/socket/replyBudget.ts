// Ciphertext that a TLS session makes by itself (answers to key updates, alerts) while no plaintext
// passes: much of it means that the peer only wants to keep us busy.

const LIMIT = 16 * 1024;
/** More than what TLS adds to a short write. */
const RECORD_COST = 128;

export class ReplyBudget {
  /** Ciphertext less what may be the application's. */
  #bytes = 0;

  /** Plaintext has arrived. */
  renew(): void {
    this.#bytes = Math.min(this.#bytes, 0);
  }

  /** `plain` bytes of the application become ciphertext, perhaps behind others that still wait. */
  allow(plain: number, othersWait: boolean): void {
    const pending = othersWait ? Math.min(this.#bytes, 0) : 0;
    this.#bytes = pending - 2 * plain - RECORD_COST;
  }

  spend(cipher: number): void {
    this.#bytes += cipher;
  }

  get isSpent(): boolean {
    return this.#bytes > LIMIT;
  }
}
