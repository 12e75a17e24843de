// The keys of a host in an INI file, the properties of TIcsHost they go to, and what an absent key
// gives: not always the default of the property.
import { TSslPrivKeyType } from '../ssl/certTypes';
import { sslSrvSecDefault, TSslCliCertMethod, TSslSrvSecurity } from '../ssl/sslTypes';
import { TChallengeType, TEvpDigest, TSslLoadSource, TSupplierProto } from './hostEnums';
import type { IniKey } from './iniKeys';
import { asBoolean, asCount, asEnum, asEnumOrNumber, asText, type IniReader } from './iniValues';

const text = (key: string): IniKey => ({ key, property: key, read: asText, fallback: '' });
const count = (key: string): IniKey => ({ key, property: key, read: asCount, fallback: 0 });
const flag = (key: string): IniKey => ({ key, property: key, read: asBoolean, fallback: false });
const member = (key: string, read: IniReader, fallback: number, property = key): IniKey => ({
  key,
  property,
  read,
  fallback,
});

/** Read for every host. */
export const HOST_KEYS: readonly IniKey[] = [
  text('BindIpAddr'),
  text('BindIpAddr2'),
  count('BindNonPort'),
  count('BindSslPort'),
  text('HostTag'),
  text('Descr'),
  text('Proto'),
  flag('ForwardProxy'),
  text('WebDocDir'),
  text('WebTemplDir'),
  text('WebDefDoc'),
  text('WebLogDir'),
  flag('AuthSslCmd'),
  flag('AuthForceSsl'),
  text('WellKnownPath'),
  text('WebRedirectURL'),
  count('WebRedirectStat'),
];

/** Read only for hosts that speak TLS: with BindSslPort or AuthSslCmd. */
export const TLS_KEYS: readonly IniKey[] = [
  text('SslCert'),
  text('SslKey'),
  text('SslInter'),
  text('SslPassword'),
  member('SslSecLevel', asEnumOrNumber(TSslSrvSecurity), sslSrvSecDefault, 'SslSrvSecurity'),
  member('CliCertMethod', asEnum(TSslCliCertMethod), TSslCliCertMethod.sslCliCertNone),
  member('SslLoadSource', asEnum(TSslLoadSource), TSslLoadSource.CertLoadFile),
  text('SslCipherList12'),
  text('SslCipherList13'),
  text('SslCryptoGroups'),
  member('CertSupplierProto', asEnum(TSupplierProto), TSupplierProto.SuppProtoNone),
  text('CertDirWork'),
  member('CertChallenge', asEnum(TChallengeType), TChallengeType.ChallNone),
  member('CertPKeyType', asEnum(TSslPrivKeyType), TSslPrivKeyType.PrivKeyRsa2048),
  text('CertProduct'),
  member('CertSignDigest', asEnum(TEvpDigest), TEvpDigest.Digest_sha256),
];

/** Read before everything else: which names, and whether at all. */
export const HOSTS_KEY = 'Hosts';
export const ENABLED_KEYS = ['HostEnabled', 'Enabled'] as const;

/** Keys that occur in the files of ICS samples, or that one expects, but that ICS does not read. */
export const UNREAD_HINTS: Readonly<Record<string, string>> = {
  desc: 'ICS does not read it either, the key is "Descr"',
  description: 'the key is "Descr"',
  sslinters: 'ICS does not read it either, the key is "SslInter"',
  sslsrvsecurity: 'the key is "SslSecLevel"',
  sslclicertmethod: 'the key is "CliCertMethod"',
  hostnames: 'the key is "Hosts"',
  weblogidx: 'ICS does not read it from INI files',
};
