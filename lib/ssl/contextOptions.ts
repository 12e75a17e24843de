// Properties of a context as options of Node's tls: versions, ciphers, groups, option bits.
import { constants } from 'node:crypto';
import tls from 'node:tls';
import { CLI_SECURITY_CIPHERS, cliSecurityRow } from './cliSecurity';
import { sslCipherSuitesTLS13 } from './cipherLists';
import { verifyBits } from './flagBits';
import type { SslContextProperties } from './SslContextProperties';
import { ESslContextException } from './sslErrors';
import { TSslCliSecurity, TSslOption2, TSslSecLevel, TSslVerMethod } from './sslTypes';
import { opensslFailure } from './TSslBaseComponent';
import { TSslVerifyFlag } from './contextTypes';

/** Versions by TSslVerMethod; OpenSSL of today has no SSL 3, so the oldest is TLS 1.0. */
const OLDEST: tls.SecureVersion = 'TLSv1';
const VERSIONS: readonly tls.SecureVersion[] = [
  OLDEST,
  'TLSv1',
  'TLSv1.1',
  'TLSv1.2',
  'TLSv1.3',
  'TLSv1.3',
];

/** SSL_OP_ bits by TSslOption2. Node's table lacks the numbers given here. */
const OPTION_BITS: readonly number[] = [
  constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
  constants.SSL_OP_NO_RENEGOTIATION,
  constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
  constants.SSL_OP_NO_COMPRESSION,
  constants.SSL_OP_NO_ENCRYPT_THEN_MAC,
  constants.SSL_OP_NO_TICKET,
  constants.SSL_OP_NO_SSLv3,
  constants.SSL_OP_NO_TLSv1,
  constants.SSL_OP_NO_TLSv1_1,
  constants.SSL_OP_NO_TLSv1_2,
  constants.SSL_OP_NO_TLSv1_3,
  constants.SSL_OP_TLS_ROLLBACK_BUG,
  constants.SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS,
  constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
  0x10, // SSL_OP_TLSEXT_PADDING
  0x40, // SSL_OP_SAFARI_ECDHE_ECDSA_BUG
  constants.SSL_OP_CISCO_ANYCONNECT,
  constants.SSL_OP_LEGACY_SERVER_CONNECT,
  constants.SSL_OP_ALLOW_NO_DHE_KEX,
];

interface Settings {
  readonly min: TSslVerMethod;
  readonly max: TSslVerMethod;
  readonly level: TSslSecLevel;
  readonly ciphers: string;
}

/** Everything but certificates, keys and sessions. Raises ESslContextException. */
export function optionsOf(context: SslContextProperties): tls.SecureContextOptions {
  const settings = settingsOf(context);
  const versions = versionsOf(settings);
  const secureOptions = optionBits(context.SslOptions2);
  const basis = { ca: [], ...versions, secureOptions };
  const ciphers = ciphersOf(settings, context.SslCipherList13, basis);
  const ecdhCurve = groupsOf(context.SslCryptoGroups);
  const options = { ...versions, secureOptions, ciphers, ecdhCurve };
  attempt('Failed to set context options', { ...options, ca: [] });
  return { ...options, ...verifyOptions(context) };
}

/** Settings OpenSSL has taken: hundreds of contexts may have the same, and each try costs much. */
const taken = new Set<string>();
const MAX_TAKEN = 200;

/** Raises what OpenSSL has against the settings. They hold neither certificates nor keys. */
function tryOut(options: tls.SecureContextOptions): void {
  const key = JSON.stringify(options);
  if (taken.has(key)) return;
  tls.createSecureContext(options);
  if (taken.size >= MAX_TAKEN) taken.clear();
  taken.add(key);
}

function attempt(text: string, options: tls.SecureContextOptions): void {
  try {
    tryOut(options);
  } catch (error) {
    throw opensslFailure(text, error);
  }
}

function settingsOf(context: SslContextProperties): Settings {
  const row = cliSecurityRow(context.SslCliSecurity);
  if (row) return { ...row, ciphers: CLI_SECURITY_CIPHERS };
  if (context.SslCliSecurity !== TSslCliSecurity.sslCliSecIgnore)
    throw unknownValue('SslCliSecurity', context.SslCliSecurity);
  return {
    min: context.SslMinVersion,
    max: context.SslMaxVersion,
    level: context.SslSecLevel,
    ciphers: context.SslCipherList,
  };
}

function unknownValue(property: string, value: unknown): ESslContextException {
  return new ESslContextException(`Failed to set context options - ${property} ${String(value)}`);
}

/** As in ICS a maximum below the minimum makes both ineffective. */
function versionsOf({ min, max }: Settings): tls.SecureContextOptions {
  const minVersion = VERSIONS[min];
  const maxVersion = VERSIONS[max];
  if (minVersion === undefined) throw unknownValue('SslMinVersion', min);
  if (maxVersion === undefined) throw unknownValue('SslMaxVersion', max);
  if (max < min) return { minVersion: OLDEST, maxVersion: 'TLSv1.3' };
  if (max === TSslVerMethod.sslVerSSL3)
    throw new ESslContextException('Failed to set context options - SSL 3 is not available');
  return { minVersion, maxVersion };
}

/**
 * Renegotiation is always off: ICS has given it up, and Node would switch on what OpenSSL has off
 * by default.
 */
function optionBits(flags: ReadonlySet<TSslOption2>): number {
  let bits = constants.SSL_OP_NO_RENEGOTIATION;
  for (const flag of flags) {
    const bit = OPTION_BITS[flag];
    if (bit === undefined) throw unknownValue('SslOptions2', flag);
    bits |= bit;
  }
  return bits;
}

/** The level stands in front, so that a list may name another one, as in ICS. */
function ciphersOf(settings: Settings, suites13: string, basis: tls.SecureContextOptions): string {
  const { level } = settings;
  if (TSslSecLevel[level] === undefined) throw unknownValue('SslSecLevel', level);
  if (settings.ciphers.trim() === '') throw new ESslContextException('Cipher list empty');
  const withLevel = `@SECLEVEL=${level}:${settings.ciphers}`;
  // Without names of TLS 1.3 Node would switch that version off.
  const suites = suites13.trim() === '' ? sslCipherSuitesTLS13 : suites13;
  attempt('Error loading cipher list', {
    ...basis,
    ciphers: `${sslCipherSuitesTLS13}:${withLevel}`,
  });
  const ciphers = `${suites}:${withLevel}`;
  const misplaced = suites.split(':').find((name) => !/^TLS_/.test(name));
  if (misplaced !== undefined)
    throw opensslFailure('Error loading TLSv13 cipher suites', `no cipher match: ${misplaced}`);
  attempt('Error loading TLSv13 cipher suites', { ...basis, ciphers });
  return ciphers;
}

/** Unknown groups are left out; without any known one OpenSSL's own choice remains. */
function groupsOf(names: string): string {
  if (isKnown(names)) return names;
  const known = names.split(':').filter(isKnown);
  return known.length > 0 ? known.join(':') : 'auto';
}

function isKnown(groups: string): boolean {
  if (groups.trim() === '' || groups === 'auto') return false;
  try {
    tryOut({ ca: [], ecdhCurve: groups });
    return true;
  } catch {
    return false;
  }
}

const PARTIAL_CHAIN = verifyBits([TSslVerifyFlag.sslX509_V_FLAG_PARTIAL_CHAIN]);
const CRL_CHECKS = verifyBits([
  TSslVerifyFlag.sslX509_V_FLAG_CRL_CHECK,
  TSslVerifyFlag.sslX509_V_FLAG_CRL_CHECK_ALL,
]);
/** What OpenSSL does anyway. */
const ALREADY_ON = verifyBits([
  TSslVerifyFlag.sslX509_V_FLAG_CB_ISSUER_CHECK,
  TSslVerifyFlag.sslX509_V_FLAG_TRUSTED_FIRST,
]);

/** Whether revocation lists are to be used. */
export function checksCrls(context: SslContextProperties): boolean {
  return (context.SslVerifyFlagsValue & CRL_CHECKS) !== 0;
}

/** A flag that cannot be obeyed is refused: leaving it out would verify less than was asked. */
function verifyOptions(context: SslContextProperties): tls.SecureContextOptions {
  const bits = context.SslVerifyFlagsValue;
  const unknown = bits & ~(PARTIAL_CHAIN | CRL_CHECKS | ALREADY_ON);
  if (unknown !== 0)
    throw unknownValue('SslVerifyFlags, not available:', `0x${unknown.toString(16)}`);
  if (checksCrls(context) && context.SslCRLFile === '' && context.SslCRLPath === '')
    throw unknownValue('SslVerifyFlags:', 'CRL_CHECK needs SslCRLFile or SslCRLPath');
  if ((bits & PARTIAL_CHAIN) === 0) return {};
  if (!knowsPartialChain())
    throw unknownValue('SslVerifyFlags:', 'PARTIAL_CHAIN needs Node.js 20.18 or 22.9');
  return { allowPartialTrustChain: true } as tls.SecureContextOptions;
}

function knowsPartialChain(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major === 20) return minor >= 18;
  return major === 22 ? minor >= 9 : major > 22;
}
