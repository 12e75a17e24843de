// The further names of a certificate (ICS: TSubAltNames): each once, with directories of its own.
import { newSan, type SanRecord } from './records';

/** One name. */
export interface TSubAltName {
  /** In lower case. */
  readonly Domain: string;
  /** '': the one of the component. */
  DirWellKnown: string;
  /** Further directories for the files, as comma text. */
  DirPubWebCert: string;
  ApprovalEmail: string;
}

export class TSubAltNames implements Iterable<TSubAltName> {
  #items: SanRecord[] = [];

  get Count(): number {
    return this.#items.length;
  }

  /** Items from 0 to Count-1; null outside. */
  Items(Index: number): TSubAltName | null {
    return this.#items[Index] ?? null;
  }

  /** Adds a name without blanks and in lower case; one that is there gets the other values. */
  AddItem(Domain: string, DirWellKnown = '', DirPubWebCert = '', ApprovalEmail = ''): number {
    const name = Domain.trim().toLowerCase();
    if (name === '') return -1;
    const parts = { DirWellKnown, DirPubWebCert, ApprovalEmail };
    const at = this.IndexOf(name);
    if (at < 0) return this.#items.push(newSan({ Domain: name, ...parts })) - 1;
    Object.assign(this.#items[at]!, parts);
    return at;
  }

  IndexOf(Domain: string): number {
    const name = Domain.trim().toLowerCase();
    return this.#items.findIndex((item) => item.Domain === name);
  }

  Clear(): void {
    this.#items = [];
  }

  [Symbol.iterator](): Iterator<TSubAltName> {
    return this.#items[Symbol.iterator]();
  }

  /** @internal */
  records(): SanRecord[] {
    return this.#items.map((item) => ({ ...item }));
  }

  /** @internal */
  assign(records: readonly SanRecord[]): void {
    this.#items = records.map((item) => ({ ...item }));
  }
}
