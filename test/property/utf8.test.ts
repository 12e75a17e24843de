// ReceiveStr in raw mode: the text does not depend on where the bytes were cut.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { check, cut, links, places, TEST_TIMEOUT_MS } from './properties';
import type { Link } from './properties';

interface Scenario {
  bytes: Buffer;
  places: number[] | 'everywhere';
  looks: boolean[];
}

/** Sends the segments apart from each other; what ReceiveStr gave in each event. */
async function textsOf(link: Link, { bytes, places, looks }: Scenario): Promise<string[]> {
  const { client } = link;
  const texts: string[] = [];
  client.OnDataAvailable = () => {
    // A look at what has arrived changes nothing.
    if (looks[texts.length % Math.max(looks.length, 1)]) {
      assert.ok(client.RcvdCount > 0);
      assert.ok(client.PeekData(Buffer.alloc(3)) > 0);
    }
    texts.push(client.ReceiveStr());
  };
  await link.sendApart(cut(bytes, places));
  await link.finish();
  return texts;
}

const looks = fc.array(fc.boolean(), { maxLength: 3 });
const asciiRuns = fc.nat(70_000).map((count) => 'ascii '.repeat(count / 6));
const texts = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
      { weight: 9, arbitrary: fc.constantFrom('é', '€', '😀', '\0', '\ufeff', '\ufffd', 'a') },
      { weight: 1, arbitrary: asciiRuns },
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.from(parts.join('')));
// Leads, continuations and the bytes after which a sequence can no longer become valid.
const byte = fc.constantFrom(
  ...[
    0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xff,
  ],
);
const anyBytes = fc
  .oneof(fc.array(byte, { maxLength: 40 }), fc.uint8Array({ maxLength: 60 }))
  .map((values) => Buffer.from(values));

describe('Property: ReceiveStr in raw mode', () => {
  it('[H-24] gives any text back, however it is cut, and never half a character', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const open = await links();
    await check(
      fc.record({ bytes: texts, places, looks }),
      async (scenario) => {
        const received = await textsOf(await open(), scenario);
        assert.equal(received.join(''), scenario.bytes.toString('utf8'));
        for (const text of received) assert.equal(Buffer.from(text).toString(), text);
      },
      { batches: 30 },
    );
  });

  it('[H-24] replaces invalid bytes as if they had come in one piece', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const open = await links();
    await check(
      fc.record({ bytes: anyBytes, places, looks }),
      async (scenario) => {
        const received = await textsOf(await open(), scenario);
        assert.equal(received.join(''), scenario.bytes.toString('utf8'));
      },
      { batches: 30 },
    );
  });
});
