// What an order needs to know of a host of a server (IcsHosts), and why it may be refused (ICS:
// OrderCert). hosts and certs know each other only by these shapes.
import path from 'node:path';
import type { TSslPrivKeyType } from '../ssl/certTypes';
import { TSslPrivKeyCipher } from '../ssl/certTypes';
import { TChallengeType, TSupplierProto, type TEvpDigest } from '../ssl/orderTypes';
import type { TChainResult } from '../ssl/sslTypes';
import { TSocketState } from '../types';
import { IcsBuildCertFName } from './certNames';
import { merged, newSan, type DomainRecord } from './records';
import { TCertCsrOrigin, TCertOutFmt } from './x509CertsTypes';

/** A host of a server: TIcsHost has all of it. */
export interface OrderingHost {
  readonly HostNames: Iterable<string>;
  readonly BindIpAddr: string;
  readonly BindNonPort: number;
  readonly BindSslPort: number;
  readonly CertSupplierProto: TSupplierProto;
  readonly CertChallenge: TChallengeType;
  readonly CertDirWork: string;
  readonly CertPKeyType: TSslPrivKeyType;
  readonly CertSignDigest: TEvpDigest;
  readonly CertProduct: string;
  readonly WellKnownPath: string;
  readonly SslCert: string;
  readonly SslPassword: string;
  /** chainFail: the certificate must be replaced, whatever its dates are (expired, revoked). */
  readonly CertValRes?: TChainResult;
}

/** Its server. */
export interface OrderingServer {
  readonly SslCertAutoOrder: boolean;
  readonly CertExpireDays?: number;
  readonly State?: TSocketState;
}

const { ChallAlpnApp, ChallAlpnUNC, ChallFileApp, ChallFileUNC } = TChallengeType;
const UNSUPPORTED: ReadonlySet<TChallengeType> = new Set([
  TChallengeType.ChallNone,
  TChallengeType.ChallFileFtp,
  TChallengeType.ChallDnsMan,
  TChallengeType.ChallEmail,
  TChallengeType.ChallManual,
]);
const BY_PAGE: ReadonlySet<TChallengeType> = new Set([ChallFileUNC, ChallFileApp]);
const BY_ALPN: ReadonlySet<TChallengeType> = new Set([ChallAlpnUNC, ChallAlpnApp]);

/** '' or why no order can be placed, in the words of ICS. */
export function refusalOf(
  server: OrderingServer,
  host: OrderingHost,
  ports: { readonly http: number; readonly alpn: number },
): string {
  const { CertChallenge: type } = host;
  const isByServer = BY_PAGE.has(type) || BY_ALPN.has(type);
  if (!server.SslCertAutoOrder) return 'Server Certificate Ordering Disabled';
  if (UNSUPPORTED.has(type)) return 'Unsupported Challenge for Socket Server';
  if (isByServer && host.WellKnownPath === '')
    return 'No .Well-Known Directory Specified for HTTP Challenge';
  if (BY_PAGE.has(type) && host.BindNonPort !== ports.http)
    return `Port ${ports.http} Not Listening`;
  if (BY_ALPN.has(type) && host.BindSslPort !== ports.alpn)
    return `Port ${ports.alpn} Not Listening`;
  if (isByServer && (server.State ?? TSocketState.wsListening) !== TSocketState.wsListening)
    return 'Server not Listening';
  if (host.CertSupplierProto === TSupplierProto.SuppProtoNone) return 'No Supplier Protocol';
  if (host.CertDirWork === '') return 'No Work Directory Specified';
  const [first = ''] = host.HostNames;
  if (!path.basename(host.SslCert).startsWith(IcsBuildCertFName(first)))
    return `Certificate File Name Mismatch, File: ${host.SslCert},  Common Name: ${first}`;
  return '';
}

/**
 * What is to be ordered: the settings of the host over those of the database, or of the component for
 * a new domain (ICS: OrderCert).
 */
export function domainOf(
  host: OrderingHost,
  stored: DomainRecord | null,
  own: DomainRecord,
): DomainRecord {
  const names = [...host.HostNames].map((name) => name.trim().toLowerCase());
  const isProtected = host.SslPassword !== '';
  const { PrivKeyEncAES256, PrivKeyEncNone } = TSslPrivKeyCipher;
  const { OutFmtBudl, OutFmtP12, OutFmtPwP12 } = TCertOutFmt;
  const { CsrOriginProps } = TCertCsrOrigin;
  const base = stored ?? { ...own, CertCsrOrigin: CsrOriginProps, CertRenewNow: false };
  return merged(stored, {
    ...base,
    CertCommonName: names[0] ?? '',
    CertOutFmts: new Set([...(stored?.CertOutFmts ?? []), OutFmtBudl, OutFmtP12, OutFmtPwP12]),
    CertSignDigestType: host.CertSignDigest,
    DirPubWebCert: `"${path.resolve(path.dirname(host.SslCert))}"`,
    DirWellKnown: host.WellKnownPath,
    PrivKeyCipher: isProtected ? PrivKeyEncAES256 : PrivKeyEncNone,
    PrivKeyPassword: host.SslPassword,
    PrivKeyType: host.CertPKeyType,
    SuppCertChallenge: host.CertChallenge,
    SuppCertProduct: host.CertProduct,
    sans: names.map((Domain) => newSan({ Domain })),
  });
}
