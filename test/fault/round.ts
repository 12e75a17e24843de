// One round: a server with one plan of faults, many conversations at once while the faults are on,
// and a look at everything when they are off again.

import path from 'node:path';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { FaultReport } from '../fixtures/faultServer';
import { testCerts } from '../support/tls';
import { checkConversations, checkServer } from './checks';
import { Conversation, type Kind, type Place } from './conversation';
import { FaultProcess, descriptorsOf, type Launch } from './faultProcess';
import { Control, choosePlan, planText, type Plan, type Tally } from './plan';
import { Random } from './random';

const AT_ONCE = 12;
const FAULTS_MS = 1200;
const STALL_MS = 5000;
const IDLE_WINDOW_MS = 300;
/** CPU time an idle server may take in that time; a spin takes all of it. */
const IDLE_CPU_MS = 200;

export interface RoundResult {
  problems: string[];
  plan: Plan;
  tally: Tally;
  conversations: number;
  messages: number;
  bytes: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(fact: () => boolean, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (!fact()) {
    if (Date.now() > deadline) return false;
    await pause(10);
  }
  return true;
}

/** Sends back what it gets; for the connections the server opens. */
export async function startBackServer(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The question that makes a server listen; `tries`: how often it may start again. */
export function listenQuestion(tries: number): string {
  const { chainPem, keyPem } = testCerts().server;
  return `listen ${JSON.stringify({ tls: { cert: chainPem, key: keyPem }, tries })}`;
}

export class Round {
  readonly #random: Random;
  readonly #plan: Plan;
  readonly #control: Control | null;
  readonly #process: FaultProcess;
  readonly #conversations: Conversation[] = [];
  readonly #problems: string[] = [];
  #place: Place = { port: 0, tlsPort: 0, ca: testCerts().ca.pem, backPort: 0 };
  #pid = 0;
  #nextId = 1;

  private constructor(random: Random, plan: Plan, launch: Launch, control: Control | null) {
    this.#random = random;
    this.#plan = plan;
    this.#control = control;
    this.#process = new FaultProcess(launch);
  }

  /** Faults by the shim, as the seed decides. */
  static withShim(seed: number, shim: string, folder: string, chosen?: Plan): Round {
    const random = new Random(seed);
    const plan = chosen ?? choosePlan(random);
    const file = path.join(folder, `control-${seed}`);
    const control = new Control(file, plan);
    const env = {
      LD_PRELOAD: shim,
      ICS_FAULT_SEED: String(seed),
      ICS_FAULT_PLAN: planText(plan),
      ICS_FAULT_CONTROL: file,
    };
    return new Round(random, plan, { env }, control);
  }

  /** Faults by strace: on from the start to the end. */
  static withStrace(seed: number, wrapper: string[], hard: boolean): Round {
    return new Round(new Random(seed), { hard, calls: [] }, { wrapper }, null);
  }

  /** With `kinds` one conversation of each, otherwise many for FAULTS_MS. */
  async run(back: Server, kinds?: Kind[]): Promise<RoundResult> {
    this.#place.backPort = (back.address() as AddressInfo).port;
    try {
      await this.#listen();
      const before = await this.#settle();
      this.#faults(true);
      if (kinds) this.#startAll(kinds);
      else await this.#traffic();
      this.#faults(false);
      await this.#finish();
      await this.#check(before);
    } catch (error) {
      this.#problems.push(String(error));
    }
    for (const conversation of this.#conversations) conversation.leave();
    await this.#process.stop();
    return this.#result();
  }

  #faults(on: boolean): void {
    if (this.#control) this.#control.faults = on;
  }

  async #listen(): Promise<void> {
    this.#faults(this.#random.chance(50));
    await this.#process.ask(listenQuestion(this.#plan.hard ? 500 : 0));
    this.#faults(false);
    const report = await this.#process.ask('report');
    this.#pid = report.pid;
    Object.assign(this.#place, { port: report.port, tlsPort: report.tlsPort });
    if (!this.#plan.hard && report.listenErrors.length > 0)
      this.#problems.push(`Listen raised ${report.listenErrors.join(', ')}`);
  }

  #start(kind?: Kind): Conversation {
    const conversation = new Conversation(this.#nextId++, this.#random, this.#place, kind);
    this.#conversations.push(conversation);
    return conversation;
  }

  #startAll(kinds: Kind[]): void {
    for (const kind of kinds) this.#start(kind);
  }

  // What the first connections bring into being for ever belongs to the start, not to a leak.
  async #settle(): Promise<Map<string, number>> {
    if (!this.#control) return new Map();
    await this.#served(['lines', 'lines', 'lines', 'bytes', 'back']);
    const kinds = descriptorsOf(this.#pid);
    // What comes into being once and stays, by calls that may fail at first: the reserve descriptor
    // of the listeners, the mailbox for lookups.
    for (const once of ['/dev/null', 'anon_inode:[eventfd]'])
      kinds.set(once, (kinds.get(once) ?? 0) + 1);
    return kinds;
  }

  async #served(kinds: Kind[]): Promise<void> {
    const conversations = kinds.map((kind) => this.#start(kind));
    for (const conversation of conversations) conversation.faultsAreOff();
    await this.#ends(conversations);
    for (const conversation of conversations)
      if (conversation.outcome === 'ended')
        this.#problems.push(`with the faults off: ${conversation.toString()}`);
    await this.#empty();
  }

  async #traffic(): Promise<void> {
    const stop = Date.now() + FAULTS_MS;
    const followed = new Set<Conversation>();
    while (Date.now() < stop && this.#process.ending === '') {
      const running = this.#conversations.filter(({ outcome }) => outcome === 'running');
      for (const one of running) {
        if (one.newPort === 0 || followed.has(one)) continue;
        followed.add(one);
        this.#visit(one.newPort);
      }
      if (running.length < AT_ONCE) this.#start();
      await pause(this.#random.below(10));
    }
  }

  // A listener that may go at any moment: whatever happens to this connection is all right.
  #visit(port: number): void {
    const place = { ...this.#place, port };
    const visitor = new Conversation(0, this.#random, place, 'sum');
    setTimeout(() => visitor.leave(), 200);
  }

  async #finish(): Promise<void> {
    for (const conversation of this.#conversations) conversation.faultsAreOff();
    await this.#ends(this.#conversations);
    await this.#empty();
  }

  /** Until all are over, or one has made no progress for too long. */
  async #ends(conversations: Conversation[]): Promise<void> {
    for (;;) {
      const running = conversations.filter(({ outcome }) => outcome === 'running');
      if (running.length === 0) return;
      if (this.#process.ending !== '')
        throw new Error(`the server is gone: ${this.#process.ending}\n${this.#process.said}`);
      if (running.every(({ lastProgress }) => Date.now() - lastProgress > STALL_MS)) return;
      await pause(10);
    }
  }

  // The stalled ones stay and are reported as such.
  async #empty(): Promise<void> {
    const running = (): number =>
      this.#conversations.filter(({ outcome }) => outcome === 'running').length;
    const deadline = Date.now() + STALL_MS;
    let report: FaultReport;
    do {
      report = await this.#process.ask('report');
      if (report.clientCount <= running()) return;
      await pause(10);
    } while (Date.now() < deadline);
    this.#problems.push(`${report.clientCount} clients are still there`);
  }

  async #check(before: Map<string, number>): Promise<void> {
    const stalled = this.#conversations.some(({ outcome }) => outcome === 'running');
    if (!stalled) {
      await this.#checkIdle();
      if (this.#control) await this.#served(['lines', 'bytes', 'lines', 'sum', 'pour']);
      if (before.size > 0) await this.#checkDescriptors(before);
    }
    const report = await this.#process.ask('report');
    this.#problems.push(
      ...checkConversations(this.#conversations, report, this.#plan.hard),
      ...(stalled ? [] : checkServer(report)),
    );
    if (this.#process.said !== '') this.#problems.push(`the server wrote: ${this.#process.said}`);
  }

  async #checkIdle(): Promise<void> {
    const { cpu } = await this.#process.ask('report');
    await pause(IDLE_WINDOW_MS);
    const used = (await this.#process.ask('report')).cpu - cpu;
    if (used > IDLE_CPU_MS)
      this.#problems.push(`${used} ms of CPU time in ${IDLE_WINDOW_MS} ms without anything to do`);
  }

  async #checkDescriptors(before: Map<string, number>): Promise<void> {
    let more: string[] = [];
    const back = await until(() => {
      const now = [...descriptorsOf(this.#pid)];
      more = now
        .filter(([kind, count]) => count > (before.get(kind) ?? 0))
        .map(([kind, count]) => `${kind}: ${count} instead of ${before.get(kind) ?? 0}`);
      return more.length === 0;
    }, STALL_MS);
    if (!back) this.#problems.push(`descriptors left: ${more.join(', ')}`);
  }

  #result(): RoundResult {
    const sum = (value: (one: Conversation) => number): number =>
      this.#conversations.reduce((total, one) => total + value(one), 0);
    const result = {
      problems: this.#problems,
      plan: this.#plan,
      tally: this.#control ? this.#control.tally() : new Map(),
      conversations: this.#conversations.length,
      messages: sum(({ messages }) => messages),
      bytes: sum(({ received }) => received),
    };
    this.#control?.close();
    return result;
  }
}
