// SetIcsThreadLocalFinalBgExceptionHandling: where an exception ends that no OnBgException takes.

import assert from 'node:assert/strict';
import { runScript } from '../support/runScript';

async function outputOf(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const script = runScript('finalException', { args });
  assert.equal(await script.ended(), 0, script.stderr);
  return script;
}

describe('SetIcsThreadLocalFinalBgExceptionHandling', () => {
  it('[WS-64] fehAppHandleException passes the error to the process-level handler', async () => {
    const { stdout } = await outputOf('fehAppHandleException');
    assert.equal(stdout, 'uncaught raised in OnDataAvailable\n');
  });

  it('fehNone keeps it from the process-level handler', async () => {
    const { stdout } = await outputOf('fehNone');
    assert.equal(stdout, '');
  });

  it('fehShowException writes it to the console', async () => {
    const { stdout, stderr } = await outputOf('fehShowException');
    assert.match(stdout + stderr, /raised in OnDataAvailable/);
    assert.doesNotMatch(stdout, /uncaught/);
  });

  it('an assigned OnBgException keeps it from the final handler', async () => {
    const { stdout } = await outputOf('fehAppHandleException', 'handled');
    assert.equal(stdout, 'OnBgException\n');
  });
});
