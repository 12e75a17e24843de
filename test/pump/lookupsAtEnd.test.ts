// Lookups that never return must not keep a process or a worker from ending, and not be missed.

import assert from 'node:assert/strict';
import { runWithFakeResolver, skipWithoutFakeResolver } from '../support/fakeResolver';

async function outputOf(mode: string, code: number): Promise<string> {
  const script = runWithFakeResolver('lookups', { args: [mode] });
  assert.equal(await script.ended(), code, script.stderr);
  assert.equal(script.stderr, '');
  return script.stdout;
}

describe('A program with lookups under way', () => {
  before(skipWithoutFakeResolver);

  it('ends at once by process.exit', async () => {
    assert.equal(await outputOf('exit', 5), 'threads true\n');
    assert.equal(await outputOf('exit in the answer', 5), 'threads true\n');
  });

  it('ends by itself when the lookups are not to keep it alive', async () => {
    assert.equal(await outputOf('nothing else to do', 0), 'threads true\n');
  });

  it('ends by itself when they were cancelled', async () => {
    assert.match(await outputOf('cancelled', 0), /^cancelled true false\n/);
  });

  it('stays for the answers otherwise', async () => {
    assert.match(await outputOf('kept', 0), /^answer 0 10\.1\.2\.3\n/);
    const failures = await outputOf('failures', 0);
    assert.match(failures, /^answer 11001$/m);
    assert.match(failures, /^answer 11002$/m);
  });

  it('is told of an exception in an answer as uncaught', async () => {
    assert.match(await outputOf('throws', 0), /^uncaught from the answer\n/);
  });

  it('gets them in a MessageLoop at the top level', async () => {
    assert.match(await outputOf('message loop', 0), /^answer 0 10\.1\.2\.3\nreturned\n/);
  });
});
