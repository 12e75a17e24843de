// Live connections change threads all the time: no byte is lost, doubled or out of order.

import assert from 'node:assert/strict';
import { runScript } from '../support/runScript';

const DEADLINE_MS = 60_000;

describe('Connections that are moved between two workers while they echo', () => {
  for (const [connections, passes, mode] of [
    [50, 20, 'bytes'],
    [50, 20, 'lines'],
    [1000, 10, 'bytes'],
  ] as const) {
    it(`${connections} connections, ${passes} moves each (${mode}): every byte once, in order`, async function () {
      this.timeout(DEADLINE_MS);
      const args = [String(connections), String(passes), mode];
      const script = runScript('moves', { args });
      const left = await script.printed('descriptors', DEADLINE_MS);
      assert.equal(await script.printed('moves'), String(connections * passes));
      assert.equal(await script.printed('errors'), '0');
      assert.equal(await script.printed('uncounted'), '0', 'ReadCount and WriteCount go along');
      assert.ok(Number(await script.printed('bytes')) > connections * passes * 100);
      assert.equal(left, '0', 'descriptors left');
      assert.equal(await script.ended(), 0, script.stderr);
      assert.equal(script.stderr, '');
    });
  }

  it('their workers are terminated in the middle of it: every connection ends, no descriptor is left', async function () {
    this.timeout(DEADLINE_MS);
    const script = runScript('movesEnd', { args: ['3'] });
    assert.ok(Number(await script.printed('descriptors', DEADLINE_MS)) <= 0);
    assert.equal(await script.ended(), 0, script.stderr);
    assert.equal(script.stderr, '');
  });
});
