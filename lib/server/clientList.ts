// The list behind Client[] and ClientCount (ICS: FClientList in OverbyteIcsWSocketS.pas).
//
//  - Creation order; removing a client moves the later ones down by one, as ICS promises.
//  - has() and remove() are O(1) because they run for every connection: a removed client leaves a
//    hole, and holes are closed only when somebody asks for an index.

/** A client keeps its own place, so that no search is needed. */
export interface Listed {
  /** @internal Place in the list, -1 when in none. */
  listPlace: number;
}

const MIN_HOLES = 64;

export class ClientList<T extends Listed> implements Iterable<T> {
  #places: (T | null)[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** null outside 0 … count-1. */
  at(index: number): T | null {
    if (this.#places.length !== this.#count) this.#close();
    return this.#places[index] ?? null;
  }

  has(client: T): boolean {
    return client.listPlace >= 0 && this.#places[client.listPlace] === client;
  }

  add(client: T): void {
    client.listPlace = this.#places.push(client) - 1;
    this.#count++;
  }

  remove(client: T): boolean {
    if (!this.has(client)) return false;
    this.#places[client.listPlace] = null;
    client.listPlace = -1;
    this.#count--;
    while (this.#places.length > 0 && this.#places[this.#places.length - 1] === null)
      this.#places.pop();
    const holes = this.#places.length - this.#count;
    if (holes > MIN_HOLES && holes > this.#count) this.#close();
    return true;
  }

  /** The clients as they are now; the list may change while the copy is walked. */
  toArray(): T[] {
    return this.#places.filter((client) => client !== null);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.toArray()[Symbol.iterator]();
  }

  #close(): void {
    let place = 0;
    for (const client of this.#places)
      if (client !== null) {
        client.listPlace = place;
        this.#places[place++] = client;
      }
    this.#places.length = place;
  }
}
