// Somebody sets the machine's clock. Timeouts are differences of monotonic times and do not notice.

import assert from 'node:assert/strict';
import { bystandIn } from '../support/bystander';
import { skipWithoutFaketime, WallClock } from '../support/faketime';
import { runScript } from '../support/runScript';

const DAY_MS = 24 * 3_600_000;
const DEADLINE_MS = 30_000;

interface Round {
  wall: number;
  /** Milliseconds until a TimeoutIdle of 500 and a CloseFlushTimeout of 300 had come. */
  lasted: number;
  /** A TimeoutIdle of an hour has come. */
  early: boolean;
  open: boolean;
}

describe('A clock that jumps', function () {
  this.timeout(120_000);
  before(skipWithoutFaketime);

  it('[H-83] by a day, forwards and back, brings no timeout early and holds none back', async () => {
    const clock = new WallClock();
    const script = runScript('clockJumps', { env: clock.env });
    await script.printed('ready', DEADLINE_MS);
    await bystandIn(Number(await script.printed('port')));
    for (const [name, offset, days] of [
      ['untouched', '+0', 0],
      ['forwards', '+1d', 1],
      ['back', '-1d', -1],
    ] as const) {
      clock.set(offset);
      script.child.stdin!.write(`${name}\n`);
      const round = JSON.parse(await script.printed(name, DEADLINE_MS)) as Round;
      const shift = (round.wall - Date.now()) / DAY_MS;
      assert.ok(Math.abs(shift - days) < 0.1, `${name}: the clock was off by ${shift} days`);
      assert.ok(round.lasted >= 800, `${name}: ${round.lasted} ms`);
      assert.deepEqual([round.early, round.open], [false, true], name);
    }
  });
});
