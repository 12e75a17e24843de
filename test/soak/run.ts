// npm run test:soak: ten minutes of well-behaved and misbehaving clients against servers in this
// process. Before and after, at rest, descriptors, memory and handles are compared; connects must
// equal disconnects; the latency of the well-behaved must stay bounded all the time.
//
//   --minutes N   how long; default 10
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { memoryInUse, openDescriptors } from '../support/memory';
import { waitFor } from '../support/waitFor';
import type { Order, Stopped } from './messages';
import { KINDS, Servers } from './servers';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });

const WARM_UP_MS = 15_000;
const QUIET_MS = 60_000;
const RSS_SLACK_MIB = 48;
const HEAP_SLACK_MIB = 8;
const P99_MS = 250;
const MAX_MS = 2000;
const BAD_AT_ONCE = 800;

interface Rest {
  descriptors: number;
  handles: number;
  rss: number;
  heap: number;
}

let passed = 0;
let failed = 0;

function check(holds: boolean, what: string): void {
  if (holds) passed++;
  else failed++;
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}`);
}

/** A load process that has said it is there. */
async function startLoad(): Promise<ChildProcess> {
  const rootDir = join(__dirname, '..', '..');
  const child = fork(join(__dirname, 'load.ts'), {
    execArgv: ['-r', 'ts-node/register/transpile-only'],
    env: { ...process.env, TS_NODE_COMPILER_OPTIONS: JSON.stringify({ rootDir }) },
  });
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

function stop(child: ChildProcess): Promise<Stopped> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Stopped));
    child.once('exit', () => reject(new Error('a load process has ended')));
    child.send({ stop: true } satisfies Order);
  });
}

async function atRest(servers: Servers): Promise<Rest> {
  await waitFor(() => servers.clients === 0, 'all clients gone', QUIET_MS);
  const { rss, heap } = await memoryInUse();
  const handles = process.getActiveResourcesInfo().length;
  return { descriptors: openDescriptors(), handles, rss, heap };
}

/** One period of load, good and bad together. */
async function period(servers: Servers, forMs: number): Promise<{ good: Stopped; bad: Stopped }> {
  const [goodLoad, badLoad] = [await startLoad(), await startLoad()];
  goodLoad.send({ start: 'good', ports: servers.ports } satisfies Order);
  badLoad.send({ start: 'bad', ports: servers.ports } satisfies Order);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const [good, bad] = await Promise.all([stop(goodLoad), stop(badLoad)]);
  for (const child of [goodLoad, badLoad]) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
  return { good, bad };
}

function row(...cells: (string | number)[]): void {
  const text = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell));
  console.log(text.map((cell, at) => (at === 0 ? cell.padEnd(22) : cell.padStart(12))).join(''));
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Infinity;
}

function reportRest(before: Rest, after: Rest): void {
  row('at rest', 'before', 'after');
  row('descriptors', String(before.descriptors), String(after.descriptors));
  row('active handles', String(before.handles), String(after.handles));
  row('RSS, MiB', before.rss, after.rss);
  row('heap, MiB', before.heap, after.heap);
  check(after.descriptors <= before.descriptors, 'descriptors return to the start');
  check(after.handles <= before.handles, 'active handles return to the start');
  check(after.rss - before.rss < RSS_SLACK_MIB, `RSS grows by less than ${RSS_SLACK_MIB} MiB`);
  check(after.heap - before.heap < HEAP_SLACK_MIB, `heap grows by less than ${HEAP_SLACK_MIB} MiB`);
}

function reportEvents(servers: Servers): void {
  row('events', 'connect', 'closed', 'disconnect', 'exceptions');
  for (const kind of KINDS) {
    const { connected, closed, disconnected, exceptions } = servers.counts[kind];
    row(kind, ...[connected, closed, disconnected, exceptions].map(String));
    const equal = connected === disconnected && connected === closed;
    check(
      equal && connected > 0,
      `${kind}: OnClientConnect = OnSessionClosed = OnClientDisconnect`,
    );
  }
}

function reportLatency(good: Stopped): void {
  row('latency, ms', 'asked', 'p50', 'p99', 'max');
  for (const kind of KINDS) {
    const sorted = good.latencies[kind].sort((a, b) => a - b);
    const [p50, p99, max] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1)!];
    row(kind, String(sorted.length), p50, p99, max);
    check(p99 < P99_MS && max < MAX_MS, `${kind}: p99 below ${P99_MS} ms, max below ${MAX_MS} ms`);
  }
}

async function main(): Promise<void> {
  const servers = new Servers();
  console.log('warming up');
  await period(servers, WARM_UP_MS);
  const before = await atRest(servers);
  console.log(`${values.minutes} minutes of load`);
  const { good, bad } = await period(servers, Number(values.minutes) * 60_000);
  const after = await atRest(servers);
  console.log(`${values.minutes} minutes, ${good.cycles} good and ${bad.cycles} bad connections`);
  reportRest(before, after);
  reportEvents(servers);
  reportLatency(good);
  for (const error of good.errors.slice(0, 10)) console.log(`       ${error}`);
  check(good.errors.length === 0, 'every well-behaved client got its answers');
  check(bad.atOnce >= BAD_AT_ONCE, `${bad.atOnce} bad clients at once`);
  servers.free();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

main().catch((E: unknown) => {
  console.log(String(E));
  process.exit(1);
});
