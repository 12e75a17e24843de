// What a test has opened and must not outlive it. The root hook in leakGuard.ts runs the clean-ups
// after every test, newest first, so that a client goes before the server it belongs to.

import type { TComponent } from '../../lib';

const cleanups: (() => void)[] = [];

/** Runs `undo` after the current test. */
export function onCleanup(undo: () => void): void {
  cleanups.push(undo);
}

/** Frees the component after the current test. */
export function track<T extends TComponent>(component: T): T {
  onCleanup(() => component.Free());
  return component;
}

/** Every clean-up runs even if one throws; the first error is thrown at the end. */
export function runCleanups(): void {
  const errors: unknown[] = [];
  for (let undo = cleanups.pop(); undo; undo = cleanups.pop()) {
    try {
      undo();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
