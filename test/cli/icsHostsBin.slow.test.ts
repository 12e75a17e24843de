// ics-hosts as the package installs it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { builtPackage } from '../support/builtPackage';
import { ROOT } from '../support/compiled';

describe('The command ics-hosts', function () {
  this.timeout(120_000);

  it('is a program of the package that runs from its built form', () => {
    const text = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
    const { bin } = JSON.parse(text) as { bin: Record<string, string> };
    const program = path.join(builtPackage(), 'node_modules/ics-wsocket', bin['ics-hosts']!);
    assert.match(readFileSync(program, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    const usage = execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' });
    assert.match(usage, /^Usage: ics-hosts check FILE\.ini/);
  });
});
