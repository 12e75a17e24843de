// One account directory belongs to one program at a time: a lock file with the owner's process in it.
// The lock of a process that is gone (killed, power failure) is taken over. Within the program a set
// of directories refuses the second one.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { hostname } from 'node:os';
import { EX509Exception, reasonOf } from '../../ssl/sslErrors';

const FILE_NAME = 'ics-control.lock';
/** A lock is written in two steps; one without contents that is younger is being written. */
const WRITING_MS = 5_000;
/** Who removes a dead owner's lock holds this one meanwhile; an old one was left by a crash. */
const TAKEOVER_MAX_MS = 30_000;

const held = new Set<string>();
/** Marks of locks we have given up but could not remove: the disk had become read-only. */
const abandoned = new Map<string, string>();

export class DirectoryLock {
  readonly #file: string;
  readonly #folder: string;
  readonly #mark: string;
  #isHeld = true;

  private constructor(folder: string, file: string, mark: string) {
    this.#folder = folder;
    this.#file = file;
    this.#mark = mark;
  }

  /** Raises EX509Exception with the reason when somebody else has it. */
  static take(folder: string): DirectoryLock {
    const real = fs.realpathSync(folder);
    if (held.has(real)) throw inUse(folder, 'another component of this program');
    const file = path.join(real, FILE_NAME);
    const mark = `${process.pid} ${startOf(process.pid)} ${hostname()} ${randomBytes(8).toString('hex')}`;
    if (readMark(file) === abandoned.get(real)) fs.rmSync(file, { force: true });
    abandoned.delete(real);
    if (!create(file, mark)) {
      const owner = aliveOwner(file);
      if (owner) throw inUse(folder, owner);
      if (!takeOver(file, mark)) throw inUse(folder, 'another process');
    }
    held.add(real);
    return new DirectoryLock(real, file, mark);
  }

  /** Never raises. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    held.delete(this.#folder);
    if (readMark(this.#file) !== this.#mark) return;
    try {
      fs.rmSync(this.#file, { force: true });
    } catch {
      abandoned.set(this.#folder, this.#mark);
    }
  }
}

function inUse(folder: string, who: string): EX509Exception {
  return new EX509Exception(`Account directory is in use by ${who}: ${folder}`, 'ELOCKED');
}

function create(file: string, mark: string): boolean {
  try {
    fs.writeFileSync(file, mark, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new EX509Exception(`Can't lock account directory - ${reasonOf(error)}`);
  }
}

function readMark(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** '' when the owner is gone. A lock of another machine (shared disk) is believed. */
function aliveOwner(file: string): string {
  const [pid = '', start = '', host = ''] = readMark(file).split(' ');
  if (!/^\d+$/.test(pid)) return ageOf(file) < WRITING_MS ? 'another process' : '';
  if (host !== hostname()) return `process ${pid} on ${host}`;
  if (!isAlive(Number(pid))) return '';
  const now = startOf(Number(pid));
  return now === start || now === '-' || start === '-' ? `process ${pid}` : '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, so that a reused number is no owner; '-' where the system does not tell. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}

/** Milliseconds since the last change, whatever the clock did meanwhile. */
function ageOf(file: string): number {
  const changed = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return changed === undefined ? 0 : Math.abs(Date.now() - changed);
}

/** Only one process at a time may judge and replace a dead lock, or the second removes a new one. */
function takeOver(file: string, mark: string): boolean {
  const guard = `${file}.takeover`;
  if (ageOf(guard) > TAKEOVER_MAX_MS) fs.rmSync(guard, { force: true });
  if (!create(guard, mark)) return false;
  try {
    if (aliveOwner(file)) return false;
    fs.rmSync(file, { force: true });
    return create(file, mark);
  } finally {
    fs.rmSync(guard, { force: true });
  }
}
