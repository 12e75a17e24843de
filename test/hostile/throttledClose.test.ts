// A limited connection is paused with bytes waiting on both sides, and closed. Whoever closes it, it
// ends, and the timer of its portions with it.

import assert from 'node:assert/strict';
import { TimerList, type ReactorTimer } from '../../lib/pump/timerList';
import { wsClosed, type TWSocketClient } from '../../lib';
import { onCleanup, waitFor, type Peer } from '../support';
import { accepted, isDeserted } from '../socket/accepted';

const SAMPLING_MS = 777; // tells the timers of the limit from others

/** The timers of limits, running or not, that begin from now on. */
function watchTimers(): ReactorTimer[] {
  const seen: ReactorTimer[] = [];
  const { start } = TimerList.prototype;
  TimerList.prototype.start = function (delayMs, run) {
    const timer = start.call(this, delayMs, run);
    if (delayMs === SAMPLING_MS) seen.push(timer);
    return timer;
  };
  onCleanup(() => void (TimerList.prototype.start = start));
  return seen;
}

const ENDS: [name: string, end: (client: TWSocketClient, peer: Peer) => void][] = [
  ['Close', (client) => client.Close()],
  ['Abort', (client) => client.Abort()],
  ['Free', (client) => client.Free()],
  [
    'CloseDelayed, which gives the queue CloseFlushTimeout',
    (client) => {
      client.CloseFlushTimeout = 50;
      client.CloseDelayed();
    },
  ],
  ['a reset by the peer', (_client, peer) => peer.socket.resetAndDestroy()],
];

describe('A limited connection that is paused', () => {
  for (const [name, end] of ENDS) {
    it(`[H-52] ends by ${name}, and its timer with it`, async () => {
      const timers = watchTimers();
      let ends = 0;
      const { server, client, peer } = await accepted(
        (one) => {
          one.OnSessionClosed = () => void ends++;
        },
        {
          OnClientCreate: (_Sender, one) =>
            void Object.assign(one, { BandwidthLimit: 10, BandwidthSampling: SAMPLING_MS }),
        },
      );
      client.Pause();
      peer.write('x'.repeat(10_000));
      client.Send(Buffer.alloc(10_000));
      assert.equal(timers.length, 1);
      assert.ok(timers[0]!.index >= 0, 'the timer does not run');
      assert.ok(client.BufferedByteCount > 0);

      end(client, peer);
      await waitFor(() => isDeserted(server), 'the end of the client');

      assert.equal(client.State, wsClosed);
      assert.equal(client.HSocket, -1);
      assert.ok(ends <= 1, `OnSessionClosed fired ${ends} times`);
      assert.deepEqual(
        timers.filter(({ index }) => index >= 0),
        [],
      );
    });
  }
});
