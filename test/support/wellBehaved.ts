// The client a hostile test must not hurt: it sends numbered messages, one after the other, and
// compares every byte that comes back. Whatever is wrong is kept as a sentence in `problems`.

import { connect as netConnect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { SLOWNESS } from './waitFor';

const PAUSE_MS = 2;
const DEADLINE_MS = 8000 * SLOWNESS;
/** Messages exchanged after the test, to see that the connection still works. */
const LAST_MESSAGES = 5;
const SIZES = [1, 40, 700, 3000];

export class WellBehaved {
  readonly problems: string[] = [];
  readonly #socket: Duplex;
  #sent = 0;
  #expected = Buffer.alloc(0);
  #echoed = 0;
  #pause = PAUSE_MS;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;
  #changed: () => void = () => undefined;

  /** `localPort` is how the server sees it. */
  constructor(
    socket: Duplex,
    readonly localPort: number,
    quiet = false,
  ) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#compare(bytes));
    socket.on('error', (error) => this.#end(`its connection failed: ${error.message}`));
    socket.on('end', () => this.#end('the server ended its connection'));
    if (!quiet) this.#next();
  }

  /** Passes a few messages more; resolves in any case. */
  async exchange(messages = LAST_MESSAGES): Promise<void> {
    const wanted = this.#sent + messages;
    this.#pause = 0;
    if (this.#sent === 0) this.#next();
    let complete = false;
    await this.#until(() => {
      complete ||= this.#sent >= wanted && this.#echoed === this.#expected.length;
      if (complete) this.#pause = PAUSE_MS;
      return complete;
    });
    if (!complete && !this.#ended)
      this.problems.push(
        `no echo of its message ${this.#sent}: ${this.#echoed} of ${this.#expected.length} bytes`,
      );
  }

  /** The ordinary end: a FIN after the last echo. */
  leave(): void {
    this.#ended = true;
    this.#stop();
    this.#socket.end();
  }

  destroy(): void {
    this.#ended = true;
    this.#stop();
    this.#socket.destroy();
  }

  #next(): void {
    this.#timer = null;
    this.#sent++;
    const size = SIZES[this.#sent % SIZES.length]!;
    this.#expected = Buffer.from(`${this.#sent} `.repeat(size).slice(-size), 'latin1');
    this.#echoed = 0;
    this.#socket.write(this.#expected);
  }

  #compare(bytes: Buffer): void {
    const wanted = this.#expected.subarray(this.#echoed, this.#echoed + bytes.length);
    this.#echoed += bytes.length;
    if (!wanted.equals(bytes)) {
      this.problems.push(`the echo of its message ${this.#sent} is not what it has sent`);
      this.#stop();
    }
    this.#changed();
    if (this.#echoed < this.#expected.length || this.#ended || this.problems.length > 0) return;
    if (this.#pause === 0) this.#next();
    else this.#timer = setTimeout(() => this.#next(), this.#pause).unref();
  }

  #end(problem: string): void {
    if (!this.#ended) this.problems.push(problem);
    this.#ended = true;
    this.#stop();
    this.#changed();
  }

  #stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #until(fact: () => boolean): Promise<void> {
    if (this.#timer) {
      this.#stop();
      this.#next();
    }
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#changed = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, DEADLINE_MS);
      this.#changed = () => {
        if (fact() || this.#ended || this.problems.length > 0) finish();
      };
      this.#changed();
    });
  }
}

export interface Reach {
  port: number;
  host?: string;
  localAddress?: string;
  /** It sends nothing before exchange(). */
  quiet?: boolean;
}

/** A client in clear. Its server must send back what it gets. */
export function wellBehaved({ quiet = false, ...to }: Reach): Promise<WellBehaved> {
  const socket = netConnect({ host: '127.0.0.1', noDelay: true, ...to });
  return connected(socket, 'connect', quiet);
}

/** The same over TLS, whoever the server says it is. */
export function wellBehavedTls(options: tls.ConnectionOptions): Promise<WellBehaved> {
  return connected(tls.connect({ ...options, rejectUnauthorized: false }), 'secureConnect', false);
}

function connected(socket: Socket, event: string, quiet: boolean): Promise<WellBehaved> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, () => {
      socket.off('error', reject);
      socket.unref();
      resolve(new WellBehaved(socket, socket.localPort!, quiet));
    });
  });
}
