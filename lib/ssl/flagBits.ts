// The bits OpenSSL has for the flags of contextTypes.ts.
import type { TSslCheckHostFlag, TSslVerifyFlag } from './contextTypes';

/** X509_V_FLAG_ bits by TSslVerifyFlag. */
const VERIFY_BITS: readonly number[] = [
  ...[0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800],
  ...[0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000, 0x30000, 0x80000, 0x100000],
];

const NO_HOST_CHECK = -1;
/** X509_CHECK_FLAG_ bits by TSslCheckHostFlag. */
const HOST_BITS: readonly number[] = [NO_HOST_CHECK, 0x1, 0x2, 0x4, 0x8, 0x10];

/** The bits of a set of TSslVerifyFlag. */
export function verifyBits(flags: Iterable<TSslVerifyFlag>): number {
  let bits = 0;
  for (const flag of flags) bits |= VERIFY_BITS[flag] ?? 0;
  return bits;
}

/** The bits of a set of TSslCheckHostFlag; -1 as soon as it contains sslX509_NO_HOST_CHECK. */
export function checkHostBits(flags: Iterable<TSslCheckHostFlag>): number {
  let bits = 0;
  for (const flag of flags) bits |= HOST_BITS[flag] ?? 0;
  return bits;
}
