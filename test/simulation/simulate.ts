// A run: parts of some hundred steps, each on a fresh server and from its own seed, so that a
// mismatch is played again and cut down within its part.
import { type Action, generate, textOf } from './actions';
import { play } from './driver';
import { partSeed } from './random';
import { ICS, MUTATIONS, type Mismatch, type Rules } from './rules';
import { shrink } from './shrink';

/** Steps of one part. */
export const PART = 250;
const PATIENCE_MS = 3000;
const SHRINK_PATIENCE_MS = 150;

export interface RunOptions {
  seed: number;
  steps: number;
  /** Default 0: the run from its beginning. */
  firstPart?: number;
  /** Name of the rule to falsify; '' for none. */
  mutation?: string;
  /** How long something missing is waited for; default 3000, while cutting down at most 150. */
  patienceMs?: number;
  /** Called for each part that has passed. */
  progress?: (steps: number) => void;
  /** Gets the lines of everything that happens. */
  trace?: (line: string) => void;
}

export interface Finding {
  readonly steps: number;
  readonly part: number;
  readonly actions: readonly Action[];
  readonly mismatch: Mismatch;
  readonly trace: readonly string[];
}

export function rulesOf(mutation: string): Rules {
  if (mutation === '') return ICS;
  const change = MUTATIONS[mutation];
  if (!change)
    throw new Error(`no mutation ${mutation}; there are ${Object.keys(MUTATIONS).join(', ')}`);
  return { ...ICS, ...change };
}

/** Plays the run; the first mismatch, cut down, or null. */
export function simulate(options: RunOptions): Finding | null {
  const rules = rulesOf(options.mutation ?? '');
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  let steps = 0;
  for (let part = options.firstPart ?? 0; steps < options.steps; part++) {
    const actions = generate(partSeed(options.seed, part), Math.min(PART, options.steps - steps));
    const outcome = play(actions, { rules, patienceMs, trace: options.trace !== undefined });
    steps += outcome.steps;
    for (const line of outcome.trace) options.trace?.(line);
    const mismatch = outcome.failure;
    if (mismatch) return cutDown(actions, rules, patienceMs, { steps, part, mismatch });
    options.progress?.(steps);
  }
  return null;
}

function cutDown(
  actions: readonly Action[],
  rules: Rules,
  patience: number,
  found: Pick<Finding, 'steps' | 'part' | 'mismatch'>,
): Finding {
  const quick = { rules, patienceMs: Math.min(patience, SHRINK_PATIENCE_MS) };
  const short = shrink(actions, (list) => play(list, quick).failure !== null);
  const again = play(short, { ...quick, trace: true });
  const mismatch = again.failure ?? found.mismatch;
  return { ...found, mismatch, actions: short, trace: again.trace };
}

/** What is printed about a mismatch. */
export function report(finding: Finding, seed: number): string {
  return [
    `seed ${seed}, part ${finding.part}, seen after ${finding.steps} steps`,
    `again: npm run test:simulation -- --seed ${seed} --part ${finding.part}`,
    finding.mismatch.message,
    `shortest list of actions (${finding.actions.length}; … = the next one follows at once):`,
    ...finding.actions.map((action) => `  ${textOf(action)}`),
    'what happens:',
    ...finding.trace.map((line) => `  ${line}`),
  ].join('\n');
}
