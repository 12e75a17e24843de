// The TLS tests once more over the public carrier, the one for a Node whose inner classes do not
// look as expected (lib/ssl/carrier.ts).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { ROOT } from '../support/compiled';

describe('TLS over the public carrier', () => {
  it('passes the same tests', () => {
    const mocha = require.resolve('mocha/bin/mocha.js');
    const files = ['--ignore', 'test/tls/*.slow.test.ts', 'test/tls/*.test.ts'];
    const { stdout, status } = spawnSync(process.execPath, [mocha, ...files], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 590_000,
      env: { ...process.env, ICS_PUBLIC_CARRIER: '1' },
    });
    assert.equal(status, 0, stdout);
    const last = stdout.trim().split('\n').at(-1)!;
    console.log(`      ${last}`);
    assert.match(last, /^\d{3,} passed, 0 failed/);
  }).timeout(600_000);
});
