// A million tiny requests with pauses of every length between them: whatever the moment at which a
// byte arrives, somebody is woken up for it.

import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import type { Socket } from 'node:net';
import { onCleanup, portOf } from '../support';
import { attackedServer } from '../support/bystander';
import { randomFrom } from './noise';

const REQUESTS = 1_000_000;
const CONNECTIONS = 100;
const MOST_IN_A_ROW = 40;
const LONGEST_PAUSE_MS = 4;
const LOOK_MS = 100;
/** A second in which our own loop went round: a busy machine is no lost wake-up. */
const STALLED = 10;
const SEED = 82;

interface Lane {
  left: number;
  awaited: number;
  /** Looks since its last byte. */
  looks: number;
}

/** Bursts of single bytes, then a pause; resolves when every byte has come back. */
function run(socket: Socket, lane: Lane, random: () => number): Promise<void> {
  return new Promise((resolve, reject) => {
    const burst = (): void => {
      const count = Math.min(lane.left, 1 + Math.floor(random() * MOST_IN_A_ROW));
      lane.awaited = count;
      lane.left -= count;
      for (let i = 0; i < count; i++) socket.write('x');
    };
    const pause = (): void => {
      const how = random();
      if (how < 0.5) setImmediate(burst);
      else if (how < 0.7) burst();
      else setTimeout(burst, random() * LONGEST_PAUSE_MS);
    };
    socket.on('data', (bytes: Buffer) => {
      lane.looks = 0;
      lane.awaited -= bytes.length;
      if (lane.awaited > 0) return;
      if (lane.left > 0) pause();
      else resolve();
    });
    socket.on('error', reject);
    burst();
  });
}

describe('A million tiny requests', function () {
  this.timeout(240_000);

  it('[H-82] are all answered, and none within more than a second', async () => {
    const server = await attackedServer();
    server.OnClientConnect = (_server, client) => {
      client.OnDataAvailable = () => void client.Send(client.ReceiveTB());
    };
    const lanes: Lane[] = [];
    const stalls: number[] = [];
    const look = setInterval(() => {
      for (const lane of lanes)
        if (lane.awaited > 0 && ++lane.looks === STALLED) stalls.push(lanes.indexOf(lane));
    }, LOOK_MS);
    onCleanup(() => clearInterval(look));
    const ends = Array.from({ length: CONNECTIONS }, (_, number) => {
      const socket = netConnect({ port: portOf(server), host: '127.0.0.1', noDelay: true });
      onCleanup(() => socket.destroy());
      const lane = { left: REQUESTS / CONNECTIONS, awaited: 0, looks: 0 };
      lanes.push(lane);
      return run(socket, lane, randomFrom(SEED + number));
    });
    await Promise.all(ends);
    assert.deepEqual(stalls, [], 'connections that stood still');
  });
});
