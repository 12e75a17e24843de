// Programs whose wall clock a test sets, by means of Debian's faketime. Monotonic clocks are left alone,
// as they are when somebody sets the clock of a machine.

import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Context } from 'mocha';
import { tempDir } from './certificates';
import { skipTest } from './skipTest';

function preloadedLibrary(): string {
  const found = spawnSync('faketime', ['-m', '-f', '+0d', 'printenv', 'LD_PRELOAD']);
  return found.status === 0 ? String(found.stdout).trim() : '';
}

/** For `before` hooks: skips the suite, with the reason, where faketime is missing. */
export function skipWithoutFaketime(this: Context): void {
  if (preloadedLibrary() === '')
    skipTest(this, 'faketime is not installed (Debian package faketime)');
}

export class WallClock {
  readonly #file = path.join(tempDir(), 'clock');
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    this.set('+0');
    this.env = {
      ...process.env,
      LD_PRELOAD: preloadedLibrary(),
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** The offset to the real time, as `+1d`. Holds at once in programs that run with `env`. */
  set(offset: string): void {
    writeFileSync(`${this.#file}.new`, `${offset}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
