// The thread of the server stands still for five seconds (CPU starvation, a swapping machine, a
// handler that computes). Afterwards bytes that have arrived meanwhile count before timeouts.

import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { connect, onCleanup, portOf, startServer, waitFor } from '../support';

const STALL_MS = 5000;
const IDLE_MS = 2000;
const TALKER = 'talker';

// Another thread, so that it goes on while ours stands still.
const TALKS = `
const { workerData } = require('node:worker_threads');
const socket = require('node:net').connect(workerData, '127.0.0.1');
socket.on('error', () => undefined);
setInterval(() => socket.write('talker'), 100);
`;

interface Seen {
  talked: number;
  /** Who had a timeout, in order. */
  timeouts: string[];
}

function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
}

/** Two clients with an idle timeout: one talks all the time, the other is silent. */
async function startWatched(seen: Seen): Promise<TWSocketServer> {
  const names = new Map<TWSocketClient, string>();
  const server = startServer({
    OnClientConnect: (_server, client) => {
      client.OnDataAvailable = () => {
        seen.talked += client.ReceiveStr().length;
        names.set(client, TALKER);
      };
      client.OnTimeout = () => {
        seen.timeouts.push(names.get(client) ?? 'silent');
        client.Abort();
      };
      client.CreateCounter(); // knows to the millisecond when the last byte came
      client.TimeoutSampling = 1000;
      client.TimeoutIdle = IDLE_MS;
    },
  });
  const worker = new Worker(TALKS, { eval: true, workerData: portOf(server) });
  onCleanup(() => void worker.terminate());
  await connect(server);
  await waitFor(() => seen.talked > 0 && server.ClientCount === 2, 'both clients');
  return server;
}

/** Where the time is lost; resolves when it is over. */
const PLACES: Record<string, (server: TWSocketServer) => Promise<void>> = {
  'in a timer of Node': () =>
    new Promise((resolve) => {
      setTimeout(() => {
        standStill();
        resolve();
      }, 1);
    }),
  'in a handler of another client': async (server) => {
    const { OnClientConnect } = server;
    let over = false;
    server.OnClientConnect = (_server, client) => {
      client.OnDataAvailable = () => {
        client.ReceiveStr();
        standStill();
        over = true;
      };
    };
    const peer = await connect(server);
    server.OnClientConnect = OnClientConnect;
    peer.write('wait');
    await waitFor(() => over, 'the handler', 3 * STALL_MS);
  },
};

describe('A loop that stands still for five seconds', function () {
  this.timeout(60_000);

  for (const [place, stall] of Object.entries(PLACES)) {
    it(`[H-136] ${place}: who talked meanwhile has no timeout, who was silent has one`, async () => {
      const seen: Seen = { talked: 0, timeouts: [] };
      const server = await startWatched(seen);
      await stall(server);
      const before = seen.talked;
      await waitFor(() => seen.timeouts.length > 0, 'a timeout', 10_000);
      await waitFor(() => seen.talked > before + 20 * TALKER.length, 'more of the talker', 10_000);
      assert.deepEqual(seen.timeouts, ['silent']);
    });
  }
});
