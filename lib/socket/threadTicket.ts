// A socket on its way from one thread to another. JavaScript objects cannot change threads, but what
// they stand for can: the socket itself with its queues and counters is parked in the core, and a
// ticket tells another object, in any thread, how to go on with it.
import { constants } from 'node:os';
import {
  EIcsException,
  ESocketException,
  WSAENOTSOCK,
  WSocketErrorDesc,
  wsaFromSocketErrno,
} from '../errors';
import * as N from '../native';
import {
  callInfo,
  callTotals,
  detach,
  post,
  reference,
  startTimer,
  stopTimer,
} from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import { TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { closeWhenSent } from './close';
import { dropPending, own } from './listen';
import { WM_ICS_DATA_SENT } from './messages';
import * as F from './socketFlags';

const { native } = N;
const { ENOENT } = constants.errno;

/**
 * Addition: stands for a socket that has left its object. A plain object: it may be sent to another
 * thread with postMessage. ThreadAttach takes it, once; DropThreadTicket closes what it stands for.
 */
export interface TThreadTicket {
  readonly Token: number;
  readonly State: TSocketState;
  readonly Flags: number;
  readonly Properties: Readonly<Record<string, unknown>>;
  /** A server's further listeners; Ticket is null for one that was closed. */
  readonly Items?: readonly TThreadTicketItem[];
}

/** One item of MultiListenSockets inside a ticket. */
export interface TThreadTicketItem {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly Ticket: TThreadTicket | null;
}

/** Facts that are the connection's and not the component's. */
const MOVED_FLAGS =
  F.PAUSED |
  F.SEND_SHUT |
  F.PEER_SHUT |
  F.ABOVE_HIGH |
  F.DATAGRAM |
  F.CLOSE_WHEN_SENT |
  F.CLOSE_POSTED |
  F.DATA_SENT_QUEUED;

/**
 * Fields the object that takes over needs to know: the ones behind the properties, because only they
 * can be own members of an object. Those that a class does not have are passed over.
 */
const MOVED_PROPERTIES: readonly string[] = [
  'lineMode',
  'lineEnd',
  'lineLimit',
  'LineEcho',
  'LineEdit',
  'options',
  'closeFlushTimeout',
  'sendQueueLimit',
  'sendQueueHigh',
  'sendQueueLow',
  'HalfClose',
  'CoalesceSends',
  'bufSize',
  'SocketErrs',
  'KeepAliveOnOff',
  'keepAliveTime',
  'keepAliveInterval',
  'linger',
  'lingerSeconds',
  'assignedLinger',
  'texts',
  'portNum',
  'family',
  'explicitFamily',
  'addrResolved',
  'punycodeHost',
  'acceptBudget',
  'AcceptFailCount',
  'assignedBacklog',
  'ReuseAddr',
  'ReusePort',
  'MultiCast',
  'MultiCastAddrStr',
  'multiCastIpTTL',
  'MultiCastLoop',
  'Broadcast',
  'timeoutIdle',
  'timeoutConnect',
  'timeoutSampling',
  'bandwidthLimit',
  'bandwidthSampling',
];

/** A socket that has just arrived. */
export interface Arrival {
  readonly handle: number;
  readonly state: TSocketState;
  readonly queued: number;
  readonly ticket: TThreadTicket;
}

/**
 * Takes the socket out of its object, which is an empty, closed one afterwards; nothing fires.
 * lifeMs: how long the ticket is good for, 0: for ever. onlyAssigned: properties at their defaults
 * are left to the object that takes over.
 */
export function takeTicket(
  socket: TCustomWSocket,
  lifeMs: number,
  onlyAssigned = false,
): TThreadTicket {
  const handle = socket.socketHandle;
  const { state } = socket;
  const movable =
    handle !== 0 &&
    !socket.negotiating &&
    (state === TSocketState.wsConnected || state === TSocketState.wsListening);
  if (!movable) throw refusal(WSAENOTSOCK, 'TakeThreadTicket');
  const Properties = describe(socket, onlyAssigned);
  const Flags = socket.flags & MOVED_FLAGS;
  const Token = native.park(handle, lifeMs);
  if (Token < 0) throw refusal(wsaFromSocketErrno(-Token), 'TakeThreadTicket');
  empty(socket, handle);
  if (lifeMs > 0) sweepLater(lifeMs);
  return { Token, State: state, Flags, Properties };
}

function describe(socket: TCustomWSocket, onlyAssigned: boolean): Record<string, unknown> {
  const values = socket as unknown as Record<string, unknown>;
  const found: Record<string, unknown> = {};
  for (const name of MOVED_PROPERTIES) {
    if (onlyAssigned ? !Object.hasOwn(values, name) : !(name in values)) continue;
    const value = values[name];
    found[name] = value instanceof Set ? new Set(value) : value;
  }
  return found;
}

function empty(socket: TCustomWSocket, handle: number): void {
  socket.readTotal = callTotals[N.TOTAL_READ]!;
  socket.writeTotal = callTotals[N.TOTAL_WRITTEN]!;
  detach(handle);
  if (!(socket.flags & F.UNREFERENCED)) reference(-1);
  dropPending(socket);
  stopTimer(socket.closeTimer);
  socket.socketHandle = 0;
  socket.queued = 0;
  socket.flags &= F.COMPONENT_FLAGS;
  socket.state = TSocketState.wsClosed;
  socket.beforeRelease();
  socket.AssignDefaultValue();
}

/** The socket a ticket stands for. After an exception the ticket is as good as it was. */
export function redeemTicket(socket: TCustomWSocket, ticket: TThreadTicket): Arrival {
  if (!isTicket(ticket)) throw new EIcsException('Not a thread ticket', 'ETICKET');
  const free =
    socket.socketHandle === 0 && socket.state === TSocketState.wsClosed && !socket.isDestroyed;
  if (!free) throw new EIcsException('Cannot attach a ticket when not closed', 'ETICKET');
  sweepNow(); // who has parked other sockets may be gone
  const handle = native.unpark(ticket.Token);
  if (handle === -ENOENT)
    throw new EIcsException('The thread ticket was used or its time is over', 'ETICKET');
  if (handle < 0) throw refusal(wsaFromSocketErrno(-handle), 'ThreadAttach');
  const listening = callInfo[N.INFO_COUNT] === N.KIND_LISTENING;
  const connected = callInfo[N.INFO_COUNT] === N.KIND_CONNECTED;
  const { wsConnected, wsListening } = TSocketState;
  const state = listening ? wsListening : connected ? wsConnected : ticket.State;
  return { handle, state, queued: callInfo[N.INFO_QUEUED]!, ticket };
}

/** The object goes on with the socket: everything that waits is told again. */
export function arrive(socket: TCustomWSocket, arrival: Arrival): void {
  const { handle, ticket } = arrival;
  applyProperties(socket, ticket);
  socket.flags &= F.COMPONENT_FLAGS & ~F.CLOSE_SIGNALLED;
  socket.flags |= ticket.Flags & MOVED_FLAGS & ~(F.CLOSE_WHEN_SENT | F.CLOSE_POSTED);
  own(socket, handle);
  socket.queued = arrival.queued;
  socket.moved();
  if (arrival.state === TSocketState.wsListening && !(socket.flags & F.PAUSED))
    native.pause(handle, false); // it may have been waiting for descriptors
  if (socket.flags & F.DATA_SENT_QUEUED) post(socket, WM_ICS_DATA_SENT);
  if (ticket.Flags & F.CLOSE_POSTED) socket.CloseDelayed();
  socket.changeState(arrival.state);
  if (socket.socketHandle !== handle) return;
  if (ticket.Flags & F.CLOSE_WHEN_SENT) closeWhenSent(socket);
  else if (!(socket.flags & F.PAUSED)) socket.continueInput();
}

function applyProperties(socket: TCustomWSocket, { Properties }: TThreadTicket): void {
  const values = socket as unknown as Record<string, unknown>;
  for (const name of MOVED_PROPERTIES) {
    if (!(name in values) || !Object.hasOwn(Properties, name)) continue;
    if (values[name] !== Properties[name]) values[name] = Properties[name];
  }
}

/** Closes what a ticket stands for. False: somebody has taken it, or its time was over. */
export function DropThreadTicket(Ticket: TThreadTicket): boolean {
  if (!isTicket(Ticket)) throw new EIcsException('Not a thread ticket', 'ETICKET');
  for (const item of Ticket.Items ?? []) if (item.Ticket) native.dropParked(item.Ticket.Token);
  return native.dropParked(Ticket.Token) === 0;
}

function isTicket(value: unknown): value is TThreadTicket {
  if (typeof value !== 'object' || value === null) return false;
  const { Token, State, Flags, Properties, Items } = value as Record<string, unknown>;
  return (
    Number.isInteger(Token) &&
    Number.isInteger(State) &&
    Number.isInteger(Flags) &&
    typeof Properties === 'object' &&
    Properties !== null &&
    (Items === undefined || Array.isArray(Items))
  );
}

function refusal(code: number, func: string): ESocketException {
  const desc = WSocketErrorDesc(code);
  return new ESocketException(`${desc} (#${code} in ${func})`, code, desc, '', func);
}

let sweep: ReactorTimer | null = null;

// One timer per thread closes the sockets of tickets that nobody has used in time.
function sweepLater(delayMs: number): void {
  if (sweep && sweep.due <= performance.now() + delayMs) return;
  stopTimer(sweep);
  sweep = startTimer(delayMs, () => {
    sweep = null;
    sweepNow();
  });
}

function sweepNow(): void {
  const next = native.expireParked();
  if (next >= 0) sweepLater(next);
}
