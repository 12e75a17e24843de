// Runs an example the way a user does: as a process of its own, with a real netcat talking to it
// where one is installed and a net.Socket elsewhere. Everything is ended after each test.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { preload } from '../support/compiled';

const root = path.join(__dirname, '..', '..');
const deadlineMs = 45_000;
const cleanups: (() => Promise<unknown>)[] = [];

/** Other netcats end at other moments, so only this one is used. */
export const hasNetcat = /OpenBSD/.test(spawnSync('nc', ['-h'], { encoding: 'utf8' }).stderr ?? '');

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

/** What a peer or process has said so far, and the wait for more of it. */
class Transcript {
  text = '';
  #isOver = false;
  #wake: () => void = () => {};

  constructor(...sources: Readable[]) {
    let open = sources.length;
    for (const source of sources) {
      source.setEncoding('latin1');
      source.on('data', (part: string) => {
        this.text += part;
        this.#wake();
      });
      source.on('error', () => {}); // a reset peer also ends in 'close'
      source.on('close', () => {
        this.#isOver = --open === 0;
        this.#wake();
      });
    }
  }

  /** Waits until the fact holds; `what` is for the message when it never does. */
  async until(fact: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    while (!fact()) {
      const left = deadline - Date.now();
      if (this.#isOver || left <= 0) {
        const why = this.#isOver ? 'it ended' : 'time is up';
        throw new Error(`no ${what}, ${why}; it said: ${JSON.stringify(this.text.slice(-500))}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async waitText(part: string): Promise<void> {
    await this.until(() => this.text.includes(part), JSON.stringify(part));
  }
}

export class Example extends Transcript {
  /** Exit code; a signal gives null. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    super(child.stdout!, child.stderr!);
    this.#child = child;
    this.exited = new Promise((resolve) => child.once('close', resolve));
  }

  /** examples/<name>.ts, until the test ends. Types are the business of `npm run typecheck`. */
  static run(name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Example {
    return Example.start(name, args, env).#untilTestEnds();
  }

  /** The same for several tests; the caller stops it. */
  static start(name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Example {
    const node = ['-r', preload(), path.join(root, 'examples', `${name}.ts`), ...args];
    return Example.#start(process.execPath, node, env);
  }

  static npm(...args: string[]): Example {
    return Example.#start('npm', args, {}).#untilTestEnds();
  }

  async stop(): Promise<void> {
    stopGroup(this.#child);
    await this.exited;
  }

  #untilTestEnds(): this {
    cleanups.push(() => this.stop());
    return this;
  }

  static #start(command: string, args: string[], env: NodeJS.ProcessEnv): Example {
    const inherited = { ...process.env };
    delete inherited['PORT'];
    const child = spawn(command, args, {
      cwd: root,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own: npm starts more processes
    });
    return new Example(child);
  }

  /** The port it prints when it listens. */
  async port(): Promise<number> {
    const printed = /\bport (\d+)/;
    await this.until(() => printed.test(this.text), 'printed port');
    return Number(printed.exec(this.text)![1]);
  }
}

function stopGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

/** A person at a terminal: types lines, reads answers. */
export class Terminal extends Transcript {
  /** Sends as it is; a terminal user's lines end with \n. */
  readonly type: (text: string) => void;
  /** Resolves when the server has closed the connection. */
  readonly closed: () => Promise<void>;
  /** Goes away. */
  readonly leave: () => void;

  private constructor(
    output: Readable,
    type: (text: string) => void,
    leave: () => void,
    end: () => void = () => {},
  ) {
    super(output);
    const over = new Promise<void>((resolve) => output.once('close', resolve));
    cleanups.push(() => {
      leave();
      return over;
    });
    this.type = type;
    this.leave = leave;
    this.closed = () => {
      end();
      return over;
    };
  }

  static connect(port: number): Terminal {
    return hasNetcat ? Terminal.#netcat(port) : Terminal.socket(port);
  }

  static #netcat(port: number): Terminal {
    const child = spawn('nc', ['127.0.0.1', String(port)]);
    child.stdin.on('error', () => {}); // typed after netcat has ended
    const type = (text: string) => child.stdin.write(text);
    // This netcat sends no FIN when its input ends; it then waits for the server to close.
    const end = () => child.stdin.end();
    return new Terminal(child.stdout, type, () => child.kill('SIGKILL'), end);
  }

  static socket(port: number): Terminal {
    const socket = net.connect(port, '127.0.0.1');
    const type = (text: string) => socket.write(text);
    return new Terminal(socket, type, () => socket.destroy());
  }
}
