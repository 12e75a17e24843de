// The simulation in small: npm run test:simulation plays a hundred times as much.

import assert from 'node:assert/strict';
import { generate } from './actions';
import { play } from './driver';
import { ICS, MUTATIONS } from './rules';
import { report, simulate } from './simulate';

const STEPS = 5000;
const FIXED_SEED = 2;
/** A false rule expects something that never comes: nothing real takes so long in one process. */
const PATIENCE_MS = 25;
/** Steps within which a false rule must be noticed. */
const NOTICED = 1000;

describe('Random application and peer behaviour against the reference model', () => {
  for (const seed of [FIXED_SEED, Date.now() % 1_000_000]) {
    it(`agrees for ${STEPS} steps of seed ${seed}`, function () {
      this.timeout(120_000);
      const finding = simulate({ seed, steps: STEPS });
      assert.equal(finding && report(finding, seed), null);
    });
  }

  for (const mutation of Object.keys(MUTATIONS)) {
    it(`notices that the rule ${mutation} is false`, function () {
      this.timeout(120_000);
      const steps = 5 * NOTICED;
      const finding = simulate({ seed: FIXED_SEED, steps, mutation, patienceMs: PATIENCE_MS });
      assert.ok(finding, 'the false rule was not noticed');
      assert.ok(finding.steps <= NOTICED, `noticed after ${finding.steps} steps`);
      assert.ok(finding.actions.length <= 12, `${finding.actions.length} actions are left`);
    });
  }

  it('plays the same for the same seed', () => {
    const trace = (): string =>
      play(generate(FIXED_SEED, 500), { rules: ICS, trace: true }).trace.join('\n');
    assert.equal(trace(), trace());
  });
});
