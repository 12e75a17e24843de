// Nobody has assigned OnBgException: the component is aborted, and the process is warned once.

import assert from 'node:assert/strict';
import { runScript } from '../support/runScript';

describe('An exception nobody handles', () => {
  it('[WSS-86][WS-60] aborts, leaves the process alive and warns once per class', async () => {
    const script = runScript('bgWarning');
    assert.equal(await script.ended(), 0, script.stderr);
    const lines = script.stdout.trim().split('\n');
    const warnings = lines.filter((line) => line.startsWith('warning'));
    assert.equal(warnings.length, 2, script.stdout);
    assert.equal(warnings.filter((line) => line.includes('TWSocketClient')).length, 1);
    assert.equal(warnings.filter((line) => line.includes('TWSocketServer')).length, 1);
    assert.match(warnings[0]!, /OnBgException/);
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('warning')),
      ['lost 3'],
    );
  });
});
