// What SslCliSecurity stands for: one table. The list of ciphers is 'ALL' for every level.
import { TSslCliSecurity, TSslSecLevel, TSslVerMethod } from './sslTypes';

export interface CliSecurityRow {
  readonly min: TSslVerMethod;
  readonly max: TSslVerMethod;
  readonly level: TSslSecLevel;
}

const {
  sslVerSSL3: ssl3,
  sslVerTLS1: tls10,
  sslVerTLS1_1: tls11,
  sslVerTLS1_2: tls12,
  sslVerTLS1_3: tls13,
  sslVerMax: newest,
} = TSslVerMethod;
const {
  sslSecLevelAny: any,
  sslSecLevel80bits: bits80,
  sslSecLevel112bits: bits112,
  sslSecLevel128bits: bits128,
  sslSecLevel192bits: bits192,
} = TSslSecLevel;

const row = (min: TSslVerMethod, max: TSslVerMethod, level: TSslSecLevel): CliSecurityRow => ({
  min,
  max,
  level,
});

/** Indexed by TSslCliSecurity; null leaves the properties as they are. */
export const CLI_SECURITY: readonly (CliSecurityRow | null)[] = [
  /* sslCliSecIgnore */ null,
  /* sslCliSecNone */ row(ssl3, newest, any),
  /* sslCliSecSsl3Only */ row(ssl3, ssl3, any),
  /* sslCliSecTls1Only */ row(tls10, tls10, bits112),
  /* sslCliSecTls11Only */ row(tls11, tls11, bits112),
  /* sslCliSecTls12Only */ row(tls12, tls12, bits112),
  /* sslCliSecTls13Only */ row(tls13, tls13, bits112),
  /* sslCliSecTls1 */ row(tls10, newest, bits80),
  // ICS: V9.4 has no branch for this level and allows anything; here it is what its name says.
  /* sslCliSecTls11 */ row(tls11, newest, bits80),
  /* sslCliSecTls12 */ row(tls12, newest, bits112),
  /* sslCliSecBack */ row(tls10, newest, bits80),
  /* sslCliSecInter */ row(tls11, newest, bits112),
  /* sslCliSecHigh */ row(tls12, newest, bits112),
  /* sslCliSecHigh128 */ row(tls12, newest, bits128),
  /* sslCliSecHigh192 */ row(tls12, newest, bits192),
];

export const CLI_SECURITY_CIPHERS = 'ALL';

/** The row of a level; null for sslCliSecIgnore and for what is no level. */
export function cliSecurityRow(level: TSslCliSecurity): CliSecurityRow | null {
  return CLI_SECURITY[level] ?? null;
}
