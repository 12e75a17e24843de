// What fails: the calls of the addon, the ways a kernel may let each of them fail, and the choice of
// one round. shim.c explains the letters.
//
//  - soft: nobody may notice. No connection may end because of them.
//  - hard: they may cost the connection (or the call) they hit, with a documented number, and
//    nothing else.

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Random } from './random';

const { errno } = constants;
const KIND_WORDS = 16;

/** "EINTR", "short", "late", "EAGAIN+edge", "reset:ECONNRESET", "done:EINTR". */
type Fault = string;

interface Choices {
  soft: Fault[];
  hard: Fault[];
}

const NO_DESCRIPTOR = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'];
const NO_MEMORY = ['ENOBUFS', 'ENOMEM'];
const BROKEN = ['ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'].map((name) => `reset:${name}`);
const SEND: Choices = {
  soft: ['EINTR', 'EAGAIN+edge', 'ENOBUFS', 'ENOMEM', 'short', 'late'],
  hard: [...BROKEN, 'reset:EPIPE'],
};

// In the order of shim.c.
const CALLS: Record<string, Choices> = {
  accept4: {
    soft: ['EINTR', 'EAGAIN', 'ECONNABORTED', 'EPROTO', 'ENETDOWN', 'EHOSTUNREACH', 'late'],
    hard: [...NO_DESCRIPTOR, 'EPERM'],
  },
  recv: { soft: ['EINTR', 'EAGAIN+edge', 'short', 'late'], hard: [...BROKEN, 'ENOMEM'] },
  recvmsg: { soft: ['EINTR'], hard: ['ENOMEM'] },
  send: SEND,
  sendmsg: SEND,
  sendto: { soft: ['EINTR'], hard: NO_MEMORY },
  epoll_wait: { soft: ['EINTR', 'short', 'late'], hard: [] },
  epoll_ctl: { soft: ['late'], hard: ['ENOMEM', 'ENOSPC'] },
  socket: { soft: ['late'], hard: NO_DESCRIPTOR },
  bind: { soft: [], hard: ['EADDRINUSE', 'ENOBUFS', 'ENOMEM'] },
  listen: { soft: [], hard: ['EADDRINUSE', 'ENOBUFS'] },
  connect: {
    soft: ['done:EINTR', 'late'],
    hard: ['EADDRNOTAVAIL', 'EAGAIN', 'ENOBUFS', 'ENETUNREACH', 'EPERM'],
  },
  setsockopt: { soft: ['late'], hard: NO_MEMORY },
  getsockname: { soft: [], hard: ['ENOBUFS'] },
  open: { soft: ['EINTR', 'EMFILE', 'ENFILE', 'ENOMEM'], hard: [] },
  shutdown: { soft: [], hard: ['ENOTCONN'] },
  close: { soft: ['done:EINTR', 'late'], hard: [] },
  eventfd: { soft: ['late'], hard: ['EMFILE', 'ENFILE', 'ENOMEM'] },
  epoll_create1: { soft: [], hard: ['EMFILE', 'ENFILE', 'ENOMEM'] },
  malloc: { soft: [], hard: ['ENOMEM'] },
};
const NAMES = Object.keys(CALLS);
/** Of 10,000 calls: those of every message, and those a round makes a few times only. */
const RATES = [30, 100, 300, 1000, 3000];
const RARE_RATES = [1000, 3000];
const FREQUENT = new Set(['accept4', 'recv', 'send', 'sendmsg', 'epoll_wait', 'close']);

export interface PlannedCall {
  name: string;
  rate: number;
  faults: Fault[];
}

export interface Plan {
  hard: boolean;
  calls: PlannedCall[];
}

/** One round's choice: some of the calls, each with a rate of its own. */
export function choosePlan(random: Random): Plan {
  const hard = random.chance(50);
  const calls: PlannedCall[] = [];
  for (const name of NAMES) {
    if (name === 'epoll_create1') continue; // happens once, before there is anything to serve
    const { soft, hard: more } = CALLS[name]!;
    const faults = (hard ? [...soft, ...more] : soft).filter(() => random.chance(70));
    const rate = random.oneOf(FREQUENT.has(name) ? RATES : RARE_RATES);
    if (random.chance(60) && faults.length > 0) calls.push({ name, rate, faults });
  }
  return { hard, calls };
}

function encoded(fault: Fault): string {
  if (fault === 'short') return 's';
  if (fault === 'late') return 'd';
  if (fault === 'EAGAIN+edge') return 'e';
  const [how, name] = fault.includes(':') ? fault.split(':') : ['', fault];
  const number = errno[name as keyof typeof errno] ?? LINUX_ERRNO[name!];
  if (number === undefined) throw new Error(`no errno is called ${name}`);
  return `${{ reset: 'k', done: 'a' }[how!] ?? ''}${number}`;
}

/** Those that node:os does not name. */
const LINUX_ERRNO: Record<string, number> = { EPROTO: 71 };

/** The plan as shim.c reads it. */
export function planText(plan: Plan): string {
  return plan.calls
    .map(({ name, rate, faults }) => `${name}/${rate}=${faults.map(encoded).join(',')}`)
    .join(';');
}

/** How often each call was made with faults on ("recv": 12), and each fault ("recv EINTR": 3). */
export type Tally = Map<string, number>;

export function addTally(to: Tally, from: Tally): void {
  for (const [name, count] of from) to.set(name, (to.get(name) ?? 0) + count);
}

/** The words that the runner and the shim share. */
export class Control {
  readonly #file: number;
  readonly #plan: Plan;

  constructor(path: string, plan: Plan) {
    this.#plan = plan;
    this.#file = openSync(path, 'w+');
    writeSync(this.#file, Buffer.alloc(4096), 0, 4096, 0);
  }

  set faults(on: boolean) {
    writeSync(this.#file, Buffer.from([on ? 1 : 0, 0, 0, 0]), 0, 4, 0);
  }

  tally(): Tally {
    const words = Buffer.alloc(4096);
    readSync(this.#file, words, 0, 4096, 0);
    const tally: Tally = new Map();
    for (const { name, faults } of this.#plan.calls) {
      const first = 16 + NAMES.indexOf(name) * KIND_WORDS;
      tally.set(name, words.readUInt32LE(first * 4));
      faults.forEach((fault, i) =>
        tally.set(`${name} ${fault}`, words.readUInt32LE((first + 1 + i) * 4)),
      );
    }
    return tally;
  }

  close(): void {
    closeSync(this.#file);
  }
}
