// A worker ends while it owns a number from Accept() that no component has adopted: it closes its
// own connection, never a descriptor that has got the number since.

import assert from 'node:assert/strict';
import { connect } from '../support';
import { runScript } from '../support/runScript';

describe('A worker that ends with a number from Accept()', () => {
  it('[H-76] the number was closed and belongs to a file now: the file stays open', async () => {
    const script = runScript('acceptedNumber', { args: ['closed'] });
    const peer = await connect(Number(await script.printed('port')));
    assert.equal(await peer.closed(), 'end');
    assert.equal(await script.printed('file'), 'open');
    script.child.stdin!.end();
    assert.equal(await script.ended(), 0, script.stderr);
  });

  it('[H-76] the number was not closed: its connection ends', async () => {
    const script = runScript('acceptedNumber', { args: ['kept'] });
    const peer = await connect(Number(await script.printed('port')));
    assert.equal(await script.printed('file'), 'none');
    assert.equal(await peer.closed(), 'end');
    script.child.stdin!.end();
    assert.equal(await script.ended(), 0, script.stderr);
  });
});
