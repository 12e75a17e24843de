// Well-behaved clients: some ask and measure how long the answer takes, the others come, exchange and
// go in every way there is. Any answer that is missing or wrong is an error.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Ports, Stopped } from './messages';
import { BULK, BULK_REQUEST, KINDS, type Kind } from './servers';

const LANES = 12;
const ASK_MS = 10;
const PATIENCE_MS = 20_000;
const ENDINGS = ['end', 'reset', 'destroy'] as const;

export class GoodClients {
  readonly #result: Stopped = {
    cycles: 0,
    atOnce: 0,
    errors: [],
    latencies: { plain: [], line: [], tls: [] },
  };
  #running = true;
  readonly #work: Promise<void>[] = [];

  constructor(private readonly ports: Ports) {
    for (const kind of KINDS) this.#work.push(this.#measure(kind));
    for (let lane = 0; lane < LANES; lane++) this.#work.push(this.#churn(lane));
  }

  async stop(): Promise<Stopped> {
    this.#running = false;
    await Promise.all(this.#work);
    return this.#result;
  }

  #open(kind: Kind, at: number): Promise<Socket> {
    const localAddress = `127.2.${(at >> 7) & 127}.${1 + (at & 127)}`;
    const target = { port: this.ports[kind], host: '127.0.0.1', localAddress, noDelay: true };
    return new Promise((resolve, reject) => {
      const socket = connect(target);
      socket.once('error', reject);
      if (kind !== 'tls') {
        socket.once('connect', () => resolve(socket));
        return;
      }
      const secure = connectTls({ socket, rejectUnauthorized: false }, () => resolve(secure));
      secure.once('error', reject);
    });
  }

  async #measure(kind: Kind): Promise<void> {
    try {
      const socket = await within(this.#open(kind, 16000), 'connecting');
      while (this.#running) {
        const began = performance.now();
        await exchange(socket, Buffer.from('how long?\r\n'), 11);
        this.#result.latencies[kind].push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      }
      await within(leave(socket, 'end'), 'leaving');
    } catch (E) {
      this.#result.errors.push(`measured ${kind}: ${String(E)}`);
    }
  }

  async #churn(lane: number): Promise<void> {
    for (let turn = lane; this.#running; turn += LANES) {
      const kind = KINDS[turn % KINDS.length]!;
      try {
        const socket = await within(this.#open(kind, turn % 16000), 'connecting');
        const isBulk = kind === 'plain' && turn % 5 === 0;
        const request = isBulk ? Buffer.from([BULK_REQUEST]) : Buffer.from(`turn ${turn}\r\n`);
        await exchange(socket, request, isBulk ? BULK : request.length);
        await within(leave(socket, ENDINGS[turn % ENDINGS.length]!), 'leaving');
        this.#result.cycles++;
      } catch (E) {
        this.#result.errors.push(`${kind} ${turn}: ${String(E)}`);
      }
    }
  }
}

function within<T>(work: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`${what} takes more than ${PATIENCE_MS} ms`));
    const timer = setTimeout(late, PATIENCE_MS);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Sends and waits for `size` bytes. */
function exchange(socket: Socket, request: Buffer, size: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let got = 0;
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      settle();
    };
    const onClose = (): void => done(() => reject(new Error(`closed after ${got} bytes`)));
    const onData = (bytes: Buffer): void => {
      got += bytes.length;
      if (got >= size) done(got === size ? resolve : () => reject(new Error(`${got} bytes`)));
    };
    const late = (): void => done(() => reject(new Error(`${got} bytes after ${PATIENCE_MS} ms`)));
    const timer = setTimeout(late, PATIENCE_MS);
    socket.on('data', onData).on('close', onClose);
    socket.write(request);
  });
}

function leave(socket: Socket, how: (typeof ENDINGS)[number]): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    if (socket.closed) resolve();
    socket.once('close', () => resolve());
    if (how === 'end') socket.end();
    else if (how === 'reset') socket.resetAndDestroy();
    else socket.destroy();
    socket.resume();
  });
}
