// What Node's own API cannot do to a socket (urgent data, reading options) is done by a few lines
// of Python, where it is installed.

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Context } from 'mocha';
import { skipTest } from './skipTest';

const PYTHON = 'python3';
const run = promisify(execFile);

/** For `before` hooks: skips the suite with a printed reason where Python is missing. */
export function skipWithoutPython(this: Context): void {
  const trial = spawnSync(PYTHON, ['-c', 'import socket']);
  if (trial.status === 0) return;
  skipTest(this, 'python3 is not installed');
}

/** Runs a program; its output is the result. It is killed when it does not end. */
export async function python(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(PYTHON, ['-c', program, ...args], { timeout: 15_000 });
  return stdout;
}

/** Runs a program that finds `descriptor` as its descriptor 3. */
export function pythonWithDescriptor(program: string, descriptor: number): string {
  const result = spawnSync(PYTHON, ['-c', program], {
    stdio: ['ignore', 'pipe', 'inherit', descriptor],
    encoding: 'utf8',
    timeout: 15_000,
  });
  if (result.status !== 0) throw new Error(`python3 ended with ${result.status ?? result.signal}`);
  return result.stdout;
}
