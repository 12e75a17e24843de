// The server process of one round: started under the shim or under strace, asked over IPC, and
// looked at from outside through /proc.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FaultReport } from '../fixtures/faultServer';
import { ROOT, preload } from '../support/compiled';

const PROGRAM = path.join(ROOT, 'test/fixtures/faultServer.ts');
const ANSWER_MS = 20_000;

export interface Launch {
  /** Before the name of the program: ['strace', …]. */
  wrapper?: string[];
  env?: NodeJS.ProcessEnv;
}

export class FaultProcess {
  readonly #child: ChildProcess;
  #said = '';
  #ending = '';

  constructor({ wrapper = [], env = {} }: Launch) {
    const [command = '', ...args] = [...wrapper, process.execPath, '-r', preload(), PROGRAM];
    this.#child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (bytes: Buffer) => {
        if (this.#said.length < 4000) this.#said += bytes.toString('latin1');
      });
    this.#child.on('exit', (code, signal) => (this.#ending = `it ended with ${code ?? signal}`));
  }

  /** '' while it runs. */
  get ending(): string {
    return this.#ending;
  }

  /** The start of what it has written: warnings, and why it ended. */
  get said(): string {
    return this.#said;
  }

  ask(question: string): Promise<FaultReport> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage).off('exit', onExit);
        settle();
      };
      const fail = (why: string): void => {
        const what = question.split(' ')[0]!;
        finish(() => reject(new Error(`no answer to "${what}": ${why}\n${this.#said}`)));
      };
      const onMessage = (answer: unknown): void => finish(() => resolve(answer as FaultReport));
      const onExit = (): void => fail(this.#ending);
      const timer = setTimeout(() => fail(`${ANSWER_MS} ms passed`), ANSWER_MS);
      this.#child.on('message', onMessage).once('exit', onExit);
      if (this.#ending !== '' || !this.#child.connected) fail(this.#ending || 'it is going');
      else this.#child.send(question, (error) => error && fail(error.message));
    });
  }

  /** Without its channel the server leaves by itself, and strace with it. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    if (this.#ending !== '') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
      this.#child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Open descriptors of a process by what they are: "socket" 4, "anon_inode:[eventpoll]" 2. */
export function descriptorsOf(pid: number): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    let target: string;
    try {
      target = readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      continue; // closed between the two calls
    }
    const kind = target.replace(/:\[\d+\]$/, '');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}

/** The compiled shim in `folder`. Throws with the compiler's words. */
export function compileShim(folder: string): string {
  const target = path.join(folder, 'shim.so');
  const source = path.join(ROOT, 'test/fault/shim.c');
  const options = ['-O1', '-Wall', '-Werror', '-shared', '-fPIC', '-o', target, source, '-ldl'];
  const result = spawnSync('cc', options, { encoding: 'utf8' });
  if (result.status !== 0)
    throw new Error(`cc: ${result.error ? result.error.message : result.stderr}`);
  return target;
}

/** A folder that goes with this process. */
export function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ics-fault-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
