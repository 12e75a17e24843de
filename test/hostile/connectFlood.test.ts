// Thousands of clients connect in bursts as large as the backlog, and larger ones: everybody gets
// in, nobody is counted twice, and the client that was there before is served meanwhile.

import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import type { TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, onCleanup, portOf, startServer, waitFor } from '../support';
import type { Peer } from '../support';

const TIME_LIMIT_MS = 10_000;

interface Flooded {
  server: TWSocketServer;
  counts: { connected: number; disconnected: number; failed: number };
  active: Peer;
}

async function startFlooded(ListenBacklog: number): Promise<Flooded> {
  const counts = { connected: 0, disconnected: 0, failed: 0 };
  const server = startServer({
    ListenBacklog,
    OnClientConnect: (_Sender, Client, Error) => {
      counts.connected++;
      if (Error !== 0) counts.failed++;
      echo(Client);
    },
    OnClientDisconnect: () => void counts.disconnected++,
    OnBgException: () => void counts.failed++,
  });
  return { server, counts, active: await connect(server) };
}

/** Connects, gets its echo, and leaves with a reset so that no port stays in TIME_WAIT. */
function visit(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = netConnect({ port, host: '127.0.0.1', noDelay: true });
    onCleanup(() => socket.destroy());
    socket.once('error', reject);
    socket.once('connect', () => socket.write('x'));
    socket.once('data', () => socket.resetAndDestroy());
    socket.once('close', () => resolve());
  });
}

async function burst(port: number, size: number): Promise<void> {
  await Promise.all(Array.from({ length: size }, () => visit(port)));
}

async function expectAllGone({ server, counts }: Flooded, visits: number): Promise<void> {
  await waitFor(() => counts.disconnected === visits, `${visits} visitors to leave`);
  assert.deepEqual(counts, { connected: visits + 1, disconnected: visits, failed: 0 });
  assert.equal(server.ClientCount, 1);
}

describe('A flood of connects', function () {
  this.timeout(40_000);

  // A backlog of n holds n + 1 connections; 10,000 connects in all.
  for (const [backlog, bursts, size] of [
    [1, 1000, 2],
    [15, 188, 16],
    [250, 20, 250],
  ] as const) {
    it(`[H-05] ${bursts * size} clients in bursts of ${size} with a backlog of ${backlog}`, async () => {
      const flooded = await startFlooded(backlog);
      const started = performance.now();

      for (let round = 0; round < bursts; round++) {
        await burst(portOf(flooded.server), size);
        if (round % 10 === 0) await expectEcho(flooded.active);
      }

      await expectAllGone(flooded, bursts * size);
      const elapsed = performance.now() - started;
      assert.ok(elapsed < TIME_LIMIT_MS, `it took ${Math.round(elapsed)} ms`);
      await expectEcho(flooded.active);
    });
  }

  it('[H-05] more at once than the backlog holds: they get in at the second or third try', async () => {
    const all = await Promise.all([1, 15, 250].map(startFlooded));
    const sizes = [4, 40, 600];
    const started = performance.now();
    let waiting = true;

    const served = (async () => {
      while (waiting) for (const { active } of all) await expectEcho(active);
    })();
    await Promise.all(all.map(({ server }, i) => burst(portOf(server), sizes[i]!)));
    waiting = false;
    await served;

    for (const [i, flooded] of all.entries()) await expectAllGone(flooded, sizes[i]!);
    const elapsed = performance.now() - started;
    assert.ok(elapsed < TIME_LIMIT_MS, `it took ${Math.round(elapsed)} ms`);
  });
});
