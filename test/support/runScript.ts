// Runs a script of test/fixtures in a process or a worker of its own: for facts that end a process
// (exit codes, signals, process warnings) or that need the top level of a main script.

import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { onCleanup } from './cleanup';
import { ROOT, preload } from './compiled';
import { SLOWNESS } from './waitFor';

const DEADLINE_MS = 8000 * SLOWNESS;

const fixture = (name: string): string => path.join(ROOT, 'test/fixtures', `${name}.ts`);

export interface ScriptOptions {
  args?: string[];
  nodeArgs?: string[];
  /** Descriptors the script finds as 3, 4, … */
  descriptors?: number[];
  /** Instead of this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** A program with arguments that runs the script, as `faketime` does. It has to exec. */
  under?: readonly string[];
  /** Another Node than the one that runs the tests. */
  node?: string;
}

export class Script {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(name: string, options: ScriptOptions = {}) {
    const { args = [], nodeArgs = [], descriptors = [], env = process.env, under = [] } = options;
    const { node: version = process.execPath } = options;
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...descriptors];
    const node = [version, ...nodeArgs, '-r', preload(), fixture(name), ...args];
    const [program, ...rest] = [...under, ...node];
    this.child = spawn(program!, rest, { cwd: ROOT, stdio, env });
    this.child.stdout!.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.child.stderr!.on('data', (text: Buffer) => (this.stderr += text.toString()));
    onCleanup(() => this.child.kill('SIGKILL'));
  }

  /** Resolves with the rest of the line behind `label` as soon as the script has printed it. */
  async printed(label: string, deadlineMs = DEADLINE_MS): Promise<string> {
    const pattern = new RegExp(`^${label} ?(.*)\n`, 'm');
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const found = pattern.exec(this.stdout);
      if (found) return found[1]!;
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`script never printed "${label}": ${this.stdout}${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** How the script ended: exit code or signal name. Kills a script that does not end. */
  ended(): Promise<number | NodeJS.Signals> {
    return endOf(this.child, DEADLINE_MS);
  }
}

/** Exit code or signal name of a process, which is killed when it does not end. */
export async function endOf(
  child: ChildProcess,
  deadlineMs: number,
): Promise<number | NodeJS.Signals> {
  if (child.exitCode === null && child.signalCode === null) {
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    await once(child, 'close');
    clearTimeout(timer);
  }
  return child.exitCode ?? child.signalCode!;
}

/** Starts a script of test/fixtures in a process of its own; it is killed after the test. */
export function runScript(name: string, options?: ScriptOptions): Script {
  return new Script(name, options);
}

/** Starts a script of test/fixtures in a worker thread. */
export function startWorker(name: string, workerData?: unknown): Worker {
  const worker = new Worker(fixture(name), { execArgv: ['-r', preload()], workerData });
  onCleanup(() => void worker.terminate());
  return worker;
}

/** The first message of a worker. */
export async function firstMessage(worker: Worker): Promise<unknown> {
  const [message] = (await once(worker, 'message')) as [unknown];
  return message;
}
