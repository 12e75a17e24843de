// Soak: tens of thousands of connections that connect, echo and end in every way there is. At the
// end descriptors and memory are where they were. ICS_SOAK=1 selects the long version.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { portOf, startServer, waitFor } from '../support';
import { memoryInUse, openDescriptors } from '../support/memory';
import type { TWSocketClient } from '../../lib';

const long = process.env['ICS_SOAK'] === '1';
const CYCLES = long ? 100_000 : 20_000;
const WARM_UP = 2_000;
const AT_ONCE = 32;
const RSS_SLACK = 24;
const HEAP_SLACK = 4;

// Who ends the connection, and how; the last byte of the request says so to the server.
const PEER_ENDS = ['end', 'reset'];
const SERVER_ENDS: Record<string, (Client: TWSocketClient) => void> = {
  close: (Client) => Client.Close(),
  delayed: (Client) => Client.CloseDelayed(),
  abort: (Client) => Client.Abort(),
  disconnect: (Client) => Client.Server!.Disconnect(Client),
};
const ENDINGS = [...PEER_ENDS, ...Object.keys(SERVER_ENDS)];

/** One connection: a request, its echo, an ending. */
function cycle(port: number, number: number): Promise<void> {
  const ending = ENDINGS[number % ENDINGS.length]!;
  return new Promise((resolve, reject) => {
    // Many local addresses, so that ports in TIME_WAIT do not run out.
    const localAddress = `127.0.${(number >> 7) & 127}.${1 + (number & 127)}`;
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
    let answered = false;
    socket.on('connect', () => socket.write(`${ending}\n`));
    socket.on('data', () => {
      answered = true;
      if (ending === 'end') socket.end();
      if (ending === 'reset') socket.resetAndDestroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      // An abort may overtake the echo, nothing else may.
      if (answered || ending === 'abort') resolve();
      else reject(new Error(`cycle ${number} (${ending}) got no echo`));
    });
  });
}

async function run(port: number, count: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await cycle(port, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

describe('Soak', () => {
  it(`[H-17] ${CYCLES} connect/echo/close cycles: descriptors and memory return to the start`, async function () {
    this.timeout(long ? 600_000 : 60_000);
    let connected = 0;
    let disconnected = 0;
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        connected++;
        Client.LineMode = true;
        Client.LineEnd = '\n';
        Client.OnDataAvailable = () => {
          const line = Client.ReceiveStr();
          Client.SendStr(line);
          SERVER_ENDS[line.trim()]?.(Client);
        };
      },
      OnClientDisconnect: () => void disconnected++,
    });
    await run(portOf(server), WARM_UP);
    await waitFor(() => server.ClientCount === 0, 'all clients gone');
    const descriptors = openDescriptors();
    const before = await memoryInUse();

    await run(portOf(server), CYCLES);
    await waitFor(() => server.ClientCount === 0, 'all clients gone');
    await waitFor(() => openDescriptors() <= descriptors, `${descriptors} descriptors`);
    const after = await memoryInUse();

    assert.equal(connected, WARM_UP + CYCLES);
    assert.equal(disconnected, connected);
    assert.ok(
      after.heap - before.heap < HEAP_SLACK,
      `heap grew by ${after.heap - before.heap} MiB`,
    );
    assert.ok(after.rss - before.rss < RSS_SLACK, `RSS grew by ${after.rss - before.rss} MiB`);
  });
});
