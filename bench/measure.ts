// One round: one load against one server, one sample.

import { busyNanoseconds, cpuNanoseconds, residentBytes, type Pinning } from './cpu';
import { LineChild } from './lineChild';
import type { Scenario } from './scenarios';
import { ServerProcess, type ServerKind } from './serverProcess';
import type { Measured } from './servers/childProtocol';

const ROUND_MS = 60_000;

export type Sample = Measured;

export interface Bench {
  loadGenerator: string;
  /** The script that loads TLS servers. */
  tlsLoad: string;
  pinning: Pinning;
  /** Sums over all rounds, in nanoseconds; known only for pinned servers. */
  disturbance: { total: number; byOthers: number };
}

/** The JSON line of the load generator. */
interface LoadResult {
  messages: number;
  seconds: number;
  verified: boolean;
  milliseconds?: number[];
}

interface LoadReport {
  result: LoadResult;
  /** Server CPU nanoseconds. */
  cpu: number;
}

/**
 * Runs one load; the server is idle before and after it. `atEnd` sees the server while the
 * connections are still open. Throws if a single byte came back wrong.
 */
async function load(
  bench: Bench,
  server: ServerProcess,
  command: string,
  connections: number,
  atEnd: () => Promise<void> = async () => {},
): Promise<LoadReport> {
  const options = [
    ...command.split(' '),
    ...['--connections', String(connections), '--port', String(server.port), '--wait'],
  ];
  const child = command.startsWith('tls-')
    ? new LineChild('tlsLoad', process.execPath, [bench.tlsLoad, ...options], bench.pinning.load)
    : new LineChild('loadgen', bench.loadGenerator, options, bench.pinning.load);
  try {
    const ready = await child.line(ROUND_MS);
    if (ready !== 'ready') throw new Error(`loadgen ${command}: ${ready}`);
    const before = readClocks(bench, server);
    child.write('go');
    const line = await child.line(ROUND_MS);
    const after = readClocks(bench, server);
    const result = JSON.parse(line) as Partial<LoadResult>;
    if (!isComplete(result)) throw new Error(`loadgen ${command}: ${line}`);
    await atEnd();
    const cpu = after.server - before.server;
    bench.disturbance.total += after.wall - before.wall;
    bench.disturbance.byOthers += after.busy - before.busy - cpu;
    return { result, cpu };
  } finally {
    await child.stop();
  }
}

/** Nanoseconds of the server, of its CPU and of the clock on the wall. */
function readClocks({ pinning }: Bench, { pid }: ServerProcess) {
  const server = cpuNanoseconds(pid);
  const busy = pinning.server === null ? server : busyNanoseconds(pinning.server);
  return { server, busy, wall: performance.now() * 1e6 };
}

function isComplete(result: Partial<LoadResult>): result is LoadResult {
  return result.verified === true && (result.messages ?? 0) > 0;
}

/** A round of every measure but `memory`. */
export async function measureRound(
  bench: Bench,
  server: ServerProcess,
  scenario: Scenario,
): Promise<Sample> {
  if (scenario.load === null) return server.measure();
  const { result, cpu } = await load(bench, server, scenario.load, scenario.connections);
  const perSecond = result.messages / result.seconds;
  if (scenario.measure === 'cpu') {
    return { value: cpu / 1000 / result.messages, perSecond };
  }
  if (scenario.measure === 'wall') return { value: 1e6 / perSecond, perSecond };
  // The slowest burst of the round: "served completely" has no average.
  const value = Math.max(...(result.milliseconds ?? [Infinity]));
  return { value, perSecond };
}

/**
 * A round of the measure `memory`: growth of RSS of a fresh server. A few connections that
 * come and go first load the code, so that only what a connection keeps is counted.
 */
export async function measureMemory(
  bench: Bench,
  kind: ServerKind,
  scenario: Scenario,
): Promise<Sample> {
  const { connections, load: command } = scenario;
  if (command === null) throw new Error(`${scenario.name} has no load`);
  const server = await ServerProcess.start(kind, bench.pinning.server);
  try {
    await load(bench, server, 'churn --count 200', 16);
    await server.collectGarbage();
    const empty = residentBytes(server.pid);
    let full = 0;
    const { result } = await load(bench, server, command, connections, async () => {
      await server.collectGarbage();
      full = residentBytes(server.pid);
    });
    const value = (full - empty) / connections;
    return { value, perSecond: result.messages / result.seconds };
  } finally {
    await server.stop();
  }
}
