// Root hooks of the test run. After every test: whatever it has opened is freed. After every file:
// no descriptor may be left that was not open before it. /proc is needed for the second; without
// it (Windows, macOS) only the first is done.

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import type { Context, RootHookObject, Suite } from 'mocha';
import { runCleanups } from './cleanup';

const FD_FOLDER = '/proc/self/fd';
const SETTLE_MS = 2000;

// The library and Node open these once per thread, at their first use, and keep them.
const KEPT = /^(anon_inode:|\/dev\/null$)/;

/** Descriptor → what it refers to, without those kept for the life of the thread. */
function openDescriptors(): Map<string, string> {
  const open = new Map<string, string>();
  for (const fd of readdirSync(FD_FOLDER)) {
    try {
      const target = readlinkSync(`${FD_FOLDER}/${fd}`);
      if (!KEPT.test(target)) open.set(fd, target);
    } catch {
      // The descriptor readdir itself has used is gone again.
    }
  }
  return open;
}

function newSince(before: Map<string, string>): string[] {
  const isNew = ([fd, target]: [string, string]): boolean => before.get(fd) !== target;
  return [...openDescriptors()].filter(isNew).map(([fd, target]) => `${fd} → ${target}`);
}

/** Sockets close a few loop turns after destroy(), so the guard gives them a moment. */
async function expectNothingNew(before: Map<string, string>): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  let left = newSince(before);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    left = newSince(before);
  }
  if (left.length > 0) throw new Error(`descriptors left open by this file: ${left.join(', ')}`);
}

function guard(suite: Suite): void {
  let before: Map<string, string> | null = null; // stays null when the suite is skipped
  suite.beforeAll('remember the open descriptors', () => {
    before = openDescriptors();
  });
  suite.afterAll('no descriptor is left open', async () => {
    if (before) await expectNothingNew(before);
  });
}

export const mochaHooks: RootHookObject = {
  beforeAll(this: Context) {
    const root = this.test?.parent;
    if (root && existsSync(FD_FOLDER)) root.suites.forEach(guard);
  },
  afterEach() {
    runCleanups();
  },
};
