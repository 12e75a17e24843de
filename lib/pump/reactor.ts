// The pump of a thread: takes the core's socket events, posted messages and due timers one at a
// time and gives them to their components. ICS: the thread's message loop.
//
//  - From Node's loop: one call per turn (onTurn), at most TURN_BUDGET dispatches; the rest comes in
//    the next turn, so that Node's timers and other sockets live.
//  - From application code: step() does one thing and never blocks; used by ProcessMessage(s) and
//    MessageLoop, at top level and inside handlers. The nested pump goes on with the outer queue.
//  - After every dispatch: output that was coalesced goes out, promise continuations run.
import { performance } from 'node:perf_hooks'; // the global of that name is a getter
import { isMainThread } from 'node:worker_threads';
import { EVENT_FIELDS, FD_LOOKUP, INFO_PENDING, SLOT_MASK, native } from '../native';
import {
  MESSAGE_QUEUE_SIZE,
  MessageQueue,
  type MessageTarget,
  type QueuedMessage,
} from './messageQueue';
import { type ReactorTimer, TimerList } from './timerList';

/** A socket component as the pump sees it. */
export interface SocketTarget {
  /** The native handle its events carry; another one means the event is too late. */
  readonly socketHandle: number;
  onSocketEvent(events: number, error: number): void;
  /** Sends what was coalesced during the dispatch. Must not throw. */
  flushCoalesced(): void;
  HandleBackGroundException(E: unknown, Source: string): void;
}

/** Dispatches per turn of Node's loop. */
const TURN_BUDGET = 1000;
/** Messages in a row before the pump looks at the sockets again. */
const MESSAGE_BURST = 64;
const TIMER_SLACK_MS = 2;
/** Events of a poll behind which there may be more. */
const FULL_POLL = 1024;
/** So many full polls before a timer that is due. */
const MAX_FULL_POLLS = 64;
/** Longest sleep of a MessageLoop: a worker is terminated only when it runs JavaScript. */
const MAX_WAIT_MS = 100;
/** Pumps inside pumps; a deeper one dispatches nothing. */
export const MAX_PUMP_DEPTH = 32;

const { poll } = native;
const targets: (SocketTarget | undefined)[] = [];
const messages = new MessageQueue();
const timers = new TimerList();
let unflushed: SocketTarget[] = [];
let depth = 0;
let burst = 0;
let referenced = 0;
let wakeScheduled = false;
let drivingNodeLoop = false;
let armedFor = Infinity;
/** When the kernel was last asked for all it had. */
let polledAt = -Infinity;
let fullPolls = 0;

const { events, stops, totals } = native.start(onTurn);

/** Facts beside the last native call's result (INFO_ constants), and arguments (ARG_ constants). */
export const callInfo: Int32Array = events;
/** Where the lines of the last takeLines end. */
export const lineStops: Int32Array = stops;
/** Totals of the socket that totals() or close() was called for (TOTAL_ constants). */
export const callTotals: Float64Array = totals;

// Node runs this between two callbacks of its own; the name is a legacy one but the only way to let
// promises proceed between two handlers of a batch. Without it they run at the end of the turn.
const tickCallback = (process as unknown as { _tickCallback?: () => void })._tickCallback;
const drainPromises: () => void =
  typeof tickCallback === 'function' ? () => runTicks(tickCallback) : () => undefined;

// What a nextTick callback throws is an uncaught exception. It must be reported from in here: on its
// way out through the addon it would leave Node's stack of async contexts unbalanced, which is fatal.
function runTicks(tick: () => void): void {
  try {
    tick.call(process);
  } catch (E) {
    native.reportUncaught(E);
  }
}

let onLookup: (id: number) => void = () => undefined;

/** Whom answers of lookups are told: lookups.ts, once per thread. It must not throw. */
export function receiveLookups(receiver: (id: number) => void): void {
  onLookup = receiver;
}

let handlerPromise = false;

/** A handler returned a promise: what it awaits may be there already. */
export function noteHandlerPromise(): void {
  handlerPromise = true;
}

/** Between two events of one dispatch: lets an async handler go on. */
export function drainHandlerPromise(): void {
  if (!handlerPromise) return;
  handlerPromise = false;
  drainPromises();
}

/** Makes `target` the receiver of the events of its socketHandle. */
export function attach(target: SocketTarget): void {
  targets[target.socketHandle & SLOT_MASK] = target;
}

export function detach(handle: number): void {
  const slot = handle & SLOT_MASK;
  if (targets[slot]?.socketHandle === handle) targets[slot] = undefined;
}

/** Counts sockets that keep the process alive. */
export function reference(change: 1 | -1): void {
  referenced += change;
  if (referenced === 0 || (referenced === 1 && change === 1)) native.setReferenced(referenced > 0);
}

/** The target's coalesced output goes out at the end of the current dispatch. */
export function flushLater(target: SocketTarget): void {
  unflushed.push(target);
}

/** Appends a message of the package itself: bounded by what its sockets can have outstanding. */
export function post(
  target: MessageTarget,
  Msg: number,
  WParam = 0,
  LParam = 0,
  subject: object | null = null,
): void {
  messages.push({ target, Msg, WParam, LParam, subject });
  if (depth === 0) wake();
}

/** Appends a message of the application. False: the queue is full. */
export function postBounded(target: MessageTarget, Msg: number, W: number, L: number): boolean {
  if (messages.length >= MESSAGE_QUEUE_SIZE) return false;
  post(target, Msg, W, L);
  return true;
}

export function startTimer(delayMs: number, run: () => void): ReactorTimer {
  const timer = timers.start(delayMs, run);
  if (depth === 0) armTimer();
  return timer;
}

export function stopTimer(timer: ReactorTimer | null): void {
  if (timer) timers.stop(timer);
}

function armTimer(): void {
  const due = timers.nextDue;
  if (due === armedFor) return;
  armedFor = due;
  native.setTimer(due === Infinity ? -1 : Math.max(0, Math.ceil(due - performance.now())));
}

/** Somebody read outside a turn and left input that only the next poll reports. */
export function wakeForPending(): void {
  if (depth === 0 && events[INFO_PENDING]! > 0) wake();
}

/** A MessageLoop that drives Node's loop looks at Terminated again before it sleeps. */
export function wakeMessageLoop(): void {
  if (drivingNodeLoop) wake();
}

// Outside a turn nobody would look at the queue before the next socket event.
function wake(): void {
  if (wakeScheduled) return;
  wakeScheduled = true;
  setImmediate(onImmediate);
}

function onImmediate(): void {
  wakeScheduled = false;
  if (!drivingNodeLoop) onTurn();
}

/** One turn of Node's loop: called by the addon when events wait or a timer is due. */
function onTurn(): void {
  // libuv counts whole milliseconds and may be a little early: what is about due is armed anew.
  if (armedFor - performance.now() < TIMER_SLACK_MS) armedFor = Infinity;
  enter();
  if (events[0]! >= events[1]! && events[INFO_PENDING]! > 0) poll(0);
  let left = TURN_BUDGET;
  while (left > 0 && (dispatchEvent() || dispatchMessage(null) || dispatchTimer())) left--;
  if (left === 0) dispatchTimer(); // messages that never end must not hold up the timers
  leave();
}

function enter(): void {
  depth++;
}

function leave(): void {
  if (--depth > 0) return;
  const waiting = events[0]! < events[1]! || events[INFO_PENDING]! > 0;
  if (waiting || messages.length > 0) wake();
  armTimer();
}

/**
 * Dispatches one event, message or timer; false when there was none. Never blocks. A quit message
 * sets Terminated of its component and of `owner`, who pumps.
 */
export function step(owner: PumpOwner | null): boolean {
  if (depth >= MAX_PUMP_DEPTH) return false;
  enter();
  try {
    flushOutput();
    if (dispatchEvent()) return true;
    if (burst < MESSAGE_BURST && dispatchMessage(owner)) {
      burst++;
      return true;
    }
    burst = 0;
    if (dispatchTimer()) return true;
    if (poll(0) > 0) return dispatchEvent();
    return dispatchMessage(owner);
  } finally {
    leave();
  }
}

/** The component whose MessageLoop or ProcessMessage is running. */
export interface PumpOwner {
  Terminated: boolean;
}

/** Blocks and dispatches until owner.Terminated (ICS: MessageLoop). */
export function runUntilTerminated(owner: PumpOwner): void {
  pumpUntil(owner, () => owner.Terminated, Infinity);
}

/**
 * Blocks and dispatches until done() or until `deadline` (performance.now()) has passed; sleeps in
 * between. False: in vain, because of the time or because pumps are nested too deep.
 */
export function pumpUntil(owner: PumpOwner, done: () => boolean, deadline: number): boolean {
  const driveNode = mayDriveNodeLoop();
  while (!done()) {
    if (deadline < Infinity && performance.now() >= deadline) return false;
    if (step(owner)) continue;
    if (depth >= MAX_PUMP_DEPTH) return false;
    const until = Math.min(timers.nextDue, deadline);
    const wait = Math.ceil(Math.min(Math.max(until - performance.now(), 0), 0x7fffffff));
    const timeout = until === Infinity ? -1 : wait;
    if (driveNode) driveNodeLoop(timeout);
    else poll(timeout < 0 ? MAX_WAIT_MS : Math.min(timeout, MAX_WAIT_MS));
  }
  return true;
}

// Nesting uv_run inside a callback of Node's loop crashes; before that loop has begun (CommonJS
// main script) nothing is nested, so timers, DNS and files can live beside the MessageLoop.
function mayDriveNodeLoop(): boolean {
  const timing = performance as unknown as { nodeTiming: { loopStart: number } };
  return isMainThread && !drivingNodeLoop && depth === 0 && timing.nodeTiming.loopStart === -1;
}

function driveNodeLoop(timeout: number): void {
  drivingNodeLoop = true;
  try {
    native.driveNodeLoop(timeout);
    drainPromises();
  } finally {
    drivingNodeLoop = false;
  }
}

function dispatchEvent(): boolean {
  const head = events[0]!;
  if (head >= events[1]!) return false;
  events[0] = head + EVENT_FIELDS;
  const handle = events[head]!;
  if (events[head + 1] === FD_LOOKUP) {
    onLookup(events[head + 2]!);
  } else {
    const target = targets[handle & SLOT_MASK];
    if (target === undefined || target.socketHandle !== handle) return true;
    try {
      target.onSocketEvent(events[head + 1]!, events[head + 2]!);
    } catch (E) {
      target.HandleBackGroundException(E, 'TCustomWSocket.WndProc');
    }
  }
  if (unflushed.length > 0) flushOutput();
  drainPromises();
  return true;
}

function dispatchMessage(owner: PumpOwner | null): boolean {
  const message: QueuedMessage | undefined = messages.shift();
  if (message === undefined) return false;
  if (message.Msg === WM_QUIT && owner) owner.Terminated = true;
  message.target.dispatchMessage(message);
  if (unflushed.length > 0) flushOutput();
  drainPromises();
  return true;
}

// What came before a timer was due counts first: when the thread was held up, both wait at once, and
// a timeout must not end a connection whose bytes are in the kernel.
function dispatchTimer(): boolean {
  if (timers.nextDue > performance.now()) return false;
  if (polledAt < timers.nextDue && pollBeforeTimer()) return dispatchEvent();
  const timer = timers.takeDue();
  if (!timer) return false;
  timer.run();
  if (unflushed.length > 0) flushOutput();
  drainPromises();
  return true;
}

// More than one poll can find takes several; a flood must not hold up the timers for ever.
function pollBeforeTimer(): boolean {
  const now = performance.now();
  const found = poll(0);
  if (found < FULL_POLL || ++fullPolls >= MAX_FULL_POLLS) {
    polledAt = now;
    fullPolls = 0;
  }
  return found > 0;
}

function flushOutput(): void {
  while (unflushed.length > 0) {
    if (unflushed.length === 1) {
      unflushed.pop()!.flushCoalesced(); // the usual case, without a new list
      continue;
    }
    const ready = unflushed;
    unflushed = [];
    for (const target of ready) target.flushCoalesced();
  }
}

/** The quit message (Windows: WM_QUIT). */
export const WM_QUIT = 0x0012;
