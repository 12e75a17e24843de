// A child process that talks in lines: the servers and the load generator.
//
// Promises: every wait has a deadline, a child that ends too early is an error
// and stop() ends this child by its own pid. The children also end by themselves
// when their stdin closes, so none survives a killed runner.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { tasksetCommand } from './cpu';

const STOP_MS = 5000;

interface Waiter {
  resolve(line: string): void;
  reject(error: Error): void;
}

export class LineChild {
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: string[] = [];
  #waiter: Waiter | null = null;
  #rest = '';
  #ended = false;

  /** Starts `command`, on CPU `cpu` if that is a number. taskset keeps the pid. */
  constructor(name: string, command: string, args: readonly string[], cpu: number | null) {
    this.#name = name;
    const [file, ...rest] = tasksetCommand(cpu, [command, ...args]);
    this.#child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#split(text));
    this.#child.stdin.on('error', () => {}); // The end of the child is reported by 'close'.
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('close', (code, signal) =>
      this.#end(new Error(`${name} ended (${signal ?? `code ${String(code)}`})`)),
    );
  }

  get pid(): number {
    const pid = this.#child.pid;
    if (pid === undefined) throw new Error(`${this.#name} could not be started`);
    return pid;
  }

  write(line: string): void {
    this.#child.stdin.write(line + '\n');
  }

  /** The next line of its stdout. */
  async line(deadlineMs: number): Promise<string> {
    const ready = this.#lines.shift();
    if (ready !== undefined) return ready;
    if (this.#ended) throw new Error(`${this.#name} has ended`);

    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<string>((resolve, reject) => {
        this.#waiter = { resolve, reject };
        const late = new Error(`${this.#name}: no answer within ${deadlineMs} ms`);
        timer = setTimeout(() => reject(late), deadlineMs);
      });
    } finally {
      clearTimeout(timer);
      this.#waiter = null;
    }
  }

  /** Closes its stdin and waits for its end; kills it when that takes too long. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await closed;
    clearTimeout(timer);
  }

  #split(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#waiter === null) {
        this.#lines.push(line);
      } else {
        this.#waiter.resolve(line);
        this.#waiter = null;
      }
    }
  }

  #end(error: Error): void {
    this.#ended = true;
    this.#waiter?.reject(error);
  }
}
