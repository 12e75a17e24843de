// The TLS tests once more over the two other ways that TLS can go (lib/ssl/nodeTls.ts): a TLSSocket
// over the lean carrier, and one over the public carrier for a Node whose inner classes do not look
// as expected.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onCleanup } from '../support';
import { ROOT } from '../support/compiled';

const LIMIT_MS = 590_000;
const ways = { 'the lean carrier': 'ICS_TLS_STREAMS', 'the public carrier': 'ICS_PUBLIC_CARRIER' };

describe('TLS over', () => {
  for (const [title, variable] of Object.entries(ways))
    it(`${title} passes the same tests`, async () => {
      const mocha = require.resolve('mocha/bin/mocha.js');
      const files = [
        '--timeout',
        '120000',
        '--ignore',
        'test/tls/*.slow.test.ts',
        'test/tls/*.test.ts',
      ];
      const child = spawn(process.execPath, [mocha, ...files], {
        cwd: ROOT,
        env: { ...process.env, [variable]: '1' },
        timeout: LIMIT_MS,
      });
      onCleanup(() => child.kill('SIGKILL'));
      let printed = '';
      const keep = (text: Buffer): unknown => (printed += text.toString());
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      const [status] = (await once(child, 'close')) as [number | null];
      const last = printed.trim().split('\n').at(-1)!;
      console.log(`      ${last}`);
      assert.equal(status, 0, printed);
      assert.match(last, /^\d{3,} passed, 0 failed/);
    }).timeout(LIMIT_MS + 10_000);
});
