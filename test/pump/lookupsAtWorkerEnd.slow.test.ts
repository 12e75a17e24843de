// Lookups that never return, in workers that are ended without mercy.

import assert from 'node:assert/strict';
import { runWithFakeResolver, skipWithoutFakeResolver } from '../support/fakeResolver';

describe('A worker with lookups under way', () => {
  before(skipWithoutFakeResolver);

  it('may be terminated 100 times: no crash, no descriptor left', async function () {
    this.timeout(90_000);
    const script = runWithFakeResolver('lookupWorkers', { args: ['100'] });
    const left = Number(await script.printed('descriptors', 80_000));
    assert.equal(await script.ended(), 0, script.stderr);
    assert.ok(left <= 0, `${left} descriptors left`);
    assert.equal(script.stderr, '');
    assert.match(script.stdout, /^loaded before false\nloaded after true\nanswer 0 10\.0\.0\.1\n/);
    assert.match(script.stdout, /^answer 0 10\.0\.0\.2$/m);
  });
});
