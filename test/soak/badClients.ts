// A thousand clients that misbehave at the same time, each in one way: they ask for much and do not
// read, send a line without end, stop in the middle of a ClientHello, reset, flood.
import { connect, type Socket } from 'node:net';
import type { Ports, Stopped } from './messages';
import { BULK_REQUEST, type Kind } from './servers';

/** One way to misbehave, begun anew with a fresh connection `everyMs`. */
interface Misdeed {
  readonly kind: Kind;
  readonly share: number;
  readonly everyMs: number;
  begin(socket: Socket): void;
  /** Again and again while connected. */
  repeat?(socket: Socket): void;
}

const AT_ONCE = 1000;
const STEP_MS = 100;
const request = Buffer.from([BULK_REQUEST]);
const noLine = Buffer.alloc(2048, 'x');
const flood = Buffer.alloc(4096, 'flood ');
/** A handshake record of 512 bytes of which only the first come. */
const halfHello = Buffer.from('160301020001000001fc0303', 'hex');

const MISDEEDS: readonly Misdeed[] = [
  {
    kind: 'plain',
    share: 200,
    everyMs: 6000,
    begin: (socket) => void socket.pause().write(request),
    repeat: (socket) => void (Math.random() < 0.1 && socket.write(request)),
  },
  {
    kind: 'line',
    share: 200,
    everyMs: 8000,
    begin: () => undefined,
    repeat: (socket) => void socket.write(noLine),
  },
  { kind: 'tls', share: 250, everyMs: 4000, begin: (socket) => void socket.write(halfHello) },
  {
    kind: 'tls',
    share: 50,
    everyMs: 1000,
    begin: (socket) => void socket.write('GET / HTTP/1.0\r\n\r\n'),
  },
  { kind: 'plain', share: 200, everyMs: 500, begin: (socket) => void socket.resetAndDestroy() },
  {
    kind: 'plain',
    share: 100,
    everyMs: 10_000,
    begin: (socket) => void socket.pause(),
    repeat: (socket) => void socket.write(flood),
  },
];

interface Slot {
  readonly misdeed: Misdeed;
  socket: Socket | null;
  connected: boolean;
  until: number;
}

export class BadClients {
  readonly #slots: Slot[] = [];
  readonly #timer: NodeJS.Timeout;
  #cycles = 0;
  #atOnce = 0;

  constructor(private readonly ports: Ports) {
    for (const misdeed of MISDEEDS)
      for (let i = 0; i < misdeed.share; i++)
        this.#slots.push({ misdeed, socket: null, connected: false, until: 0 });
    if (this.#slots.length !== AT_ONCE) throw new Error(`${this.#slots.length} bad clients`);
    this.#timer = setInterval(() => this.#turn(), STEP_MS);
  }

  async stop(): Promise<Stopped> {
    clearInterval(this.#timer);
    for (const { socket } of this.#slots) socket?.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    const latencies = { plain: [], line: [], tls: [] };
    return { cycles: this.#cycles, atOnce: this.#atOnce, errors: [], latencies };
  }

  #turn(): void {
    const now = Date.now();
    this.#slots.forEach((slot, at) => {
      if (slot.socket && now < slot.until) {
        if (slot.connected) slot.misdeed.repeat?.(slot.socket);
        return;
      }
      if (slot.socket && at % 2 === 0) slot.socket.resetAndDestroy();
      slot.socket?.destroy();
      this.#begin(slot, at, now);
    });
    const present = this.#slots.filter((slot) => slot.connected).length;
    this.#atOnce = Math.max(this.#atOnce, present);
  }

  #begin(slot: Slot, at: number, now: number): void {
    const { kind, everyMs, begin } = slot.misdeed;
    const place = this.#cycles++ % 16000;
    const localAddress = `127.3.${(place >> 7) & 127}.${1 + (place & 127)}`;
    const socket = connect({ port: this.ports[kind], host: '127.0.0.1', localAddress });
    slot.socket = socket;
    slot.connected = false;
    slot.until = now + everyMs * (0.5 + ((at * 7919) % 1000) / 1000);
    socket.on('connect', () => {
      slot.connected = true;
      begin(socket);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (slot.socket !== socket) return;
      slot.socket = null;
      slot.connected = false;
    });
  }
}
