// Runs a server program in a process of its own, for tests that change what a whole process may do
// (descriptor limit, user). The program answers questions over the IPC channel (answerParent.ts).

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { onCleanup } from './cleanup';
import { ROOT, preload } from './compiled';
import { SLOWNESS } from './waitFor';

const DEADLINE_MS = 20_000 * SLOWNESS;

export class ChildServer {
  readonly #process: ChildProcess;

  constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Sends a question and resolves with the next answer. */
  ask<T>(question: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#process.off('message', onMessage).off('exit', onExit);
        settle();
      };
      const fail = (why: string): void =>
        finish(() => reject(new Error(`the child did not answer "${question}": ${why}`)));
      const onMessage = (answer: unknown): void => finish(() => resolve(answer as T));
      const onExit = (code: number | null, signal: string | null): void =>
        fail(`it ended with ${code ?? signal}`);
      const timer = setTimeout(() => fail(`${DEADLINE_MS} ms passed`), DEADLINE_MS);
      this.#process.on('message', onMessage).on('exit', onExit);
      this.#process.send(question);
    });
  }
}

/**
 * Starts a program `*.child.ts`; it is killed after the test. With maxDescriptors the shell lowers
 * both limits first, because Node raises the soft one to the hard one when it starts.
 */
export function childServer(program: string, maxDescriptors?: number): ChildServer {
  const node = [process.execPath, '-r', preload(), program];
  const limit = maxDescriptors === undefined ? '' : `ulimit -n ${maxDescriptors}; `;
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$@"`, 'sh', ...node], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onCleanup(() => child.kill('SIGKILL'));
  return new ChildServer(child);
}
