// npm run test:fault: the server in a process of its own whose system calls fail, the clients in this
// one. First fixed failures through strace, then rounds with a shim that fails calls at random, as a
// seed decides.
//
//   npm run test:fault -- --seed 12       that round, and no other
//   npm run test:fault -- --seed 12 --rounds 5
//   npm run test:fault -- --seconds 600   rounds for ten minutes
//   npm run test:fault -- --no-strace
//
// A seed fixes which calls fail (the n-th of its kind) and what the clients want; when packets and
// threads run is the kernel's business, so a rare failure may need its seed more than once.

import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Server } from 'node:net';
import { parseArgs } from 'node:util';
import { compileShim, scratchFolder } from './faultProcess';
import { addTally, type Tally } from './plan';
import { Round, startBackServer, type RoundResult } from './round';
import { START_ERRORS, runStart } from './startScenarios';
import { SCENARIOS, straceCommand, straceProblem, type Scenario } from './straceScenarios';

const DEFAULT_SECONDS = 90;

interface Options {
  seed: number;
  seconds: number;
  rounds: number;
  strace: boolean;
  /** One seed and nothing else. */
  replay: boolean;
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      'no-strace': { type: 'boolean' },
    },
  });
  const replay = values.seed !== undefined;
  const limited = values.rounds !== undefined || values.seconds !== undefined;
  const seed = replay ? Number(values.seed) : Date.now() % 1_000_000_000;
  const rounds = Number(values.rounds ?? (replay && !limited ? 1 : Infinity));
  const seconds = Number(values.seconds ?? (rounds < Infinity ? Infinity : DEFAULT_SECONDS));
  if ([seed, rounds, seconds].some((value) => Number.isNaN(value) || value < 0))
    throw new Error('--seed, --seconds and --rounds take numbers');
  return { seed, seconds, rounds, strace: !replay && values['no-strace'] !== true, replay };
}

class Run {
  passed = 0;
  failed = 0;
  conversations = 0;
  messages = 0;
  bytes = 0;
  readonly tally: Tally = new Map();

  add(name: string, result: RoundResult, replay: string): void {
    this.conversations += result.conversations;
    this.messages += result.messages;
    this.bytes += result.bytes;
    addTally(this.tally, result.tally);
    if (result.problems.length === 0) {
      this.passed++;
      return;
    }
    this.failed++;
    console.log(`\nFAILED: ${name}\n  once more: ${replay}`);
    for (const { name: call, rate, faults } of result.plan.calls)
      console.log(`  ${call}: ${rate / 100} % of ${faults.join(', ')}`);
    for (const problem of result.problems.slice(0, 12)) console.log(`  - ${problem}`);
    const more = result.problems.length - 12;
    if (more > 0) console.log(`  and ${more} more`);
  }

  print(seed: number): void {
    const calls = [...this.tally].filter(([name]) => !name.includes(' '));
    let injected = 0;
    console.log('\nfaults injected:');
    for (const [call, made] of calls) {
      const faults = [...this.tally].filter(([name]) => name.startsWith(`${call} `));
      const sum = faults.reduce((total, [, count]) => total + count, 0);
      injected += sum;
      const parts = faults.map(([name, count]) => `${name.slice(call.length + 1)} ${count}`);
      console.log(`  ${call}: ${sum} of ${made} calls: ${parts.sort().join(', ')}`);
    }
    const megabytes = (this.bytes / 1e6).toFixed(1);
    console.log(
      `${injected} faults, ${this.conversations} connections, ${this.messages} lines, ` +
        `${megabytes} MB compared, first seed ${seed}`,
    );
  }
}

async function runStrace(run: Run, back: Server, folder: string): Promise<void> {
  const problem = straceProblem();
  if (problem !== '') {
    console.log(`skipped the fixed scenarios: ${problem}`);
    return;
  }
  const waiting = [...SCENARIOS];
  const work = async (place: string): Promise<void> => {
    mkdirSync(place);
    for (let next = waiting.shift(); next; next = waiting.shift())
      await runScenario(run, back, place, next);
  };
  await Promise.all([work(path.join(folder, 'a')), work(path.join(folder, 'b'))]);
  console.log(`${SCENARIOS.length} fixed scenarios with strace`);
}

async function runScenario(
  run: Run,
  back: Server,
  folder: string,
  scenario: Scenario,
): Promise<void> {
  const { call, error, when, hard, kinds } = scenario;
  const round = Round.withStrace(1, straceCommand(scenario, folder), hard);
  const result = await round.run(back, kinds);
  const trace = readFileSync(path.join(folder, 'trace.txt'), 'latin1').split('\n');
  const injected = trace.filter((line) => line.includes('(INJECTED)')).length;
  // A scenario in which nothing failed shows nothing.
  if (injected === 0) result.problems.push(`strace made no call fail (of ${trace.length - 1})`);
  addTally(
    run.tally,
    new Map([
      [call, trace.length - 1],
      [`${call} ${error}`, injected],
    ]),
  );
  run.add(`${call} answers ${error}, when=${when}`, result, 'npm run test:fault');
}

async function runRounds(run: Run, back: Server, folder: string, wanted: Options): Promise<void> {
  const shim = compileShim(folder);
  for (const error of wanted.replay ? [] : START_ERRORS) {
    const result = await runStart(error, shim, folder);
    run.add(`epoll_create1 answers ${error} at the start`, result, 'npm run test:fault');
  }
  const stop = Date.now() + wanted.seconds * 1000;
  for (let i = 0; i < wanted.rounds && Date.now() < stop; i++) {
    const seed = wanted.seed + i;
    const result = await Round.withShim(seed, shim, folder).run(back);
    run.add(`round ${seed}`, result, `npm run test:fault -- --seed ${seed}`);
  }
}

async function main(): Promise<void> {
  if (process.platform !== 'linux') {
    console.log('skipped: the shim and strace are for Linux\n0 passed, 0 failed');
    return;
  }
  const wanted = options();
  const folder = scratchFolder();
  const back = await startBackServer();
  const run = new Run();
  console.log(`seed ${wanted.seed}`);
  if (wanted.strace) await runStrace(run, back, folder);
  await runRounds(run, back, folder, wanted);
  back.close();
  run.print(wanted.seed);
  console.log(`${run.passed} passed, ${run.failed} failed`);
  process.exit(run.failed > 0 || run.passed === 0 ? 1 : 0);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
