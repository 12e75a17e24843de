// What peers and application do, as plain data: a list of actions can be written down, cut and played
// again. The generator never looks at what happens, so a seed always gives the same list.
import { Random } from './random';

/** Done by the peer of a slot. */
export const PEER_VERBS = ['peerSend', 'peerFin', 'peerReset', 'peerLeave', 'peerHold'] as const;
/** Called on the client object of a slot; a and b are arguments. */
export const CLIENT_VERBS = [
  'Close',
  'CloseDelayed',
  'Abort',
  'Free',
  'Release',
  'Shutdown',
  'Disconnect',
  'Pause',
  'Resume',
  'Send',
  'PutData',
  'LineMode',
  'Receive',
  'PeekData',
  'NoReceiveLoop',
] as const;
/** Called on the server, or on the pump. */
export const SERVER_VERBS = [
  'DisconnectAll',
  'MaxClients',
  'Banner',
  'serverClose',
  'serverCloseDelayed',
  'serverAbort',
  'serverListen',
  'serverPause',
  'serverResume',
  'serverFree',
  'ProcessMessages',
  'ProcessMessage',
] as const;
/** Only in scripts: how the handler ends, and that OnDataAvailable reads nothing. */
export const SCRIPT_VERBS = ['throw', 'throwAbort', 'ignore'] as const;

export type Verb =
  | 'connect'
  | 'arm'
  | (typeof PEER_VERBS)[number]
  | (typeof CLIENT_VERBS)[number]
  | (typeof SERVER_VERBS)[number]
  | (typeof SCRIPT_VERBS)[number];

/** Events that a script can be waiting for. */
export const EVENTS = [
  'SessionAvailable',
  'ClientCreate',
  'ClientConnect',
  'ClientDisconnect',
  'ChangeState',
  'DataAvailable',
  'DataSent',
  'SendData',
  'SessionClosed',
  'PeerShutdown',
  'LineLimitExceeded',
  'BgException',
] as const;
export type EventName = (typeof EVENTS)[number];

export interface Action {
  readonly verb: Verb;
  /** The connection that is meant: the latest one of this slot. */
  readonly slot: number;
  readonly a: number;
  readonly b: number;
  /** Everything is dispatched before the next action. */
  readonly quiet: boolean;
  /** arm: what the next such event of the slot does. */
  readonly event?: EventName;
  readonly script?: readonly Action[];
}

export const SLOTS = 6;
/** A Send of this size does not fit into the kernel while its peer does not read. */
export const FLOOD = 5 << 20;

const WEIGHTS: Readonly<Partial<Record<Verb, number>>> = {
  peerSend: 40,
  peerFin: 5,
  peerReset: 4,
  peerLeave: 8,
  peerHold: 3,
  Close: 4,
  CloseDelayed: 4,
  Abort: 3,
  Free: 2,
  Release: 2,
  Shutdown: 2,
  Disconnect: 2,
  Pause: 3,
  Resume: 5,
  Send: 24,
  PutData: 2,
  LineMode: 6,
  Receive: 4,
  PeekData: 2,
  NoReceiveLoop: 2,
  MaxClients: 6,
  DisconnectAll: 1,
  Banner: 1,
  serverClose: 1,
  serverCloseDelayed: 1,
  serverListen: 14,
  serverPause: 1,
  serverResume: 3,
  ProcessMessages: 6,
  ProcessMessage: 4,
};
/** One in so many actions of a script or list is one of these. */
const RARE: readonly Verb[] = ['DisconnectAll', 'serverAbort', 'serverClose', 'serverFree'];
const RARE_ONCE = 150;

const MAIN_VERBS = weighted({ ...WEIGHTS, connect: 34, arm: 34 });
const HANDLER_VERBS = weighted({
  ...WEIGHTS,
  peerSend: 8,
  throw: 14,
  throwAbort: 3,
  ignore: 10,
  ProcessMessages: 14,
});
const CLOSE_CODES = [10053, 10060, 0];

function weighted(weights: Partial<Record<Verb, number>>): Verb[] {
  const verbs: Verb[] = [];
  for (const [verb, weight] of Object.entries(weights))
    for (let i = 0; i < weight; i++) verbs.push(verb as Verb);
  return verbs;
}

/** `count` actions. */
export function generate(seed: number, count: number): Action[] {
  const random = new Random(seed);
  const actions: Action[] = [];
  while (actions.length < count) actions.push(mainAction(random));
  return actions;
}

function mainAction(random: Random): Action {
  const verb = random.once(RARE_ONCE) ? random.pick(RARE) : random.pick(MAIN_VERBS);
  const slot = random.below(SLOTS);
  const action = { verb, slot, ...args(random, verb), quiet: random.below(10) < 6 };
  if (verb !== 'arm') return action;
  return { ...action, event: random.pick(EVENTS), script: script(random, slot) };
}

function script(random: Random, slot: number): Action[] {
  const actions: Action[] = [];
  for (let left = 1 + random.below(3); left > 0; left--) {
    const verb = random.once(RARE_ONCE) ? random.pick(RARE) : random.pick(HANDLER_VERBS);
    const other = random.below(10) < 7 ? slot : random.below(SLOTS);
    actions.push({ verb, slot: other, ...args(random, verb), quiet: false });
  }
  return actions;
}

function args(random: Random, verb: Verb): { a: number; b: number } {
  switch (verb) {
    case 'peerSend':
      return { a: size(random), b: random.next() };
    case 'Send':
      return { a: random.once(120) ? FLOOD : size(random), b: random.next() };
    case 'PutData':
      return { a: 1 + size(random), b: random.next() };
    case 'Receive':
    case 'PeekData':
      return { a: 1 + random.below(random.once(3) ? 4096 : 12), b: 0 };
    case 'Shutdown':
      return { a: random.once(4) ? random.below(3) : 1, b: 0 };
    case 'Disconnect':
      return { a: random.pick(CLOSE_CODES), b: 0 };
    case 'LineMode':
      return { a: random.once(4) ? 0 : 1, b: 0 };
    case 'MaxClients':
      return { a: random.below(SLOTS), b: 0 };
    default:
      return { a: random.below(2), b: 0 };
  }
}

function size(random: Random): number {
  const kind = random.below(64);
  if (kind === 0) return random.below(65537);
  if (kind < 6) return random.below(4096);
  return random.below(60);
}

/** One line per action, scripts in braces. */
export function textOf(action: Action): string {
  const { verb, slot, a, b } = action;
  if (verb === 'arm')
    return `in On${action.event} of #${slot}: { ${(action.script ?? []).map(textOf).join('; ')} }`;
  if (verb === 'throw') return `throw (CanClose ${a === 1})`;
  if (verb === 'throwAbort' || verb === 'ignore') return verb;
  if ((SERVER_VERBS as readonly string[]).includes(verb)) return `${verb}(${a})`;
  return `#${slot}.${verb}(${a}${b ? `, ${b}` : ''})${action.quiet ? '' : ' …'}`;
}
