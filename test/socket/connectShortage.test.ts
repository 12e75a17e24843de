// No descriptor is left for a connection.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { childServer } from '../support';
import { startTarget } from './connecting';

describe('Connect without a free descriptor', () => {
  it('raises 10024, stays closed, and connects when there is one again', async () => {
    const { port } = await startTarget();
    const child = childServer(join(__dirname, 'connectShortage.child.ts'), 128);

    const results = await child.ask<string[]>(`port ${port}`);

    const expected = '10024 Connect (socket) Closed -1';
    assert.deepEqual(results, [expected, expected]);
    assert.deepEqual(await child.ask('connect'), ['OnSessionConnected 0']);
  });
});
