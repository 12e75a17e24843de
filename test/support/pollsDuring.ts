// How often this thread asks the kernel for events while it should be idle: a loop that spins does
// so thousands of times a second, whatever else the machine is doing.

import { native } from '../../lib/native';

export async function pollsDuring(windowMs: number): Promise<number> {
  const before = native.counters().polls;
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  return native.counters().polls - before;
}
