// Sets of flags of OpenSSL for the verification of certificates (OverbyteIcsSslBase).

/** Members of the set SslVerifyFlags: OpenSSL's X509_V_FLAG_ constants of these names. */
export enum TSslVerifyFlag {
  sslX509_V_FLAG_CB_ISSUER_CHECK,
  sslX509_V_FLAG_USE_CHECK_TIME,
  sslX509_V_FLAG_CRL_CHECK,
  sslX509_V_FLAG_CRL_CHECK_ALL,
  sslX509_V_FLAG_IGNORE_CRITICAL,
  sslX509_V_FLAG_X509_STRICT,
  sslX509_V_FLAG_ALLOW_PROXY_CERTS,
  sslX509_V_FLAG_POLICY_CHECK,
  sslX509_V_FLAG_EXPLICIT_POLICY,
  sslX509_V_FLAG_INHIBIT_ANY,
  sslX509_V_FLAG_INHIBIT_MAP,
  sslX509_V_FLAG_NOTIFY_POLICY,
  sslX509_V_FLAG_EXTENDED_CRL_SUPPORT,
  sslX509_V_FLAG_USE_DELTAS,
  sslX509_V_FLAG_CHECK_SS_SIGNATURE,
  sslX509_V_FLAG_TRUSTED_FIRST,
  sslX509_V_FLAG_SUITEB_128_LOS_ONLY,
  sslX509_V_FLAG_SUITEB_192_LOS,
  sslX509_V_FLAG_SUITEB_128_LOS,
  sslX509_V_FLAG_PARTIAL_CHAIN,
  sslX509_V_FLAG_NO_ALT_CHAINS,
}
export const {
  sslX509_V_FLAG_CB_ISSUER_CHECK,
  sslX509_V_FLAG_USE_CHECK_TIME,
  sslX509_V_FLAG_CRL_CHECK,
  sslX509_V_FLAG_CRL_CHECK_ALL,
  sslX509_V_FLAG_IGNORE_CRITICAL,
  sslX509_V_FLAG_X509_STRICT,
  sslX509_V_FLAG_ALLOW_PROXY_CERTS,
  sslX509_V_FLAG_POLICY_CHECK,
  sslX509_V_FLAG_EXPLICIT_POLICY,
  sslX509_V_FLAG_INHIBIT_ANY,
  sslX509_V_FLAG_INHIBIT_MAP,
  sslX509_V_FLAG_NOTIFY_POLICY,
  sslX509_V_FLAG_EXTENDED_CRL_SUPPORT,
  sslX509_V_FLAG_USE_DELTAS,
  sslX509_V_FLAG_CHECK_SS_SIGNATURE,
  sslX509_V_FLAG_TRUSTED_FIRST,
  sslX509_V_FLAG_SUITEB_128_LOS_ONLY,
  sslX509_V_FLAG_SUITEB_192_LOS,
  sslX509_V_FLAG_SUITEB_128_LOS,
  sslX509_V_FLAG_PARTIAL_CHAIN,
  sslX509_V_FLAG_NO_ALT_CHAINS,
} = TSslVerifyFlag;

/** Bits of OpenSSL, by ordinal. */
const VERIFY_BITS: readonly number[] = [
  ...[0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800],
  ...[0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000, 0x30000, 0x80000, 0x100000],
];

/** Members of the set SslCheckHostFlags: OpenSSL's X509_CHECK_FLAG_ constants. */
export enum TSslCheckHostFlag {
  sslX509_NO_HOST_CHECK,
  sslX509_ALWAYS_CHECK_SUBJECT,
  sslX509_NO_WILDCARDS,
  sslX509_NO_PARTIAL_WILDCARDS,
  sslX509_MULTI_LABEL_WILDCARDS,
  sslX509_SINGLE_LABEL_SUBDOMAINS,
}
export const {
  sslX509_NO_HOST_CHECK,
  sslX509_ALWAYS_CHECK_SUBJECT,
  sslX509_NO_WILDCARDS,
  sslX509_NO_PARTIAL_WILDCARDS,
  sslX509_MULTI_LABEL_WILDCARDS,
  sslX509_SINGLE_LABEL_SUBDOMAINS,
} = TSslCheckHostFlag;

const NO_HOST_CHECK = -1;
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
