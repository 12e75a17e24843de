// Shared by the properties of parsers: bytes changed at random, and the one rule all of them keep.
// ICS_FUZZ_RUNS multiplies the number of runs, ICS_PROPERTY_SEED repeats a failure; fast-check
// prints the seed of one.

import assert from 'node:assert/strict';
import fc from 'fast-check';

const MULTIPLIER = Math.max(1, Number(process.env['ICS_FUZZ_RUNS'] ?? 1) || 1);
const SEED = process.env['ICS_PROPERTY_SEED'];
/** Far above what any input of these tests needs; work that explodes is found by it. */
const SLOW_MS = 2000;

/** For `this.timeout` of a test that calls always(). */
export const PARSING_TIMEOUT_MS = 30_000 * MULTIPLIER;

/** The property holds for `runs` values. */
export function always<T>(values: fc.Arbitrary<T>, runs: number, holds: (value: T) => void): void {
  const timed = (value: T): void => {
    const start = performance.now();
    holds(value);
    assert.ok(performance.now() - start < SLOW_MS, 'it took too long');
  };
  const seed = SEED === undefined ? {} : { seed: Number(SEED) };
  fc.assert(fc.property(values, timed), { numRuns: runs * MULTIPLIER, ...seed });
}

const INTERESTING = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0x30, 0x31, 0xfe, 0xff];
const change = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('set', 'insert', 'delete', 'repeat', 'cut'),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc.constantFrom(...INTERESTING).map((byte) => Uint8Array.of(byte)),
  ),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(bytes: Buffer, { at, kind, bytes: put }: Change): Buffer {
  const place = Math.floor(at * bytes.length);
  const before = bytes.subarray(0, place);
  switch (kind) {
    case 'set':
      return Buffer.concat([before, put, bytes.subarray(place + put.length)]);
    case 'insert':
      return Buffer.concat([before, put, bytes.subarray(place)]);
    case 'delete':
      return Buffer.concat([before, bytes.subarray(place + put.length)]);
    case 'repeat':
      return Buffer.concat([before, bytes.subarray(place, place + 40), bytes.subarray(place)]);
    default:
      return before;
  }
}

/** One of the samples with up to five changes. */
export function variantsOf(...samples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { maxLength: 5 }))
    .map(([sample, changes]) => changes.reduce(changed, sample));
}

/** The same bytes in the middle of others that must not be looked at. */
export function surrounded(bytes: Buffer, by: number): Buffer {
  const room = Buffer.alloc(bytes.length + 128, by);
  bytes.copy(room, 64);
  return room.subarray(64, 64 + bytes.length);
}

/** What the call gives, or the exception, which must be one of the documented classes. */
export function outcomeOf<T>(
  call: () => T,
  ...documented: readonly (new (...args: never[]) => Error)[]
): T | string {
  try {
    return call();
  } catch (error) {
    if (documented.some((one) => error instanceof one)) return (error as Error).message;
    throw error;
  }
}
