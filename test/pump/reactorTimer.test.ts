// The package's own deadlines (close timeouts, accept back-off) must come even when Node's timer
// wakes the pump a fraction of a millisecond before one is due.

import assert from 'node:assert/strict';
import { startTimer } from '../../lib/pump/reactor';
import { waitFor } from '../support';

const TIMERS = 300;

describe('Timers of the pump', () => {
  it('come one after the other, none is lost and none is early', async () => {
    let fired = 0;
    let early = 0;
    const next = (): void => {
      const delay = 1 + Math.random() * 2;
      const due = performance.now() + delay;
      startTimer(delay, () => {
        if (performance.now() < due) early++;
        if (++fired < TIMERS) next();
      });
    };
    next();

    await waitFor(() => fired === TIMERS, `${TIMERS} timers`);
    assert.equal(early, 0);
  });
});
