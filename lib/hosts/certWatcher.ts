// Notices when files of hosts' certificates change (addition). Folders are watched, because programs
// that renew certificates put new files in the place of old ones; what has changed in them decides the
// check that follows. Keeps no process alive.
import fs from 'node:fs';
import path from 'node:path';
import { folderExists, isPem } from './certSource';
import type { TIcsHostCollection } from './TIcsHostCollection';

/** Most folders that are watched; the system has a limit as well. */
const MAX_FOLDERS = 1000;
/** In a folder where something happens all the time, the check comes after so many delays. */
const MAX_DELAYS = 10;

export class CertWatcher {
  readonly #hosts: TIcsHostCollection;
  readonly #delayMs: number;
  readonly #changed: () => void;
  readonly #watchers = new Map<string, fs.FSWatcher>();
  #timer: NodeJS.Timeout | null = null;
  #firstTouch = 0;
  #isClosed = false;

  /** `changed` is called when nothing has happened for `delayMs`: a renewal writes several files. */
  constructor(hosts: TIcsHostCollection, delayMs: number, changed: () => void) {
    this.#hosts = hosts;
    this.#delayMs = delayMs;
    this.#changed = changed;
    this.update();
  }

  /** Hosts may have other files than before. */
  update(): void {
    if (this.#isClosed) return;
    const wanted = new Set(foldersOf(this.#hosts));
    for (const folder of this.#watchers.keys()) if (!wanted.has(folder)) this.#drop(folder);
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  /** A folder that cannot be watched is tried again with the next update. */
  #watch(folder: string): void {
    if (this.#watchers.size >= MAX_FOLDERS) return;
    try {
      const watcher = fs.watch(folder, { persistent: false }, () => this.#touched());
      watcher.on('error', () => this.#drop(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      return;
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #touched(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    if (this.#timer === null) this.#firstTouch = now;
    else if (now - this.#firstTouch > MAX_DELAYS * this.#delayMs) return;
    else clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#changed();
      this.update();
    }, this.#delayMs);
    this.#timer.unref();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const folder of [...this.#watchers.keys()]) this.#drop(folder);
  }
}

function foldersOf(hosts: TIcsHostCollection): string[] {
  const sources = [...hosts].flatMap(({ SslCert, SslKey, SslInter, state }) => [
    SslCert,
    SslKey,
    SslInter,
    state.standIn?.original ?? '',
  ]);
  const files = sources.filter((source) => source !== '' && !isPem(source));
  return [...new Set(files.map((file) => path.resolve(path.dirname(file))))].filter(folderExists);
}
