// Machines without IPv6 exist; what is about it is skipped there.

import { networkInterfaces } from 'node:os';
import type { Context } from 'mocha';
import { skipTest } from './skipTest';

/** For `before` hooks: skips the suite with a printed reason where ::1 does not exist. */
export function skipWithoutIPv6(this: Context): void {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  if (addresses.some(({ address }) => address === '::1')) return;
  skipTest(this, 'this machine has no ::1');
}
