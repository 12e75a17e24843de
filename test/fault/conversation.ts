// One connection of the client's side: says what it wants, checks every byte of the answer against
// what it must be, and knows how it ended. It never waits itself: the round looks at lastProgress.

import { createHash } from 'node:crypto';
import { connect as netConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Random } from './random';

/**
 * complete: every byte and the end as agreed; ended: early, up to there nothing was wrong;
 * left: this side has gone; wrong: bytes that must not be.
 */
export type Outcome = 'running' | 'complete' | 'ended' | 'left' | 'wrong';

export interface Place {
  port: number;
  tlsPort: number;
  ca: string;
  /** A server of this process that sends back what it gets. */
  backPort: number;
}

export type Kind = 'lines' | 'bytes' | 'pour' | 'sum' | 'back' | 'udp' | 'listen' | 'name' | 'stay';
export const KINDS: readonly Kind[] = [
  ...([
    'lines',
    'lines',
    'lines',
    'bytes',
    'bytes',
    'bytes',
    'pour',
    'pour',
    'sum',
    'sum',
  ] as const),
  ...(['back', 'udp', 'listen', 'name', 'stay'] as const),
];
const FOR_TLS: ReadonlySet<Kind> = new Set(['lines', 'bytes', 'pour', 'stay']);
const MAX_BYTES = 300_000;

export class Conversation {
  readonly id: number;
  readonly kind: Kind;
  readonly tls: boolean;
  outcome: Outcome = 'running';
  /** How it ended, for a report. */
  detail = '';
  lastProgress = Date.now();
  received = 0;
  messages = 0;
  /** The answer of 'listen': where the new listener is, 0 while or because there is none. */
  newPort = 0;

  readonly #random: Random;
  readonly #socket: Socket;
  readonly #slow: boolean;
  readonly #resetAt: number;
  readonly #endEarly: boolean;
  /** The whole answer, or null where only its form is known (#answer). */
  #expected: Buffer | null = null;
  #answer = '';
  #toSend: Buffer[] = [];
  #last: Buffer | null = null;
  #connected = false;
  #ended = false;

  constructor(id: number, random: Random, place: Place, kind = random.oneOf(KINDS)) {
    this.id = id;
    this.kind = kind;
    this.#random = random;
    this.tls = FOR_TLS.has(this.kind) && random.chance(30);
    this.#slow = random.chance(this.kind === 'pour' ? 60 : 15);
    const mayEnd = !this.tls && (this.kind === 'lines' || this.kind === 'bytes');
    this.#endEarly = this.kind === 'sum' || (mayEnd && random.chance(40));
    this.#prepare(place);
    const limit = this.#expected ? this.#expected.length : 0;
    this.#resetAt = limit > 0 && random.chance(10) ? random.below(limit) : Infinity;
    this.#socket = this.#open(place);
  }

  /** The faults are off: who stayed asks for a last line. */
  faultsAreOff(): void {
    this.lastProgress = Date.now();
    if (!this.#last) return;
    const busy = this.#toSend.length > 0 || !this.#connected;
    this.#toSend.push(this.#last);
    this.#last = null;
    if (!busy) this.#write();
  }

  /** Gives up; counts as left. */
  leave(): void {
    if (this.outcome === 'running') this.#finish('left', 'given up');
    this.#socket.destroy();
  }

  /** Everything that was to come has come. */
  get isWhole(): boolean {
    return this.#expected !== null && this.received === this.#expected.length;
  }

  toString(): string {
    const size = this.#expected ? ` of ${this.#expected.length}` : '';
    const what = `${this.kind}${this.tls ? ' (TLS)' : ''} ${this.id}`;
    return `${what}: ${this.outcome} ${this.detail}, ${this.received}${size} bytes`;
  }

  #prepare({ backPort }: Place): void {
    const random = this.#random;
    const verb = (...rest: number[]): Buffer =>
      Buffer.from(
        `${[this.kind === 'stay' ? 'lines' : this.kind, this.id, ...rest].join(' ')}\r\n`,
      );
    if (this.kind === 'lines') {
      this.messages = random.between(1, 400);
      this.#expected = Buffer.from(
        Array.from({ length: this.messages }, (_, i) => this.#line(i)).join(''),
      );
      this.#toSend = [verb(), ...this.#portions(this.#expected)];
    } else if (this.kind === 'stay') {
      const [first, last] = [this.#line(0), this.#line(1)];
      this.messages = 2;
      this.#expected = Buffer.from(first + last);
      this.#toSend = [verb(), Buffer.from(first)];
      this.#last = Buffer.from(last);
    } else if (this.kind === 'bytes') {
      this.#expected = randomBytes(random, random.between(1, MAX_BYTES));
      this.#toSend = [verb(random.below(6)), ...this.#portions(this.#expected)];
    } else if (this.kind === 'pour') {
      const [size, seed] = [random.between(1, 3 * MAX_BYTES), random.below(1000)];
      this.#expected = pattern(size, seed);
      this.#toSend = [verb(size, seed)];
    } else if (this.kind === 'sum') {
      const data = randomBytes(random, random.between(1, MAX_BYTES));
      const hash = createHash('sha256').update(data).digest('hex');
      this.#expected = Buffer.from(`${data.length} ${hash}\r\n`);
      this.#toSend = [verb(), ...this.#portions(data)];
    } else {
      const count = random.between(1, 50);
      this.#toSend = [this.kind === 'back' ? verb(backPort, count) : verb(count)];
    }
  }

  #line(number: number): string {
    return `line ${number} of ${this.id} ${'x'.repeat(this.#random.below(60))}\r\n`;
  }

  #portions(data: Buffer): Buffer[] {
    const portions: Buffer[] = [];
    const most = this.#random.oneOf([7, 300, 5000, 64_000]);
    for (let from = 0; from < data.length && portions.length < 300;) {
      const last = portions.length === 299;
      const to = last ? data.length : from + this.#random.between(1, most);
      portions.push(data.subarray(from, to));
      from = to;
    }
    return portions;
  }

  #open({ port, tlsPort, ca }: Place): Socket {
    const host = '127.0.0.1';
    const socket = this.tls
      ? tlsConnect({ host, port: tlsPort, ca, servername: 'srv.test' })
      : netConnect({ host, port, allowHalfOpen: true });
    socket.setNoDelay(true);
    socket.on(this.tls ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
      this.#write();
    });
    socket.on('data', (bytes: Buffer) => this.#data(bytes));
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.#finish('ended', error.message));
    socket.on('close', () => this.#finish('ended', 'closed'));
    return socket;
  }

  // The next portion, and the rest at random moments; in the end perhaps the FIN.
  #write(): void {
    if (this.outcome !== 'running') return;
    this.lastProgress = Date.now();
    const portion = this.#toSend.shift();
    if (!portion) {
      if (this.#endEarly && !this.#ended) this.#sendEnd();
      return;
    }
    this.#socket.write(portion, () => {
      if (this.#random.chance(20)) setTimeout(() => this.#write(), this.#random.below(10));
      else setImmediate(() => this.#write());
    });
  }

  #sendEnd(): void {
    this.#ended = true;
    this.#socket.end();
  }

  #data(bytes: Buffer): void {
    if (this.outcome !== 'running') return;
    this.lastProgress = Date.now();
    const from = this.received;
    this.received += bytes.length;
    const expected = this.#expected;
    if (!expected) {
      this.#answer += bytes.toString('latin1');
      this.#react();
      return;
    }
    if (!expected.subarray(from, this.received).equals(bytes)) {
      this.#finish(
        'wrong',
        `the bytes from ${from} on: ${JSON.stringify(bytes.toString('latin1', 0, 80))}`,
      );
      this.#socket.destroy();
      return;
    }
    if (this.received >= this.#resetAt) {
      this.#finish('left', 'reset by the client');
      if (this.tls) this.#socket.destroy();
      else this.#socket.resetAndDestroy();
      return;
    }
    if (this.received === expected.length && !this.#ended && this.#isAsker()) this.#sendEnd();
    else if (this.#slow && this.#random.chance(30)) this.#rest();
  }

  /** Whether this side ends when it has what it wanted; otherwise the server does. */
  #isAsker(): boolean {
    return this.kind === 'lines' || this.kind === 'bytes' || this.kind === 'stay';
  }

  #react(): void {
    if (!this.#answer.endsWith('\r\n')) return;
    if (!/^(?:done|\d+|failed.*|error)\r\n$/.test(this.#answer))
      this.#finish('wrong', this.#answer);
    if (this.kind !== 'listen') return;
    this.newPort = Number(this.#answer) || 0;
    setTimeout(() => this.#sendEnd(), 100); // meanwhile somebody connects there
  }

  #rest(): void {
    this.#socket.pause();
    setTimeout(() => this.#socket.resume(), this.#random.between(1, 15));
  }

  #end(): void {
    const expected = this.#expected;
    if (expected ? this.received < expected.length : this.#answer === '')
      this.#finish('ended', 'by a FIN');
    else this.#finish('complete', this.#answer.trim());
    this.#socket.end();
  }

  #finish(outcome: Outcome, detail: string): void {
    if (this.outcome !== 'running') return;
    this.outcome = outcome;
    this.detail = detail;
    this.lastProgress = Date.now();
  }
}

function randomBytes(random: Random, size: number): Buffer {
  const data = Buffer.allocUnsafe(size);
  for (let i = 0; i < size; i++) data[i] = random.below(256);
  return data;
}

/** As test/fixtures/faultServer.ts pours it. */
function pattern(size: number, seed: number): Buffer {
  const data = Buffer.allocUnsafe(size);
  for (let place = 0; place < size; place++) data[place] = ((place * 31 + seed) >> 3) & 255;
  return data;
}
