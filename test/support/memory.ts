// Memory and descriptors of this process, for tests that promise that nothing stays behind.

import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SLOWNESS } from './waitFor';

setFlagsFromString('--expose-gc');

/** Runs a full garbage collection, or a quick one of what is young. */
export const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** Under a sanitizer freed memory stays with it for a while: limits are that many times as wide. */
export const MEMORY_SLACK = SLOWNESS > 1 ? 40 : 1;

const MIB = 1024 * 1024;

/** What the process holds after a garbage collection, in MiB. */
export async function memoryInUse(): Promise<{ rss: number; heap: number; external: number }> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: rss / MIB, heap: heapUsed / MIB, external: external / MIB };
}
