// The addon and the JavaScript come from different versions: one clear error says so, and nothing of
// the wrong addon is used.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { native } from '../../lib/native';
import { onCleanup } from '../support';
import { ROOT, preload } from '../support/compiled';

/** What requiring the package does when the addon says it has this interface. */
function requireWith(abi: string): { status: number | null; stderr: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'ics-abi-'));
  onCleanup(() => rmSync(folder, { recursive: true }));
  const fake = path.join(folder, 'fake.js');
  writeFileSync(
    fake,
    `const { dlopen } = process;
    process.dlopen = (module, ...rest) => {
      dlopen(module, ...rest);
      const start = () => { console.error('used nevertheless'); process.exit(9); };
      module.exports = { ...module.exports, start, abi: ${abi} };
    };`,
  );
  const entry = path.join(ROOT, 'lib/index.ts');
  const args = ['-r', preload(), '-r', fake, '-e', `require(${JSON.stringify(entry)})`];
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

describe('An addon of another version', () => {
  const { abi } = native;

  for (const [what, value] of [
    ['older', String(abi - 1)],
    ['newer', String(abi + 1)],
    ['so old that it has no number', 'undefined'],
  ]) {
    it(`[H-139] that is ${what} is refused with both numbers and the remedy`, () => {
      const { status, stderr } = requireWith(value!);
      assert.equal(status, 1);
      assert.match(
        stderr,
        new RegExp(`addon has interface ${value}, this JavaScript needs ${abi}`),
      );
      assert.match(stderr, /Rebuild it with: npm run build:native/);
      assert.doesNotMatch(stderr, /used nevertheless/);
    });
  }
});
