// MessageLoop at the top level of a script without anything that keeps Node's loop alive: it still
// runs Node's timers and sleeps in between.

import assert from 'node:assert/strict';
import { connect } from '../support';
import { runScript } from '../support/runScript';
import type { Script } from '../support/runScript';

async function endsRested(script: Script): Promise<void> {
  assert.equal(await script.printed('waited'), 'true');
  assert.equal(await script.printed('busy'), 'false');
  assert.equal(await script.ended(), 0, script.stderr);
}

describe('MessageLoop while nothing keeps Node alive', () => {
  it('[WSS-105] without a socket: a timer fires, the processor rests', async () => {
    await endsRested(runScript('idleMessageLoop', { args: ['nothing'] }));
  });

  it('[WSS-105] with a listener after unref(): a client comes and goes, a timer fires, the processor rests', async () => {
    const script = runScript('idleMessageLoop', { args: ['unref'] });
    (await connect(Number(await script.printed('port')))).end();
    await endsRested(script);
  });
});
