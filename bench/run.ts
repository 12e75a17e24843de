// The benchmarks: our server against a node:net server.
//
//   npm run bench -- [scenario…] [--rounds N] [--markdown] [--check] [--same] [--list]
//
// Servers and load generator are processes of their own; all servers live in the same run. A round
// loads ours and an opponent, one right after the other and by turns the one or the other first, and
// only such neighbours are compared: a machine is not equally fast for minutes. Rounds are short and
// many for the same reason. All servers are started three times, and the first rounds of each start
// are thrown away. Every byte that comes back is verified; a wrong one, or a connection that hangs,
// ends the run with exit code 1.
//
//   --check   exit code 2 if a floor is missed
//   --same    node:net in both places: the ratios show the noise of this machine

import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { buildLoadGenerator, buildServers } from './build';
import { choosePinning } from './cpu';
import { measureMemory, measureRound, type Bench, type Sample } from './measure';
import { SCENARIOS, type Scenario, type ServerScript } from './scenarios';
import { ServerProcess, SERVER_FLAGS, type ServerKind } from './serverProcess';
import { formatTable, makeRow, type Pair, type Row } from './table';

// Share of other processes from which the figures say more about the machine than about the servers.
const BUSY = 0.05;
/** Rounds before the first that counts, where a scenario does not say. */
const WARM_UP = 5;
/** The ratios of one start can be some percent off those of the next. */
const STARTS = 3;

interface Arguments {
  scenarios: readonly Scenario[];
  rounds: number;
  markdown: boolean;
  check: boolean;
  same: boolean;
  list: boolean;
}

function parseCommandLine(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '41' },
      markdown: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      same: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const { rounds: text, ...flags } = values;
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    throw new Error(`--rounds must be a number from 1 to 100, not ${text}`);
  }
  const unknown = positionals.find((name) => !SCENARIOS.some((item) => item.name === name));
  if (unknown !== undefined) throw new Error(`unknown scenario ${unknown}; --list names them`);
  const chosen = SCENARIOS.filter((item) => positionals.includes(item.name));
  return { ...flags, rounds, scenarios: chosen.length > 0 ? chosen : SCENARIOS };
}

/** Ours first, then the opponents in the order of the scenario. */
function serverKinds(scenario: Scenario, folder: string, same: boolean): ServerKind[] {
  const kind = (script: ServerScript, mode: string): ServerKind => ({
    script: join(folder, `${script}.js`),
    mode,
  });
  const [first] = scenario.opponents;
  const ours = same
    ? kind(first.script ?? 'netServer', first.mode)
    : kind(scenario.script ?? 'icsServer', scenario.mode);
  const others = scenario.opponents.map(({ script = 'netServer', mode }) => kind(script, mode));
  return [ours, ...others];
}

type Measurement = (index: number) => Promise<Sample>;

/** Per opponent a pair for each round; `measure` makes a sample of the server with that number. */
async function measurePairs(
  opponents: number,
  rounds: number,
  warmUp: number,
  measure: Measurement,
): Promise<Pair[][]> {
  const pairs: Pair[][] = Array.from({ length: opponents }, () => []);
  for (let round = 1 - warmUp; round <= rounds; round++) {
    for (let opponent = 1; opponent <= opponents; opponent++) {
      const samples: Sample[] = [];
      for (const index of round % 2 === 0 ? [0, opponent] : [opponent, 0])
        samples[index === 0 ? 0 : 1] = await measure(index);
      const [ours, theirs] = samples as [Sample, Sample];
      if (round > 0) pairs[opponent - 1]!.push({ ours, theirs });
    }
  }
  return pairs;
}

/** The rounds are shared out among processes that are started one after the other. */
async function measureLoad(
  bench: Bench,
  scenario: Scenario,
  kinds: readonly ServerKind[],
  rounds: number,
): Promise<Pair[][]> {
  const pairs: Pair[][] = kinds.slice(1).map(() => []);
  for (let start = 0; start < STARTS; start++) {
    const share = Math.floor((rounds + start) / STARTS);
    if (share === 0) continue;
    const measured = await measureStart(bench, scenario, kinds, share);
    for (const [index, more] of measured.entries()) pairs[index]!.push(...more);
  }
  return pairs;
}

/** All servers are alive all the time. */
async function measureStart(
  bench: Bench,
  scenario: Scenario,
  kinds: readonly ServerKind[],
  rounds: number,
): Promise<Pair[][]> {
  const servers: ServerProcess[] = [];
  try {
    for (const kind of kinds) servers.push(await ServerProcess.start(kind, bench.pinning.server));
    const measure: Measurement = (index) => measureRound(bench, servers[index]!, scenario);
    return await measurePairs(kinds.length - 1, rounds, scenario.warmUp ?? WARM_UP, measure);
  } finally {
    for (const server of servers) await server.stop();
  }
}

function measureIdle(
  bench: Bench,
  scenario: Scenario,
  kinds: readonly ServerKind[],
  rounds: number,
): Promise<Pair[][]> {
  const measure: Measurement = (index) => measureMemory(bench, kinds[index]!, scenario);
  return measurePairs(kinds.length - 1, rounds, 0, measure);
}

async function runScenario(
  bench: Bench,
  scenario: Scenario,
  kinds: readonly ServerKind[],
  wanted: number,
): Promise<Row[]> {
  const rounds = Math.min(wanted, scenario.maxRounds ?? wanted);
  const measure = scenario.measure === 'memory' ? measureIdle : measureLoad;
  const free = { ...bench, pinning: { server: null, load: null, description: '' } };
  const place = scenario.measure === 'wall' ? free : bench;
  const pairs = await measure(place, scenario, kinds, rounds);
  return scenario.opponents.map((opponent, index) => makeRow(scenario, opponent, pairs[index]!));
}

function describeRun(bench: Bench, { rounds, same }: Arguments): string {
  const processors = cpus();
  const lines = [
    `Node ${process.version} ${SERVER_FLAGS.join(' ')}, Linux ${release()}, ` +
      `${processors.length} × ${processors[0]?.model ?? 'unknown CPU'}`,
    `${bench.pinning.description}; ${rounds} rounds at most after those that warm up, ${STARTS} starts`,
    'ratio = opponent / ours in the same round, median; bytes verified',
  ];
  const { disturbance, pinning } = bench;
  if (pinning.server !== null && disturbance.total > 0)
    lines.push(describeDisturbance(disturbance));
  if (same) lines.push('--same: "ours" is node:net too');
  return lines.join('\n');
}

function describeDisturbance({ total, byOthers }: Bench['disturbance']): string {
  const share = Math.max(0, byOthers / total);
  const advice = share > BUSY ? ': the machine is busy, repeat the run when it is idle' : '';
  return `others had ${(share * 100).toFixed(1)} % of the servers' CPU during the rounds${advice}`;
}

async function main(): Promise<void> {
  const args = parseCommandLine();
  if (args.list) {
    for (const { name, title } of SCENARIOS) console.log(`${name.padEnd(12)}${title}`);
    return;
  }
  if (process.platform !== 'linux') throw new Error('the benchmarks need Linux (epoll, /proc)');

  const folder = buildServers();
  const bench: Bench = {
    loadGenerator: buildLoadGenerator(),
    tlsLoad: join(folder, 'tlsLoad.js'),
    pinning: choosePinning(),
    disturbance: { total: 0, byOthers: 0 },
  };
  const rows: Row[] = [];
  for (const scenario of args.scenarios) {
    process.stderr.write(`${scenario.title} …\n`);
    const kinds = serverKinds(scenario, folder, args.same);
    rows.push(...(await runScenario(bench, scenario, kinds, args.rounds)));
  }
  console.log(describeRun(bench, args) + '\n');
  console.log(formatTable(rows, args.markdown));
  if (args.check && rows.some((row) => row.met === false)) process.exitCode = 2;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
