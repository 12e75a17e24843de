// Load generator for TLS, the counterpart of bench/loadgen: node:tls as the client.
//
//   tlsLoad.js tls-echo|tls-full|tls-resumed --port N --connections N [--size N] --seconds S [--wait]
//
//   tls-echo     long-lived connections; each sends `size` bytes and waits until they are back
//   tls-full     connections that shake hands, exchange one byte and end; always a new session
//   tls-resumed  the same with a session of an earlier connection
//
// Every byte that comes back is compared, and that a session was resumed, or was not, is checked.
// TLS 1.3 with one cipher and one group, so that both servers compute the same.

import { parseArgs } from 'node:util';
import tls from 'node:tls';

const LIFE_MS = 120_000;
const STALL_MS = 5000;
const HELLO = Buffer.from('x');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '' },
    connections: { type: 'string', default: '64' },
    size: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '1' },
    wait: { type: 'boolean', default: false },
  },
});
const mode = positionals[0] ?? '';
const connections = Number(values.connections);
const size = Number(values.size);
const seconds = Number(values.seconds);
const TARGET: tls.ConnectionOptions = {
  host: '127.0.0.1',
  port: Number(values.port),
  servername: 'localhost',
  rejectUnauthorized: false, // the servers sign their certificates themselves
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_256_GCM_SHA384',
  ecdhCurve: 'X25519',
};

let messages = 0;
let deadline = 0;
let progress = performance.now();

function fail(reason: string): never {
  process.stdout.write(`${reason}\n`);
  process.exit(1);
}

setTimeout(() => fail('the load took too long'), LIFE_MS).unref();
setInterval(() => {
  if (deadline > 0 && performance.now() - progress > STALL_MS) fail('a connection hangs');
}, 500).unref();

function counted(): boolean {
  messages++;
  progress = performance.now();
  return progress < deadline;
}

// ---- tls-echo --------------------------------------------------------------------------------

class EchoConnection {
  readonly #socket: tls.TLSSocket;
  readonly #message: Buffer;
  #received = 0;
  #done: () => void = () => {};

  constructor(socket: tls.TLSSocket, index: number) {
    this.#socket = socket;
    this.#message = Buffer.alloc(size, `${index}: the same bytes come back. `);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => fail('the server closed a connection'));
  }

  static async open(index: number): Promise<EchoConnection> {
    const socket = await connect();
    return new EchoConnection(socket, index);
  }

  /** Until the deadline is over; at least once. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#socket.write(this.#message);
    });
  }

  #arrived(chunk: Buffer): void {
    const expected = this.#message.subarray(this.#received, this.#received + chunk.length);
    if (!chunk.equals(expected)) fail('wrong bytes came back');
    this.#received += chunk.length;
    if (this.#received < size) return;
    this.#received = 0;
    if (counted()) this.#socket.write(this.#message);
    else this.#done();
  }
}

function connect(session?: Buffer): Promise<tls.TLSSocket> {
  return new Promise((resolve) => {
    const options = session === undefined ? TARGET : { ...TARGET, session };
    const socket = tls.connect(options, () => {
      if (socket.isSessionReused() !== (session !== undefined)) fail('not the wanted session');
      resolve(socket);
    });
    socket.on('error', (error) => fail(error.message));
  });
}

async function makeEchoes(): Promise<() => Promise<unknown>> {
  const all: EchoConnection[] = [];
  for (let index = 0; index < connections; index++) all.push(await EchoConnection.open(index));
  return () => Promise.all(all.map((connection) => connection.run()));
}

// ---- tls-full and tls-resumed ----------------------------------------------------------------

/** One connection from handshake to end. */
async function visit(session?: Buffer): Promise<Buffer> {
  const socket = await connect(session);
  return new Promise((resolve) => {
    let ticket: Buffer = Buffer.alloc(0);
    socket.on('session', (given) => (ticket = given));
    socket.on('data', (chunk) => {
      if (!HELLO.equals(chunk)) fail('wrong bytes came back');
      socket.end();
    });
    socket.on('close', () => resolve(ticket));
    socket.write(HELLO);
  });
}

async function visitor(session?: Buffer): Promise<void> {
  do {
    await visit(session);
  } while (counted());
}

async function makeVisits(): Promise<() => Promise<unknown>> {
  const session = await visit();
  if (session.length === 0) fail('the server gave no session');
  const used = mode === 'tls-resumed' ? session : undefined;
  return () => Promise.all(Array.from({ length: connections }, () => visitor(used)));
}

// ---- a run -----------------------------------------------------------------------------------

function waitForGo(): Promise<void> {
  if (!values.wait) return Promise.resolve();
  process.stdout.write('ready\n');
  process.stdin.on('end', () => process.exit());
  return new Promise((resolve) => process.stdin.once('data', () => resolve()));
}

async function main(): Promise<void> {
  const load = await (mode === 'tls-echo' ? makeEchoes() : makeVisits());
  await load(); // unmeasured: proves that every connection is served
  await waitForGo();
  messages = 0;
  const begin = performance.now();
  progress = begin;
  deadline = begin + seconds * 1000;
  await load();
  const result = { mode, messages, seconds: (performance.now() - begin) / 1000, verified: true };
  process.stdout.write(JSON.stringify(result) + '\n');
  if (!values.wait) process.exit();
}

main().catch((error: unknown) => fail(String(error)));
