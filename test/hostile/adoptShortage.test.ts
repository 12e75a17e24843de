// The kernel refuses to watch an accepted connection (epoll_ctl: ENOSPC, ENOMEM). The server runs
// under strace. Node watches descriptors as well: a first run finds out which call is the client's.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { wsListening } from '../../lib';
import { connect, expectEcho } from '../support';
import { skipWithoutStrace, tracedServer } from '../support/tracedServer';
import type { TracedServer } from '../support/tracedServer';

/** ENOSPC (too many watches) has no Windows number. */
const FAILURES = { ENOSPC: 10055, ENOMEM: 10055 };
const NEVER = 60_000;
const ATTEMPTS = 5;

const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** The epoll_ctl calls of the server's main thread: strace counts for each thread. */
function callsOf(pid: number, server: TracedServer): string[] {
  return server.calls().filter((call) => call.startsWith(`${pid} `) && call.includes('epoll_ctl'));
}

/** The number of the call that adds the first client. */
async function callOfFirstClient(): Promise<number> {
  const { server, port } = await tracedServer('epoll_ctl', `error=ENOSPC:when=${NEVER}`);
  const { pid } = await server.ask('report');
  const before = callsOf(pid, server).length;
  await expectEcho(await connect(port));
  const added = callsOf(pid, server).slice(before);
  return before + 1 + added.findIndex((call) => call.includes('EPOLL_CTL_ADD'));
}

interface Hit {
  server: TracedServer;
  port: number;
  pid: number;
  open: number;
}

/** A server whose watching of the first client will fail. */
async function serverToHit(name: string): Promise<Hit> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const number = await callOfFirstClient();
    const { server, port } = await tracedServer('epoll_ctl', `error=${name}:when=${number}`);
    const { pid } = await server.ask('report');
    if (callsOf(pid, server).length === number - 1) {
      return { server, port, pid, open: descriptors(pid) };
    }
  }
  throw new Error(`${ATTEMPTS} runs of the server did not make the same calls`);
}

describe('A server that cannot watch an accepted connection', function () {
  this.timeout(40_000);
  before(skipWithoutStrace);

  for (const [name, code] of Object.entries(FAILURES)) {
    it(`[H-02] ${name}: its client gets its end, no descriptor is left open, the next is served`, async () => {
      const { server, port, pid, open } = await serverToHit(name);

      assert.equal(await (await connect(port)).closed(), 'end');
      const report = await server.ask('report');

      const failed = callsOf(pid, server).filter((call) => call.includes('INJECTED'));
      assert.equal(failed.length, 1, 'strace made one call fail');
      assert.deepEqual(report.events, [
        'OnSessionAvailable 0',
        'OnClientCreate',
        `OnClientConnect ${code}`,
      ]);
      assert.equal(report.clientCount, 0);
      assert.equal(report.state, wsListening);
      assert.equal(descriptors(pid), open);
      await expectEcho(await connect(port));
    });
  }
});
