// Plays a list of actions against a real server and real connections in this thread, and lets the
// model judge every event. Everything happens inside play(): Node's own loop does not run meanwhile.
import * as L from '../../lib';
import * as N from '../../lib/native';
import { CLIENT_VERBS, type Action, type EventName, textOf } from './actions';
import { Barrier } from './barrier';
import { payload } from './bytes';
import { callClient } from './clientCalls';
import { ConnectionModel, type Frame, type RestView } from './connectionModel';
import { BANNER, Model, TOO_BUSY } from './model';
import { RawPeer } from './peer';
import { Mismatch, type Rules } from './rules';
import { callServer } from './serverCalls';
import { wire } from './wiring';

/** An exception that a script throws. */
export class SimError extends Error {
  constructor(
    readonly id: number,
    readonly canClose: boolean,
  ) {
    super(`exception ${id}`);
  }
}

/** A connection with its peer and, once there is one, its client object. */
export interface Link {
  readonly conn: ConnectionModel;
  readonly peer: RawPeer;
  client: SimClient | null;
}

export class SimClient extends L.TWSocketClient {
  declare link: Link;
}

export interface Outcome {
  readonly steps: number;
  readonly failure: Mismatch | null;
  /** Number of the action during or behind which it was seen. */
  readonly at: number;
  readonly trace: readonly string[];
}

export interface PlayOptions {
  rules: Rules;
  /** Lines of what happened are kept. */
  trace?: boolean;
  /** How long something missing is waited for. */
  patienceMs?: number;
}

const CLIENT_CALLS = new Set<string>(CLIENT_VERBS);
const MAX_DEPTH = 24;

export class Driver {
  readonly model: Model;
  readonly server = new L.TWSocketServer();
  readonly links = new Map<ConnectionModel, Link>();
  readonly #bySlot: (Link | undefined)[] = [];
  readonly #armed = new Map<string, (readonly Action[])[]>();
  readonly #trace: string[] | null;
  readonly #pumper = new L.TWSocket();
  readonly #barrier = new Barrier(() => this.#pumper.ProcessMessage());
  readonly #patience: number;
  #failure: Mismatch | null = null;
  #exceptions = 0;
  #depth = 0;

  constructor(options: PlayOptions) {
    this.model = new Model(
      options.rules,
      (conn) => this.links.get(conn)?.client?.isDestroyed === true,
    );
    this.#trace = options.trace ? [] : null;
    this.#patience = options.patienceMs ?? 3000;
    wire(this);
  }

  get failed(): boolean {
    return this.#failure !== null;
  }

  note(line: string): void {
    this.#trace?.push(line);
  }

  /** Whether the model agrees; the first disagreement is kept. */
  readonly judge = (check: () => void): boolean => {
    try {
      check();
      return true;
    } catch (E) {
      if (!(E instanceof Mismatch)) throw E;
      this.#failure ??= E;
      return false;
    }
  };

  // ---- Playing -------------------------------------------------------------------------------------

  play(actions: readonly Action[]): Outcome {
    let at = 0;
    try {
      for (; at < actions.length && !this.failed; at++) {
        const action = actions[at]!;
        this.note(textOf(action));
        this.perform(action);
        if (action.quiet) this.rest();
      }
      if (!this.failed) this.rest();
    } finally {
      this.#tidy();
    }
    return { steps: at, failure: this.#failure, at: Math.max(0, at - 1), trace: this.#trace ?? [] };
  }

  #tidy(): void {
    if (!this.failed) this.#call('serverFree', null, () => callServer(this, 'serverFree', 0));
    this.#failure ??= this.failed ? null : this.#late();
    this.server.Free();
    for (const { peer } of this.links.values()) peer.close(N.CLOSE_RESET);
    this.#barrier.close();
    this.#pumper.Free();
  }

  // Whatever still comes after everything was freed is one event too many: the model says so.
  #late(): Mismatch | null {
    this.#pump();
    return this.#failure;
  }

  /** Also for scripts. Exceptions of handlers leave it as they would leave the call. */
  perform(action: Action): void {
    const { verb, slot, a, b } = action;
    if (verb === 'arm') {
      this.#arm(slot, action.event!, action.script!);
    } else if (verb === 'connect') {
      this.#connect(slot);
    } else if (verb.startsWith('peer')) {
      this.#peerDoes(verb, slot, a, b);
    } else if (CLIENT_CALLS.has(verb)) {
      const link = this.#bySlot[slot];
      if (link?.client && !this.model.freeing)
        this.#call(verb, link.conn, () => callClient(this, link, verb, a, b));
    } else if (verb === 'ProcessMessages' || verb === 'ProcessMessage') {
      this.#pump(verb === 'ProcessMessage');
    } else if (verb !== 'ignore') {
      this.#call(verb, null, () => callServer(this, verb, a));
    }
  }

  #call(verb: string, conn: ConnectionModel | null, body: () => void): void {
    const frame = this.model.enter('call', verb, conn);
    let reached = 0;
    try {
      body();
    } catch (E) {
      if (E instanceof SimError) reached = E.id;
      else if (!(E instanceof L.EAbort)) throw E;
      if (this.#depth > 0) throw E;
    } finally {
      this.judge(() => this.model.leave(frame, reached));
    }
  }

  #pump(once = false): boolean {
    const frame = this.model.enter('pump', 'pump');
    let busy = false;
    for (let left = 20_000; left > 0 && this.#pumper.ProcessMessage(); left--) {
      busy = true;
      if (once) break;
    }
    this.judge(() => this.model.leave(frame));
    return busy;
  }

  // ---- Peers ---------------------------------------------------------------------------------------

  #connect(slot: number): void {
    const before = this.#bySlot[slot];
    const free = !before || before.peer.gone;
    if (!free || this.#depth > 0 || this.server.State !== L.wsListening) return;
    if (before?.conn.listed) return; // the client object of the slot is still in use
    const conn = new ConnectionModel(this.links.size + 1, slot, this.model.rules);
    const link = { conn, peer: new RawPeer(), client: null };
    this.links.set(conn, link);
    this.#bySlot[slot] = link;
    this.model.all.push(conn);
    this.model.waiting.push(conn);
    const port = Number(this.server.GetXPort());
    let idle = 0;
    link.peer.connect(port, () => {
      if (this.#pump(true)) return true;
      this.#barrier.meet();
      return ++idle < 3;
    });
    // It was accepted and reset before it could be told that it is connected.
    const over = conn.phase === 'closed' || conn.phase === 'gone';
    if (link.peer.end !== 'open' || over) conn.relaxed = true;
    this.#barrier.meet();
  }

  #peerDoes(verb: string, slot: number, size: number, choice: number): void {
    const link = this.#bySlot[slot];
    if (!link || link.peer.gone) return;
    const { conn, peer } = link;
    if (verb === 'peerHold') {
      peer.held = size === 1;
      return;
    }
    if (verb === 'peerReset' || verb === 'peerLeave') this.#peerEnds(link, verb === 'peerReset');
    if (conn.peerEnded === 'no' && peer.connected) {
      if (verb === 'peerSend' && size > 0) {
        const bytes = payload(size, choice);
        conn.peerSent(bytes);
        peer.send(bytes);
      } else if (verb === 'peerFin') {
        conn.peerEnded = 'fin';
        peer.fin();
      }
    }
    this.#barrier.meet();
  }

  #peerEnds({ conn, peer }: Link, wanted: boolean): void {
    const reset = wanted && peer.connected; // before that its close is an ordinary one
    if (reset && conn.peerEnded !== 'no') conn.relaxed = true;
    conn.peerLeft(reset ? 'reset' : 'left');
    peer.close(reset ? N.CLOSE_RESET : N.CLOSE_GRACEFUL);
  }

  // ---- Handlers ------------------------------------------------------------------------------------

  #arm(slot: number, event: EventName, script: readonly Action[]): void {
    const key = `${slot} ${event}`;
    const scripts = this.#armed.get(key);
    if (scripts) scripts.push(script);
    else this.#armed.set(key, [script]);
  }

  /**
   * One event: the model checks it, the handler's own work and the armed script run, the model learns
   * how it ended. `body` gets the script.
   */
  event(
    name: EventName,
    conn: ConnectionModel | null,
    seen: string,
    check: () => void,
    body: (script: readonly Action[]) => void = () => undefined,
    left: (thrown: boolean, frame: Frame) => void = () => undefined,
  ): void {
    this.note(`${'  '.repeat(this.#depth + 1)}${conn?.name ?? 'server'} On${name} ${seen}`);
    this.model.sync();
    if (this.failed || this.model.isBeyond(conn) || !this.judge(check)) return;
    const frame = this.model.enter('event', name, conn);
    let thrown: unknown;
    try {
      const script = this.#takeScript(name, conn);
      body(script);
      this.#run(script);
    } catch (E) {
      thrown = E;
    }
    this.judge(() => this.model.leave(frame));
    this.judge(() => left(thrown !== undefined, frame));
    if (thrown === undefined) return;
    // What OnBgException itself throws is ignored.
    if (name !== 'BgException') {
      const [id, canClose] = thrown instanceof SimError ? [thrown.id, thrown.canClose] : [0, false];
      this.model.thrown(name, conn, id, canClose);
    }
    throw thrown;
  }

  #takeScript(name: EventName, conn: ConnectionModel | null): readonly Action[] {
    if (!conn || this.#depth >= MAX_DEPTH) return [];
    return this.#armed.get(`${conn.slot} ${name}`)?.shift() ?? [];
  }

  #run(script: readonly Action[]): void {
    this.#depth++;
    try {
      for (const action of script) {
        if (this.failed) return;
        this.note(`${'  '.repeat(this.#depth + 1)}${textOf(action)}`);
        if (action.verb === 'throw') throw new SimError(++this.#exceptions, action.a === 1);
        if (action.verb === 'throwAbort') throw new L.EAbort('silent');
        this.perform(action);
      }
    } finally {
      this.#depth--;
    }
  }

  // ---- At rest -------------------------------------------------------------------------------------

  /** Dispatches until nothing moves; then nothing may be missing. */
  rest(): void {
    const deadline = Date.now() + this.#patience;
    for (;;) {
      this.#settle();
      if (this.failed) return;
      for (const { conn } of this.links.values()) conn.readOutside = conn.rearmed = false;
      const missing = this.#missing();
      if (!missing) return;
      if (Date.now() > deadline) {
        this.#failure ??= new Mismatch(...missing);
        return;
      }
      N.native.poll(1);
    }
  }

  #settle(): void {
    let moving = true;
    while (moving && !this.failed) {
      moving = this.#pump();
      this.#barrier.meet();
      for (const { conn, peer } of this.links.values())
        this.judge(() => {
          if (peer.take((bytes) => conn.peerGot(bytes))) moving = true;
        });
    }
  }

  #missing(): [string, string] | null {
    const clients = [...this.server.Client].map((client) => (client as SimClient).link.conn);
    const missing = this.model.missing(L.TSocketState[this.server.State], clients);
    if (missing) return missing;
    for (const link of this.links.values()) {
      const one = link.conn.missing(this.#view(link));
      if (one) return one;
    }
    return null;
  }

  #view({ client, peer }: Link): RestView {
    return {
      state: client ? L.TSocketState[client.State] : 'no object',
      destroyed: client?.isDestroyed ?? true,
      allSent: client?.AllSent ?? true,
      dropped: client?.DroppedByteCount ?? 0,
      peerHeld: peer.held || peer.gone,
      peerEnd: peer.end,
    };
  }
}

/** Plays `actions` from a fresh start. */
export function play(actions: readonly Action[], options: PlayOptions): Outcome {
  return new Driver(options).play(actions);
}

export { BANNER, TOO_BUSY };
