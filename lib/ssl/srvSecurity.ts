// What SslSrvSecurity of a host stands for: one table, and how it is applied to a context (ICS: the
// IcsHosts code of OverbyteIcsWSocketS). ICS has had TLS 1.2 as the floor of every level since V9.3;
// the older promises in the display names are kept because programs show them.
import {
  sslCiphersMozillaSrvBack,
  sslCiphersMozillaSrvTLS12,
  sslCipherSuitesTLS13,
  sslCryptoGroupsDef,
} from './cipherLists';
import {
  TSslCliSecurity,
  TSslOption2,
  TSslSecLevel,
  TSslSrvSecurity,
  TSslVerMethod,
} from './sslTypes';
import type { TSslContext } from './TSslContext';

export interface SrvSecurityRow {
  readonly min: TSslVerMethod;
  readonly max: TSslVerMethod;
  /** Suites of TLS 1.2. */
  readonly ciphers: string;
  readonly level: TSslSecLevel;
  /** The server's order of ciphers counts, not the client's. */
  readonly serverPreference: boolean;
}

const { sslVerTLS1_2: tls12, sslVerTLS1_3: tls13, sslVerMax: newest } = TSslVerMethod;
const {
  sslSecLevelAny: any,
  sslSecLevel80bits: bits80,
  sslSecLevel112bits: bits112,
  sslSecLevel128bits: bits128,
  sslSecLevel192bits: bits192,
} = TSslSecLevel;
const T12 = sslCiphersMozillaSrvTLS12;

const row = (
  min: TSslVerMethod,
  max: TSslVerMethod,
  ciphers: string,
  level: TSslSecLevel,
  serverPreference = false,
): SrvSecurityRow => ({ min, max, ciphers, level, serverPreference });

/** Indexed by TSslSrvSecurity. */
export const SRV_SECURITY: readonly SrvSecurityRow[] = [
  /* sslSrvSecNone */ row(tls12, newest, 'ALL', any, true),
  /* sslSrvSecSsl3 */ row(tls12, newest, T12, bits80),
  /* sslSrvSecBack */ row(tls12, newest, sslCiphersMozillaSrvBack, bits80, true),
  /* sslSrvSecInter */ row(tls12, newest, T12, bits112),
  /* sslSrvSecInterFS */ row(tls12, newest, T12, bits112),
  // ICS leaves the order to the client here; testssl.sh counts that as a finding.
  /* sslSrvSecHigh */ row(tls12, newest, T12, bits112, true),
  /* sslSrvSecHigh128 */ row(tls12, newest, T12, bits128, true),
  /* sslSrvSecHigh192 */ row(tls12, newest, T12, bits192, true),
  /* sslSrvSecTls12Less */ row(tls12, tls12, T12, bits112),
  /* sslSrvSecTls13Only */ row(tls13, newest, T12, bits112),
];

/** Display names, indexed by TSslSrvSecurity. */
export const SslSrvSecurityNames: readonly string[] = [
  'None',
  'SSLv3 Only',
  'Backward Ciphers, TLS1 or Later',
  'Intermediate Ciphers, TLS1.1 or Later',
  'Intermediate Ciphers FS, TLS1.1 or Later',
  'High 112 bit Ciphers, TLS1.2 or Later',
  'High 128 bit Ciphers, TLS1.2 or Later',
  'High 192 bit Ciphers, TLS1.2 or Later',
  'TLSv1.2 or Earlier',
  'TLSv1.3 Only',
];

/** Lists that take the place of those of the level when they are not empty. */
export interface SrvSecurityOverrides {
  readonly SslCipherList12?: string;
  readonly SslCipherList13?: string;
  readonly SslCryptoGroups?: string;
}

/** Sets the properties of the context; they take effect with its next InitContext. */
export function applySrvSecurity(
  context: TSslContext,
  security: TSslSrvSecurity,
  overrides: SrvSecurityOverrides = {},
): void {
  const settings = SRV_SECURITY[security];
  if (!settings) throw new TypeError(`SslSrvSecurity: no level ${String(security)}`);
  const { SslCipherList12 = '', SslCipherList13 = '', SslCryptoGroups = '' } = overrides;
  context.SslCliSecurity = TSslCliSecurity.sslCliSecIgnore;
  context.SslMinVersion = settings.min;
  context.SslMaxVersion = settings.max;
  context.SslSecLevel = settings.level;
  context.SslCipherList = SslCipherList12 || settings.ciphers;
  context.SslCipherList13 = SslCipherList13 || sslCipherSuitesTLS13;
  context.SslCryptoGroups = SslCryptoGroups || sslCryptoGroupsDef;
  context.SslOptions2 = optionsFor(settings);
}

function optionsFor({ serverPreference }: SrvSecurityRow): Set<TSslOption2> {
  const options = new Set([
    TSslOption2.sslOpt2_NO_COMPRESSION,
    TSslOption2.sslOpt2_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
  ]);
  if (serverPreference) options.add(TSslOption2.sslOpt2_CIPHER_SERVER_PREFERENCE);
  return options;
}
