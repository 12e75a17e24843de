// A network that loses every tenth packet, and one of 2 Mbit/s: loopback of a network namespace of
// its own. Everything is as on a good one, only slower.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { ROOT, preload } from '../support/compiled';
import { onCleanup } from '../support';
import { skipTest } from '../support/skipTest';

const LOSS = [
  'nft add table inet bad',
  'nft add chain inet bad in "{ type filter hook input priority 0; }"',
  'nft add rule inet bad in numgen random mod 100 "<" 10 counter drop',
].join(' && ');
// A packet of loopback's usual size would never get through the bucket.
const SLOW =
  'ip link set lo mtu 1500 && tc qdisc add dev lo root tbf rate 2mbit burst 64kbit latency 200ms';
const DROPPED = 'nft list ruleset | sed -n "s/.*counter packets \\([0-9]*\\).*/dropped \\1/p"';

const LINKS: Record<string, { setUp: string; bytes: number }> = {
  'loses 10 % of its packets': { setUp: LOSS, bytes: 256 * 1024 },
  'has 2 Mbit/s': { setUp: SLOW, bytes: 64 * 1024 },
  'has 2 Mbit/s and loses 10 %': { setUp: `${LOSS} && ${SLOW}`, bytes: 32 * 1024 },
};

function inNamespace(script: string): [string, string[]] {
  const user = process.getuid?.() === 0 ? [] : ['-r'];
  return ['unshare', [...user, '-n', '/bin/sh', '-c', `ip link set lo up && ${script}`]];
}

/** Skips the suite with a printed reason. */
function skipWithoutNamespace(this: Context): void {
  const result = spawnSync(...inNamespace(`${LOSS} && ${SLOW}`), { encoding: 'utf8' });
  if (result.status === 0) return;
  const why = (result.error?.message ?? result.stderr).trim();
  skipTest(this, `needs unshare, ip, nft and tc, and the right to use them (${why})`);
}

describe('A link that is bad', function () {
  this.timeout(120_000);
  before(skipWithoutNamespace);

  for (const [what, { setUp, bytes }] of Object.entries(LINKS)) {
    it(`[H-137] and ${what}: every byte arrives, every event comes once`, async () => {
      const program = `"${process.execPath}" -r "${preload()}" "${join(__dirname, 'badLink.child.ts')}"`;
      const [command, args] = inNamespace(`${setUp} && ${program} ${bytes} && ${DROPPED}`);
      const child = spawn(command, args, {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true, // a group of its own, so that all of it can be ended
      });
      onCleanup(() => {
        if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
      });
      let text = '';
      child.stdout.on('data', (part: Buffer) => (text += part.toString()));
      await once(child, 'close');
      const [report, dropped] = text.split('\n');
      const { results, events } = JSON.parse(report!) as { results: string[]; events: string[] };
      assert.deepEqual(results, Array(4).fill('equal'));
      assert.deepEqual(events, [...Array(4).fill('connect 0'), ...Array(4).fill('disconnect 0')]);
      if (setUp.includes('drop')) assert.match(dropped!, /^dropped [1-9]/);
    });
  }
});
