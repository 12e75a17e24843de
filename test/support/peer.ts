// The other end of a connection, seen from the outside: a plain node:net socket that remembers all
// it has received. Every wait has a deadline and says on failure what did arrive.

import { connect as netConnect } from 'node:net';
import type { Socket } from 'node:net';
import type { TWSocketServer } from '../../lib';
import { onCleanup } from './cleanup';
import { portOf } from './startServer';

const DEADLINE_MS = 5000;

export type ConnectTarget = TWSocketServer | number | { port: number; host: string };

export class Peer {
  readonly socket: Socket;
  readonly localPort: number;
  #chunks: Buffer[] = [];
  #received = 0;
  #taken = 0;
  #ending: 'end' | 'reset' | null = null;
  readonly #watchers = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    this.localPort = socket.localPort ?? 0;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('end', () => this.#end('end'));
    // EPIPE tells the same as ECONNRESET: the other side is gone for good.
    socket.on('error', () => this.#end('reset'));
    socket.on('close', () => this.#end('end'));
  }

  /** Takes bytes that came on another way than the socket's 'data' event. */
  receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    this.#changed();
  }

  /** All bytes received so far, those already taken by line() and read() included. */
  bytes(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  get text(): string {
    return this.bytes().toString('latin1');
  }

  write(data: string | Uint8Array): void {
    if (typeof data === 'string') this.socket.write(data, 'latin1');
    else this.socket.write(data);
  }

  end(): void {
    this.socket.end();
  }

  /** Closes with RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** The next line without its end. */
  async line(end = '\r\n'): Promise<string> {
    const mark = Buffer.from(end, 'latin1');
    await this.#until(() => this.bytes().indexOf(mark, this.#taken) >= 0, 'a line');
    const stop = this.bytes().indexOf(mark, this.#taken);
    const line = this.bytes().toString('latin1', this.#taken, stop);
    this.#taken = stop + mark.length;
    return line;
  }

  /** The next n bytes. */
  async read(n: number): Promise<Buffer> {
    await this.#until(() => this.#received - this.#taken >= n, `${n} bytes`);
    this.#taken += n;
    return this.bytes().subarray(this.#taken - n, this.#taken);
  }

  /** How the other side ended the connection: an orderly FIN or a reset. */
  async closed(): Promise<'end' | 'reset'> {
    await this.#until(() => this.#ending !== null, 'the end of the connection', true);
    return this.#ending!;
  }

  get isClosed(): boolean {
    return this.#ending !== null;
  }

  waitText(wanted: string): Promise<void> {
    return this.#until(() => this.text.includes(wanted), JSON.stringify(wanted));
  }

  #end(ending: 'end' | 'reset'): void {
    this.#ending ??= ending;
    this.#changed();
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #until(fact: () => boolean, what: string, afterEnd = false): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (problem?: string): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        if (problem === undefined) resolve();
        else
          reject(
            new Error(`peer waited for ${what}, ${problem}; it has received ${this.#summary()}`),
          );
      };
      const watcher = (): void => {
        if (fact()) finish();
        else if (this.#ending && !afterEnd) finish(`but the connection ended (${this.#ending})`);
      };
      const timer = setTimeout(() => finish(`${DEADLINE_MS} ms in vain`), DEADLINE_MS);
      this.#watchers.add(watcher);
      watcher();
    });
  }

  #summary(): string {
    return `${this.bytes().length} bytes: ${JSON.stringify(this.text.slice(0, 200))}`;
  }
}

/** A connected peer; it is destroyed after the test. It never closes its side by itself. */
export function connect(target: ConnectTarget): Promise<Peer> {
  const { port, host } = addressOf(target);
  return new Promise((resolve, reject) => {
    const socket = netConnect({ port, host, allowHalfOpen: true, noDelay: true });
    onCleanup(() => socket.destroy());
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(new Peer(socket));
    });
  });
}

function addressOf(target: ConnectTarget): { port: number; host: string } {
  if (typeof target === 'number') return { port: target, host: '127.0.0.1' };
  if ('host' in target) return target;
  return {
    port: portOf(target),
    host: target.SocketFamily === undefined ? '127.0.0.1' : hostOf(target),
  };
}

function hostOf(server: TWSocketServer): string {
  const bound = server.GetXAddr();
  if (bound === '' || bound === '0.0.0.0') return '127.0.0.1';
  return bound === '::' ? '::1' : bound;
}
