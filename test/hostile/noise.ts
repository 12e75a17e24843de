// Random protocol noise, from a printed seed: connections that say anything, in pieces of any size,
// and leave in any way; servers that read it in every mode.

import { connect as netConnect } from 'node:net';
import type { Socket } from 'node:net';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { attackedServer } from '../support/bystander';

const AT_ONCE = 16;
const WORDS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\x1b[2J',
  '\xff\xfb\x01',
  'GET / HTTP/1.1',
  'PROXY TCP4 ',
];

/** A generator of the numbers 0 <= n < 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Noise {
  readonly server: TWSocketServer;
  connected: number;
  disconnected: number;
  /** What no noise may cause. */
  readonly exceptions: string[];
}

/** How a handler reads, and how it answers. */
const READERS: ((client: TWSocketClient) => void)[] = [
  (client) => void client.ReceiveStr(),
  (client) => void client.SendStr(client.ReceiveStr()),
  (client) => void client.SendStrA(client.ReceiveStrA()),
  (client) => void client.Receive(Buffer.alloc(3)),
  (client) => void client.Send(client.ReceiveTB()),
];

function prepare(client: TWSocketClient, random: () => number): void {
  client.LineMode = random() < 0.6;
  client.LineLimit = 1 + Math.floor(random() * 5000);
  client.LineEdit = random() < 0.2;
  client.LineEcho = random() < 0.2;
  client.LineEnd = ['\r\n', '\n', '\0', 'abcde'][Math.floor(random() * 4)]!;
  client.SendQueueLimit = 1 << 20;
  client.CloseFlushTimeout = 500;
  const read = READERS[Math.floor(random() * READERS.length)]!;
  client.OnDataAvailable = () => {
    if (random() < 0.02) client.LineMode = !client.LineMode;
    if (random() < 0.01) client.CloseDelayed();
    else read(client);
  };
}

/** A server that reads in a random way. Refused answers (10055) are its own limit. */
export async function noiseServer(seed: number): Promise<Noise> {
  const random = randomFrom(seed);
  const server = await attackedServer();
  const noise: Noise = { server, connected: 0, disconnected: 0, exceptions: [] };
  noise.server.OnClientConnect = (_server, client) => {
    noise.connected++;
    prepare(client, random);
  };
  noise.server.OnClientDisconnect = () => void noise.disconnected++;
  noise.server.OnBgException = (_sender, E) => {
    if (!E.message.includes('#10055')) noise.exceptions.push(E.message);
  };
  return noise;
}

function piece(random: () => number): Buffer {
  if (random() < 0.4) return Buffer.from(WORDS[Math.floor(random() * WORDS.length)]!, 'latin1');
  const bytes = Buffer.allocUnsafe(1 + Math.floor(random() ** 4 * 20_000));
  const kinds = random() < 0.5 ? 256 : 4;
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Math.floor(random() * kinds) + (256 - kinds) / 4;
  return bytes;
}

function leave(socket: Socket, random: () => number): void {
  const how = random();
  if (how < 0.5) socket.end();
  else if (how < 0.75) socket.resetAndDestroy();
  else socket.destroy();
}

/** One connection from its begin to its end. */
function talk(port: number, random: () => number): Promise<void> {
  return new Promise((resolve) => {
    const socket = netConnect({ port, host: '127.0.0.1', noDelay: random() < 0.8 });
    let left = Math.floor(random() * 20);
    const say = (): void => {
      if (socket.destroyed) return;
      if (left-- <= 0) return leave(socket, random);
      socket.write(piece(random));
      if (random() < 0.5) say();
      else setImmediate(say);
    };
    socket.on('connect', say);
    if (random() < 0.9) socket.resume(); // the others never read
    socket.on('error', () => undefined);
    // Who does not read hears of no end.
    const timer = setTimeout(() => socket.destroy(), 2000);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Noise for a while; the number of connections made. */
export async function makeNoise(port: number, seed: number, durationMs: number): Promise<number> {
  const end = Date.now() + durationMs;
  let made = 0;
  const lane = async (_: unknown, number: number): Promise<void> => {
    const random = randomFrom(seed + 1 + number);
    while (Date.now() < end) {
      await talk(port, random);
      made++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return made;
}
