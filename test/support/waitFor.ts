// Waiting for facts. A test never sleeps for a fixed time: it names the fact it waits for, and a
// deadline turns a fact that never comes true into a readable failure.

/** How much longer everything takes under a sanitizer (scripts/sanitize.sh). */
export const SLOWNESS = process.env.ICS_SANITIZER ? 10 : 1;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Resolves as soon as `fact` is true; rejects, naming `what`, when the deadline has passed. */
export async function waitFor(fact: () => boolean, what: string, deadlineMs = 5000): Promise<void> {
  const deadline = performance.now() + deadlineMs * SLOWNESS;
  for (let turns = 0; !fact(); turns++) {
    if (performance.now() > deadline)
      throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`);
    await (turns < 20 ? turn() : tick());
  }
}

/**
 * Lets everything that has already reached this process be dispatched: loopback traffic is in the
 * kernel when the sender's call returns, so a few turns of Node's loop are enough.
 */
export async function drained(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await turn();
  await tick();
  for (let turns = 0; turns < 10; turns++) await turn();
}
