// Random numbers that a seed repeats: the whole simulation draws from here and from nowhere else.

/** mulberry32: 32 bits of state, the same numbers on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 … 2^32-1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  }

  /** 0 … limit-1. */
  below(limit: number): number {
    return this.next() % limit;
  }

  /** True once in `times` on average. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** The seed of part `index` of a run, so that a part can be repeated alone. */
export function partSeed(seed: number, index: number): number {
  return new Random((seed ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0).next();
}
