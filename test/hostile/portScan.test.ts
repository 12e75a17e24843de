// Somebody scans the port: connections that end before they have begun. Every client that was
// announced is taken leave of, and nothing is printed about it.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { connect as netConnect } from 'node:net';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { wsListening } from '../../lib';
import type { TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, onCleanup, portOf, startServer, waitFor } from '../support';
import { skipTest } from '../support/skipTest';

const SCANS = 100;

/** How a scanner ends its connection, as soon as it is there. */
const ENDINGS: Record<string, (socket: Socket) => void> = {
  'closes at once': (socket) => socket.destroy(),
  'sends a FIN': (socket) => socket.end(),
  resets: (socket) => socket.resetAndDestroy(),
  'sends a byte and closes': (socket) => {
    socket.write('\0');
    socket.destroy();
  },
};

interface Scanned {
  server: TWSocketServer;
  created: number;
  open: Set<number>;
  problems: string[];
}

function startScanned(Banner = ''): Scanned {
  const scanned: Scanned = {
    server: startServer({ Banner }),
    created: 0,
    open: new Set(),
    problems: [],
  };
  const { server, open, problems } = scanned;
  server.OnClientConnect = (_Sender, Client, Error) => {
    scanned.created++;
    if (Error !== 0 || open.has(Client.CliId)) problems.push(`OnClientConnect ${Error}`);
    open.add(Client.CliId);
    echo(Client);
  };
  server.OnClientDisconnect = (_Sender, Client) => {
    if (!open.delete(Client.CliId)) problems.push(`OnClientDisconnect of ${Client.CliId}`);
  };
  server.OnBgException = (_Sender, E) => void problems.push(E.message);
  return scanned;
}

/** What this process prints or warns about while `scan` runs. */
async function printed(scan: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const note = (text: unknown): number => lines.push(String(text));
  const { error, warn, log } = console;
  Object.assign(console, { error: note, warn: note, log: note });
  process.on('warning', note);
  try {
    await scan();
  } finally {
    Object.assign(console, { error, warn, log });
    process.off('warning', note);
  }
  return lines;
}

function visit(port: number, leave: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = netConnect({ port, host: '127.0.0.1' });
    onCleanup(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('connect', () => leave(socket));
    socket.once('close', () => resolve());
    socket.resume();
  });
}

async function expectQuiet({ server, open, problems }: Scanned): Promise<void> {
  await waitFor(() => open.size === 0 && server.ClientCount === 0, 'the scanners to go');
  assert.deepEqual(problems, []);
  assert.equal(server.State, wsListening);
  await expectEcho(await connect(server));
}

describe('A port scan', function () {
  this.timeout(30_000);

  for (const [how, leave] of Object.entries(ENDINGS)) {
    it(`[H-18] that connects and ${how}: every OnClientConnect has its OnClientDisconnect`, async () => {
      const scanned = startScanned();
      const lines = await printed(async () => {
        const port = portOf(scanned.server);
        await Promise.all(Array.from({ length: SCANS }, () => visit(port, leave)));
        await waitFor(() => scanned.created === SCANS, 'all scanners to be seen');
        await waitFor(() => scanned.open.size === 0, 'all scanners to be gone');
      });
      assert.deepEqual(lines, []);
      await expectQuiet(scanned);
    });
  }

  it('[H-18] that resets while the banner is sent', async () => {
    const scanned = startScanned('welcome');
    const port = portOf(scanned.server);
    const lines = await printed(async () => {
      for (let i = 0; i < SCANS; i++) await visit(port, ENDINGS['resets']!);
      await waitFor(() => scanned.open.size === 0, 'all scanners to be gone');
    });
    assert.deepEqual(lines, []);
    assert.deepEqual(scanned.problems, []);
    const peer = await connect(scanned.server);
    assert.equal(await peer.line(), 'welcome');
  });

  it('[H-18] that leaves half of the connection open: the session ends with the FIN', async () => {
    const scanned = startScanned();
    const halfOpen = await Promise.all(Array.from({ length: 20 }, () => connect(scanned.server)));
    await waitFor(() => scanned.created === 20, 'the clients');
    for (const peer of halfOpen) peer.end();
    for (const peer of halfOpen) assert.equal(await peer.closed(), 'end');
    await expectQuiet(scanned);
  });

  for (const scan of ['-sT', '-sS', '-sV']) {
    it(`[H-18] by nmap ${scan}`, async function () {
      const trial = spawnSync('nmap', ['--version']);
      if (trial.error) skipTest(this, 'nmap is not installed');
      const scanned = startScanned('welcome');
      const port = String(portOf(scanned.server));
      const args = [scan, '-Pn', '-p', port, '127.0.0.1', '--host-timeout', '5s'];
      await promisify(execFile)('nmap', args, { timeout: 25_000 });
      await waitFor(() => scanned.open.size === 0, 'the scanner to go');
      assert.deepEqual(scanned.problems, []);
      assert.equal(scanned.server.State, wsListening);
    });
  }
});
