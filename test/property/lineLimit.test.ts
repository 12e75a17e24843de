// OnLineLimitExceeded depends on one thing only: what is left behind the last line end whenever a
// segment has been read.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { check, links, TEST_TIMEOUT_MS } from './properties';

interface Scenario {
  limit: number;
  clear: boolean[];
  segments: string[];
}

/** `line …` and `limit …` in the order of the events. */
function expected({ limit, clear, segments }: Scenario): string[] {
  const events: string[] = [];
  let rest = '';
  let exceeded = 0;
  for (const segment of segments) {
    rest += segment;
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      events.push(`line ${rest.slice(0, end)}`);
      rest = rest.slice(end + 2);
    }
    if (limit === 0 || rest.length <= limit) continue;
    events.push(`limit ${rest.length}`);
    if (clear[exceeded++ % clear.length]) rest = '';
  }
  if (rest !== '') events.push(`rest ${rest}`);
  return events;
}

const pieces = fc.oneof(
  fc.constantFrom('\r\n', '\r', '\n', 'a\r\n', 'ab', 'é'),
  fc.nat(40).map((length) => 'x'.repeat(length)),
  fc.nat(3000).map((length) => 'line\r\n'.repeat(length / 6)),
);
const segments = fc
  .array(pieces, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((segment) => segment !== '');

describe('Property: OnLineLimitExceeded', () => {
  it('[WS-73][WS-74][WS-75] fires when and only when the unfinished line is above LineLimit', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const open = await links();
    const scenario = fc.record({
      limit: fc.nat(50),
      clear: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      segments: fc.array(segments, { maxLength: 10 }),
    });
    await check(
      scenario,
      async (scenario) => {
        const link = await open();
        const { client } = link;
        const events: string[] = [];
        let exceeded = 0;
        client.LineMode = true;
        client.LineLimit = scenario.limit;
        client.OnLineLimitExceeded = (_sender, length, ClearData) => {
          assert.equal(ClearData.Value, true);
          events.push(`limit ${length}`);
          ClearData.Value = scenario.clear[exceeded++ % scenario.clear.length]!;
        };
        client.OnDataAvailable = () => {
          const line = client.ReceiveStrA();
          const ended = line.endsWith('\r\n');
          events.push(ended ? `line ${line.slice(0, -2)}` : `rest ${line}`);
        };
        await link.sendApart(scenario.segments.map((segment) => Buffer.from(segment, 'latin1')));
        await link.finish();
        assert.deepEqual(events, expected(scenario));
      },
      { batches: 30 },
    );
  });
});
