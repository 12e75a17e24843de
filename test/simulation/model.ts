// The reference model of a server and its connections: which event may come now, what every call
// must answer, what must have happened at rest. Written from the ICS semantics (flows F1 to F17),
// not from the package. Throws a Mismatch; changes nothing but itself.
import { CLOSED, CONNECTED, ConnectionModel } from './connectionModel';
import type { Frame, Thrown } from './connectionModel';
import { expect, type Rules } from './rules';

export const BANNER = 'hello';
export const TOO_BUSY = 'busy';

const LISTENING = 'wsListening';
/** Calls that swallow an exception of a handler they have fired. */
const SWALLOWS = new Set(['Disconnect', 'DisconnectAll', 'Free', 'serverFree']);
const SERVER_EVENTS = new Set([
  'SessionAvailable',
  'ClientCreate',
  'ClientConnect',
  'ClientDisconnect',
]);

export class Model {
  state: typeof CLOSED | typeof LISTENING | 'wsBound' | 'freed' = CLOSED;
  paused = false;
  maxClients = 0;
  banner = '';
  closeDelayed = false;
  /** Connections the listener has not accepted yet, and clients in the order of Client[]. */
  readonly waiting: ConnectionModel[] = [];
  readonly listed: ConnectionModel[] = [];
  readonly all: ConnectionModel[] = [];
  readonly #frames: Frame[] = [];
  #announced: ConnectionModel | null = null;
  #lastCliId = 0;
  #aborted = false;

  /** `vanished` tells of a client object whether Release has freed it. */
  constructor(
    readonly rules: Rules,
    private readonly vanished: (conn: ConnectionModel) => boolean,
  ) {}

  // ---- Frames --------------------------------------------------------------------------------------

  enter(kind: Frame['kind'], name: string, conn: ConnectionModel | null = null): Frame {
    const input = conn?.inbound.length ?? 0;
    const frame: Frame = { kind, name, conn, thrown: [], input, read: conn?.read ?? 0 };
    if (kind === 'pump') this.#pumpBegins();
    this.#frames.push(frame);
    return frame;
  }

  #pumpBegins(): void {
    for (const conn of this.listed) {
      if (conn.phase === 'creating' && conn.closing === 'must') conn.closing = 'may';
      if (this.#frames.length === 0) conn.turnInput = conn.inbound.length;
    }
  }

  /** `reached`: the exception that leaves, 0: none. */
  leave(frame: Frame, reached = 0): void {
    this.#frames.pop();
    for (const conn of [...this.listed]) if (conn.grace === frame) this.unlist(conn);
    this.sync();
    const last = frame.thrown.at(-1);
    if (!last || last.maybe) return;
    const kept = frame.kind === 'call' && (last.id === reached || SWALLOWS.has(frame.name));
    expect(
      kept,
      `OnBgException or the caller gets exception ${last.id} of On${last.event}`,
      'lost',
    );
  }

  /** What the next event comes from. */
  get below(): Frame {
    return this.#frames.at(-1)!;
  }

  /** The server is being destroyed: its clients go one by one. */
  get freeing(): boolean {
    return this.#frames.some((frame) => frame.name === 'serverFree');
  }

  /**
   * Not compared, and nothing is done in it: an event that a pump inside the destruction of the server
   * dispatches for a client whose turn has not come. The model takes all of them for gone at once.
   */
  isBeyond(conn: ConnectionModel | null): boolean {
    return this.freeing && this.below.kind === 'pump' && conn?.grace?.name === 'serverFree';
  }

  /** The connection whose object comes next. */
  get announced(): ConnectionModel | null {
    return this.#announced;
  }

  /** Released objects leave without an event. */
  sync(): void {
    for (const conn of [...this.listed]) {
      if (!conn.released || !this.vanished(conn)) continue;
      if (conn.phase === 'gone') this.unlist(conn);
      else this.#remove(conn);
    }
  }

  #remove(conn: ConnectionModel): void {
    if (conn.phase === 'open') {
      conn.grace = this.below;
      conn.endKind = conn.sendShut || conn.peerEnded !== 'no' ? 'any' : 'fin';
      if (conn.inbound.length - conn.read > 32768) conn.relaxed = true;
    }
    conn.phase = 'gone';
    // The object leaves the list at the end of its destruction, behind its last OnChangeState.
    if (conn.grace === null) this.unlist(conn);
  }

  unlist(conn: ConnectionModel): void {
    conn.grace = null;
    const place = this.listed.indexOf(conn);
    if (place >= 0) this.listed.splice(place, 1);
  }

  // ---- What the application calls ------------------------------------------------------------------

  freed(conn: ConnectionModel): void {
    this.#remove(conn);
  }

  serverFreed(): void {
    this.#refuseWaiting();
    this.state = 'freed';
    this.#announced = null;
    for (const conn of [...this.listed]) this.#remove(conn);
  }

  #refuseWaiting(): void {
    for (const conn of this.waiting.splice(0)) conn.phase = 'gone';
    if (this.#announced?.phase === 'waiting') this.#announced.phase = 'gone';
    if (this.#announced) this.#announced.acceptFails = true;
  }

  // ---- Events of the server ------------------------------------------------------------------------

  serverState(from: string, to: string): void {
    const seen = `server OnChangeState ${from} → ${to}`;
    const below = this.below;
    if (this.state === 'freed') {
      expect(this.freeing && to === CLOSED, 'nothing after the server was freed', seen);
      return;
    }
    expect(from === this.state && from !== to, `a change from ${this.state}`, seen);
    if (to === CLOSED) {
      const asked = below.kind === 'call' || this.closeDelayed || this.#aborted;
      expect(asked, 'the listener stays open', seen);
      this.#refuseWaiting();
    }
    this.state = to as typeof CLOSED;
  }

  serverClosed(error: number): void {
    const seen = `server OnSessionClosed(${error})`;
    expect(this.state === CLOSED && error === 0, 'after the state, with 0', seen);
    this.closeDelayed = this.#aborted = this.paused = false;
  }

  /** The connection the server announces now. */
  sessionAvailable(error: number): ConnectionModel | null {
    const seen = `OnSessionAvailable(${error})`;
    expect(this.state === LISTENING && !this.paused, 'none unless listening', seen);
    const conn = this.waiting.shift();
    expect(conn !== undefined && error === 0, 'one for each connection', seen);
    this.#announced = conn ?? null;
    return this.#announced;
  }

  sessionAvailableLeft(conn: ConnectionModel, thrown: boolean): void {
    if (thrown && conn.phase === 'waiting') this.#refuse(conn);
  }

  #refuse(conn: ConnectionModel): void {
    this.#remove(conn);
    conn.endKind = 'any';
    if (this.#announced === conn) this.#announced = null;
  }

  clientCreate(conn: ConnectionModel | null, cliId: number, count: number): void {
    const seen = `OnClientCreate, CliId ${cliId}, ClientCount ${count}`;
    expect(conn?.phase === 'waiting' && conn === this.#announced, 'after its announcement', seen);
    conn!.phase = 'creating';
    this.listed.push(conn!);
    const expected = `CliId ${++this.#lastCliId}, ClientCount ${this.listed.length}`;
    expect(seen.endsWith(expected), expected, seen);
  }

  clientCreateLeft(conn: ConnectionModel, thrown: boolean): void {
    if (this.#announced === conn) this.#announced = null;
    conn.banner = this.banner;
    if (thrown && conn.phase === 'creating') this.#refuse(conn);
  }

  clientConnect(conn: ConnectionModel, error: number, count: number): void {
    const seen = `${conn.name} OnClientConnect(${error}), ClientCount ${count}`;
    expect(conn.listed && !conn.connectTold, `${conn.name}: one OnClientConnect`, seen);
    expect(this.below.kind === 'pump', 'from the pump', seen);
    const expected = `OnClientConnect(${conn.acceptFails ? 10053 : 0}), ClientCount ${this.listed.length}`;
    expect(seen.endsWith(expected), expected, seen);
    conn.connectTold = true;
    conn.adopting = false;
  }

  clientConnectLeft(conn: ConnectionModel, thrown: boolean): void {
    if (conn.acceptFails) {
      if (conn.phase === 'creating') this.#refuse(conn);
      return;
    }
    if (thrown || conn.phase !== 'open') return;
    const tooMany =
      this.maxClients > 0 && this.listed.length > this.maxClients + this.rules.clientsAbove;
    const text = tooMany ? TOO_BUSY : conn.banner;
    if (text !== '' && !conn.sendShut) conn.sending(Buffer.from(`${text}\r\n`));
    if (tooMany) conn.closing = 'must';
  }

  clientDisconnect(conn: ConnectionModel, error: number, count: number): void {
    const seen = `${conn.name} OnClientDisconnect(${error}), ClientCount ${count}`;
    expect(conn.listed && !conn.disconnecting, `${conn.name}: one OnClientDisconnect`, seen);
    expect(count === this.listed.length, `ClientCount ${this.listed.length}`, seen);
    conn.disconnecting = true;
    const below = this.below;
    if (below.kind === 'call') {
      const all = below.name === 'DisconnectAll';
      expect(all || (below.name === 'Disconnect' && below.conn === conn), 'not from here', seen);
      const code = all ? this.rules.disconnectError : conn.disconnectCode;
      expect(error === code, `OnClientDisconnect(${code})`, seen);
      return;
    }
    expect(conn.sessionClosed && !conn.releasing, `${conn.name} OnSessionClosed first`, seen);
    expect(error === conn.sessionError, `OnClientDisconnect(${conn.sessionError})`, seen);
  }

  clientDisconnectLeft(conn: ConnectionModel): void {
    if (conn.listed) this.#remove(conn);
  }

  // ---- Exceptions ----------------------------------------------------------------------------------

  /** An exception leaves an event; id 0 is EAbort. */
  thrown(event: string, conn: ConnectionModel | null, id: number, canClose: boolean): void {
    const ending = event === 'ChangeState' || event === 'SessionClosed';
    // An EAbort that follows takes the place of what was on its way.
    if (id === 0) for (const earlier of this.below.thrown) earlier.maybe = true;
    const aborting = conn?.aborted === true && ending && this.below.kind === 'pump';
    if (aborting && !conn.adopting) return; // ignored while one is handled
    const dying = event === 'ChangeState' && (conn?.phase === 'gone' || conn?.releasing === true);
    if (id !== 0) this.below.thrown.push({ id, canClose, event, conn, maybe: dying || aborting });
  }

  bgException(sender: ConnectionModel | null, id: number, text: string): Thrown {
    const seen = `OnBgException of ${sender?.name ?? 'the server'}: ${text}`;
    const { thrown } = this.below;
    const at = thrown.findIndex((one) => one.id === id);
    expect(at >= 0, 'only exceptions of handlers, once', seen);
    const one = thrown[at]!;
    thrown.splice(0, at + 1);
    const own = one.conn === sender && !SERVER_EVENTS.has(one.event);
    const ofServer =
      SERVER_EVENTS.has(one.event) || one.conn === null || one.event === 'ChangeState';
    expect(
      own || (sender === null && ofServer),
      `OnBgException of the component of On${one.event}`,
      seen,
    );
    return one;
  }

  bgExceptionLeft(sender: ConnectionModel | null, canClose: boolean): void {
    // It belongs to the handler that has thrown: what arrived in it was there when that ended.
    if (sender?.declined) sender.declined.high = sender.inbound.length;
    if (!canClose) return;
    if (sender) {
      sender.aborted ||= this.rules.abortsOnException && sender.phase === 'open';
    } else if (this.state !== 'freed') {
      this.#aborted = this.state !== CLOSED;
    }
  }

  // ---- At rest -------------------------------------------------------------------------------------

  /** What is missing of the server when nothing more happens, or null. */
  missing(state: string, clients: readonly (ConnectionModel | null)[]): [string, string] | null {
    this.sync();
    if (this.state === 'freed') return null;
    if (state !== this.state) return [`server ${this.state}`, `server ${state}`];
    if (this.closeDelayed && this.state === LISTENING) return ['server closed', 'listening'];
    if (this.#aborted) return ['server aborted', 'listening'];
    if (this.state === LISTENING && !this.paused && this.waiting.length > 0)
      return [`${this.waiting.length} connections accepted`, 'waiting'];
    const names = (list: readonly (ConnectionModel | null)[]): string =>
      `Client[] = ${list.map((conn) => conn?.name ?? '?').join(' ')}`;
    const [expected, seen] = [names(this.listed), names(clients)];
    return expected === seen ? null : [expected, seen];
  }
}

export { CLOSED, CONNECTED, LISTENING };
