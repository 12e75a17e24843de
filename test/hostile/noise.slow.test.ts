// Random protocol noise, the long form: neither crash nor leak. 15 s; the ten minutes of the case with
//   NOISE_SECONDS=600 npx mocha test/hostile/noise.slow.test.ts
// NOISE_SEED=<number> repeats a run's bytes.

import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { visitors } from '../support/bystander';
import { memoryInUse, openDescriptors } from '../support/memory';
import { makeNoise, noiseServer } from './noise';

const SEED = Number(process.env['NOISE_SEED'] ?? Date.now() % 1e9);
const SECONDS = Number(process.env['NOISE_SECONDS'] ?? 15);
const WARM_UP_MS = 3000;
const HEAP_SLACK_MIB = 8;
const RSS_SLACK_MIB = 48;

describe('Random protocol noise for a long time', () => {
  it(`[H-32] for ${SECONDS} s: no exception, no descriptor and no memory is lost`, async function () {
    this.timeout(SECONDS * 1000 + 60_000);
    const noise = await noiseServer(SEED);
    const port = Number(noise.server.GetXPort());
    const quiet = (): Promise<void> =>
      waitFor(() => visitors(noise.server).length === 0, `all gone (seed ${SEED})`);
    await makeNoise(port, SEED, WARM_UP_MS);
    await quiet();
    const descriptors = openDescriptors();
    const before = await memoryInUse();

    const made = await makeNoise(port, SEED + 1000, SECONDS * 1000);
    await quiet();
    await waitFor(() => openDescriptors() <= descriptors, `${descriptors} descriptors`);
    const after = await memoryInUse();

    assert.deepEqual(noise.exceptions, [], `seed ${SEED}`);
    assert.equal(noise.disconnected, noise.connected, `seed ${SEED}`);
    const heap = after.heap - before.heap;
    const rss = after.rss - before.rss;
    const facts = `seed ${SEED}, ${made} connections: heap ${heap} MiB, RSS ${rss} MiB more`;
    console.log(`      ${facts}`);
    assert.ok(heap < HEAP_SLACK_MIB && rss < RSS_SLACK_MIB, facts);
  });
});
