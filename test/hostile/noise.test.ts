// Random protocol noise, the short form. NOISE_SEED=<number> repeats a run's bytes; the long form is
// noise.slow.test.ts.

import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { visitors } from '../support/bystander';
import { makeNoise, noiseServer } from './noise';

const SEED = Number(process.env['NOISE_SEED'] ?? Date.now() % 1e9);
const DURATION_MS = 1000;

describe('Random protocol noise', () => {
  it('[H-32] for a second: no exception, every connection has its two events', async () => {
    const noise = await noiseServer(SEED);
    const made = await makeNoise(Number(noise.server.GetXPort()), SEED, DURATION_MS);
    await waitFor(() => visitors(noise.server).length === 0, `all gone (seed ${SEED})`);
    assert.deepEqual(noise.exceptions, [], `seed ${SEED}`);
    assert.ok(made > 20, `${made} connections`);
    // One that was reset before it could be accepted may be missing.
    assert.ok(noise.connected > made / 2 && noise.connected <= made, `${noise.connected}`);
    assert.equal(noise.disconnected, noise.connected, `seed ${SEED}`);
  });
});
