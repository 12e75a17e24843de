// The lines of a byte stream depend on neither its segments nor the way the handler reads them.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TWSocketClient } from '../../lib';
import { check, cut, links, places, TEST_TIMEOUT_MS } from './properties';
import type { Link } from './properties';

/** A number stands for so many bytes of the LineEnd's beginning (the whole one if it is shorter). */
type Part = number | string | Uint8Array | { repeat: number; of: string };

function bytesOf(parts: readonly Part[], lineEnd: Buffer): Buffer {
  const bytes = (part: Part): Uint8Array => {
    if (typeof part === 'number') return lineEnd.subarray(0, part);
    if (typeof part === 'string') return Buffer.from(part);
    return part instanceof Uint8Array ? part : Buffer.from(part.of.repeat(part.repeat));
  };
  return Buffer.concat(parts.map(bytes));
}

/** The reference: cuts behind each LineEnd found from the left; the rest is a last line. */
function linesOf(bytes: Buffer, lineEnd: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (;;) {
    const found = bytes.indexOf(lineEnd, start);
    const stop = found < 0 ? bytes.length : found + lineEnd.length;
    if (stop > start) lines.push(bytes.subarray(start, stop));
    if (found < 0) return lines;
    start = stop;
  }
}

const READERS = [
  'ReceiveStr',
  'ReceiveStrA',
  'ReceiveTB',
  'Receive(1)',
  'Receive(3)',
  'Receive(5) to the end',
  'Receive(2) later',
  'PeekData, ReceiveStr',
  'ReceiveStr, ProcessMessages',
  'Pause, ReceiveStrA, Resume later',
] as const;
type Reader = (typeof READERS)[number];

/** A line as the handler got it: text of ReceiveStr, else one character per byte. */
interface Line {
  text: boolean;
  value: string;
}

class LineCollector {
  readonly lines: Line[] = [];
  /** The peer is about to end: what is not read inside the handler is lost. */
  ending = false;
  readonly #link: Link;
  readonly #client: TWSocketClient;
  readonly #readers: readonly Reader[];
  #events = 0;
  #begun = '';
  #waiting = false;

  constructor(link: Link, readers: readonly Reader[]) {
    const { client } = link;
    this.#link = link;
    this.#client = client;
    this.#readers = readers;
    client.OnDataAvailable = () => {
      if (this.#waiting) return;
      assert.ok(client.LineLength > 0);
      assert.equal(client.LineLength, client.RcvdCount);
      this.#read(this.#readers[this.#events++ % this.#readers.length]!);
    };
  }

  #read(reader: Reader): void {
    const client = this.#client;
    switch (reader) {
      case 'ReceiveStr':
        return this.#text();
      case 'ReceiveTB':
        return this.#take(client.ReceiveTB().toString('latin1'));
      case 'Receive(1)':
        return this.#take(this.#some(1));
      case 'Receive(3)':
        return this.#take(this.#some(3));
      case 'Receive(5) to the end':
        while (client.RcvdCount > 0) this.#take(this.#some(5));
        return;
      case 'Receive(2) later':
        return this.#later();
      case 'PeekData, ReceiveStr':
        this.#peek();
        return this.#text();
      case 'ReceiveStr, ProcessMessages':
        this.#text();
        client.ProcessMessages();
        return;
      case 'Pause, ReceiveStrA, Resume later':
        client.Pause();
        this.#link.later(() => client.Resume());
        return this.#take(client.ReceiveStrA());
      default:
        return this.#take(client.ReceiveStrA());
    }
  }

  // What was begun as bytes is finished as bytes: the rest may begin inside a character.
  #text(): void {
    if (this.#begun !== '') this.#take(this.#client.ReceiveStrA());
    else this.lines.push({ text: true, value: this.#client.ReceiveStr() });
  }

  // Reading only a part makes the handler come again for the rest.
  #later(): void {
    if (this.ending) return this.#take(this.#client.ReceiveStrA());
    this.#waiting = true;
    this.#link.later(() => {
      this.#waiting = false;
      this.#take(this.#some(2));
    });
  }

  #some(count: number): string {
    const buffer = Buffer.alloc(count);
    const got = this.#client.Receive(buffer);
    assert.ok(got > 0 && got <= count);
    return buffer.toString('latin1', 0, got);
  }

  #peek(): void {
    const client = this.#client;
    const before = client.RcvdCount;
    const buffer = Buffer.alloc(before + 10);
    assert.equal(client.PeekData(buffer), before);
    assert.equal(client.RcvdCount, before);
  }

  #take(bytes: string): void {
    this.#begun += bytes;
    if (this.#client.RcvdCount > 0) return;
    this.lines.push({ text: false, value: this.#begun });
    this.#begun = '';
  }
}

const lineEnds = fc.oneof(
  fc.constantFrom(
    '\r\n',
    '\n',
    '\0',
    'aa',
    'aab',
    'abab',
    'abaab',
    'aaaaa',
    '\xc3\xa9',
    '\xff\xfe',
  ),
  fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 }),
  fc
    .uint8Array({ minLength: 1, maxLength: 5 })
    .map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const small: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(5) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\r', '\n') }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }) },
);
const large = fc.record({ repeat: fc.nat(9000), of: fc.constantFrom('x', 'é', 'line\r\n', 'aab') });
const readers = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...READERS).map((reader) => [reader]) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...READERS), { minLength: 2, maxLength: 5 }) },
);

describe('Property: the lines of any bytes, with any LineEnd,', () => {
  it('[H-20][H-27] are the same however they are cut and read', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const open = await links();
    const parts = fc.array(
      fc.oneof({ weight: 12, arbitrary: small }, { weight: 1, arbitrary: large }),
      {
        maxLength: 25,
      },
    );
    const scenario = fc.record({ lineEnd: lineEnds, parts, places, readers });
    await check(
      scenario,
      async ({ lineEnd, parts, places, readers }) => {
        const mark = Buffer.from(lineEnd, 'latin1');
        const bytes = bytesOf(parts, mark);
        const link = await open();
        const { client } = link;
        client.LineEnd = lineEnd;
        client.LineLimit = 0;
        client.LineMode = true;
        const collector = new LineCollector(link, readers);
        const lines = linesOf(bytes, mark);
        const complete = lines.filter((line) => line.subarray(-mark.length).equals(mark)).length;
        await link.sendApart(cut(bytes, places));
        await link.until(() => collector.lines.length >= complete, 'the complete lines');
        collector.ending = true;
        await link.finish();
        const expected = lines.map((line, index) => {
          const text = collector.lines[index]?.text ?? false;
          return { text, value: line.toString(text ? 'utf8' : 'latin1') };
        });
        assert.deepEqual(collector.lines, expected);
      },
      { batches: 40 },
    );
  });
});
