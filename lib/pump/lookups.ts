// Names and addresses looked up by threads of the package (ICS: TIcsAsyncDnsLookup in
// OverbyteIcsWSocket.pas). The answers are events of this thread's pump, so they arrive inside
// ProcessMessages and MessageLoop as well, where Node's own lookups cannot.
import { native } from '../native';
import { receiveLookups, reference } from './reactor';

/** error: 0 or a Windows resolver number (11001 …); results: addresses or names, else empty. */
export type LookupDone = (error: number, results: string[]) => void;

interface PendingLookup {
  readonly done: LookupDone;
  readonly keepAlive: boolean;
}

const pending = new Map<number, PendingLookup>();

receiveLookups(finish);

/**
 * Limits the threads that look names up, for the whole process (ICS: for the calling thread). At
 * most MaxThreads (default: one per processor; 0 means 1) work at once; MinThreads (default 0) stay
 * when idle, the others end after 60 seconds. Values are cut to 0…255 and MinThreads to MaxThreads;
 * RangeError when one is no number.
 */
export function SetMinMaxIcsAsyncDnsLookupThreads(MinThreads: number, MaxThreads: number): void {
  native.setLookupThreads(byteOf(MinThreads, 'MinThreads'), byteOf(MaxThreads, 'MaxThreads'));
}

/**
 * Looks all addresses of a name up; version: 4, 6, or 0 for both. `done` is called once, from the
 * pump and never from in here, unless the lookup is cancelled. Pending lookups keep the process
 * alive if keepAlive says so. Returns an id (> 0) or a negative errno (too many lookups, no
 * memory, no descriptor); then `done` is never called.
 */
export function startLookup(
  name: string,
  version: 0 | 4 | 6,
  done: LookupDone,
  keepAlive = true,
): number {
  return remember(native.lookup(name, version), { done, keepAlive });
}

/** The same for the name of a literal address; -EINVAL when it is none. */
export function startReverseLookup(address: string, done: LookupDone, keepAlive = true): number {
  return remember(native.reverseLookup(address), { done, keepAlive });
}

/** Forgets a lookup: `done` will not be called. False when it has been answered already. */
export function cancelLookup(id: number): boolean {
  const lookup = pending.get(id);
  if (!lookup) return false;
  native.cancelLookup(id);
  forget(id, lookup);
  return true;
}

function remember(id: number, lookup: PendingLookup): number {
  if (id <= 0) return id;
  pending.set(id, lookup);
  if (lookup.keepAlive) reference(1);
  return id;
}

function forget(id: number, lookup: PendingLookup): void {
  pending.delete(id);
  if (lookup.keepAlive) reference(-1);
}

// `done` belongs to a component with a net of its own; what gets through is an uncaught exception.
function finish(id: number): void {
  const lookup = pending.get(id);
  if (!lookup) return;
  const answer = native.takeLookup(id);
  forget(id, lookup);
  try {
    if (typeof answer === 'string') lookup.done(0, answer.split('\n'));
    else lookup.done(answer, []);
  } catch (E) {
    native.reportUncaught(E);
  }
}

function byteOf(value: number, name: string): number {
  if (typeof value === 'number' && !Number.isNaN(value))
    return Math.trunc(Math.min(Math.max(value, 0), 255));
  throw new RangeError(
    `SetMinMaxIcsAsyncDnsLookupThreads: ${name} must be a number, got ${String(value)}`,
  );
}
