// Scripts in a network namespace of their own. There is nothing in it but a loopback interface, so that
// broadcasts, multicasts and addresses without a route can be tried and nothing leaves the machine.

import { spawnSync } from 'node:child_process';
import type { Context } from 'mocha';
import { runScript, type Script, type ScriptOptions } from './runScript';
import { skipTest } from './skipTest';

const INSIDE = ['unshare', '-rn', 'sh', '-ec'];

/** For `before` hooks: skips the suite, with the reason, where namespaces cannot be made. */
export function skipWithoutNamespace(this: Context): void {
  const [program, ...args] = INSIDE;
  const trial = spawnSync(program!, [...args, 'ip link set lo up'], { encoding: 'utf8' });
  if (trial.status === 0) return;
  const problem = trial.error ? 'no command unshare' : trial.stderr.trim();
  skipTest(this, `no network namespace here (${problem})`);
}

/** Like runScript; setUp are shell commands that run in the new namespace, where lo is up, before it. */
export function runInNamespace(
  name: string,
  setUp: readonly string[],
  options: ScriptOptions = {},
): Script {
  const commands = ['ip link set lo up', ...setUp, 'exec "$@"'].join('\n');
  return runScript(name, { ...options, under: [...INSIDE, commands, 'sh'] });
}
