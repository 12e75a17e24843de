// npm run test:simulation: random application and peer behaviour against the reference model.
//
//   --seed N     the run to repeat (printed by every run)
//   --part N     only this part of it, which the report of a mismatch names
//   --steps N    how many steps; default 1,000,000, with --part as many as it has
//   --trace      print every action and event
//   --mutate R   falsify rule R of the model: the run must fail then
import { parseArgs } from 'node:util';
import { MUTATIONS } from './rules';
import { PART, report, simulate } from './simulate';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    part: { type: 'string', default: '' },
    steps: { type: 'string', default: '' },
    trace: { type: 'boolean', default: false },
    mutate: { type: 'string', default: '' },
  },
});
const PROGRESS = 100_000;
const STEPS = 1_000_000;

function main(): number {
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const alone = values.part === '' ? '' : `, part ${values.part}`;
  const steps = Number(values.steps || (alone ? PART : STEPS));
  const mutated = values.mutate ? `, rule ${values.mutate} mutated` : '';
  console.log(`seed ${seed}${alone}, ${steps} steps${mutated}`);
  if (values.mutate && !(values.mutate in MUTATIONS))
    console.log(`mutations: ${Object.keys(MUTATIONS).join(', ')}`);
  const began = performance.now();
  let next = PROGRESS;
  const finding = simulate({
    seed,
    firstPart: Number(values.part),
    steps,
    mutation: values.mutate,
    progress: (done) => {
      if (done < next) return;
      next += PROGRESS;
      console.log(`${done} steps, ${((performance.now() - began) / 1000).toFixed(0)} s`);
    },
    ...(values.trace ? { trace: (line: string) => console.log(line) } : {}),
  });
  if (finding) console.log(report(finding, seed));
  console.log(finding ? '0 passed, 1 failed' : '1 passed, 0 failed');
  return finding ? 1 : 0;
}

process.exitCode = main();
