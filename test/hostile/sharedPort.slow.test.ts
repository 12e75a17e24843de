// Several processes on one port (ReusePort): the system deals the connections out, none is lost, and
// a process that dies takes only its own with it.

import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import { join } from 'node:path';
import { childServer, expectEcho, connect } from '../support';
import type { ChildServer } from '../support';

const CONNECTS = 400;
const AT_ONCE = 40;

interface Counts {
  port: number;
  connected: number;
  disconnected: number;
  failures: number;
}

async function start(processes: number): Promise<{ children: ChildServer[]; port: number }> {
  const program = join(__dirname, 'sharedPort.child.ts');
  const children = Array.from({ length: processes }, () => childServer(program));
  const { port } = await children[0]!.ask<Counts>('listen 0');
  for (const child of children.slice(1)) await child.ask<Counts>(`listen ${port}`);
  return { children, port };
}

/** Connects, says something, gets it back: the process that has served it, or the error. */
function request(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = netConnect({ port, host: '127.0.0.1' });
    let text = '';
    let result = '';
    socket.on('connect', () => socket.write('question'));
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const served = /^pid (\d+)\r\nquestion$/.exec(text);
      if (!served) return;
      result = served[1]!;
      socket.end();
    });
    socket.on('error', (error) => (result ||= error.message));
    socket.on('close', () => resolve(result || `closed behind ${JSON.stringify(text)}`));
  });
}

async function requests(port: number): Promise<string[]> {
  const results: string[] = [];
  const lane = async (): Promise<void> => {
    while (results.length < CONNECTS) results.push(await request(port));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

describe('A port that several processes share', function () {
  this.timeout(120_000);

  for (const processes of [2, 4, 8]) {
    it(`[H-135] ${processes} processes: every connection is served, each process has a share`, async () => {
      const { children, port } = await start(processes);
      const results = await requests(port);
      assert.deepEqual(
        results.filter((result) => !/^\d+$/.test(result)),
        [],
        'connections that were lost',
      );
      // Each hundredth would be a share: the hash of the system is even, not exact.
      assert.equal(new Set(results).size, processes);
      const counts = await Promise.all(children.map((child) => child.ask<Counts>('count')));
      const sum = counts.reduce((total, { connected }) => total + connected, 0);
      assert.equal(sum, results.length);
      assert.ok(counts.every(({ failures }) => failures === 0));
    });
  }

  it('[H-135] one that is over leaves its connections to the others', async () => {
    const { children, port } = await start(3);
    const peer = await connect(port);
    await peer.line();
    const first = children[0]!;
    await first.ask('close');
    const results = await requests(port);
    assert.equal(new Set(results).size, 2, results.slice(0, 5).join());
    await expectEcho(peer); // whoever serves it
  });
});
