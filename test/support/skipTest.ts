// The one way out of a test that cannot be made here: no test disappears without a printed reason.

import type { Context } from 'mocha';

/** Skips the running test, or in a `before` hook the suite, and prints why. Never returns. */
export function skipTest(context: Context, reason: string): never {
  console.log(`      skipped: ${reason}`);
  return context.skip();
}

/** For `before` hooks: skips the suite, with the reason, unless the condition holds. */
export function skipUnless(condition: boolean, reason: string): (this: Context) => void {
  return function () {
    if (!condition) skipTest(this, reason);
  };
}
