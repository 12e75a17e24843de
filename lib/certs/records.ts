// What the control database holds, by the names of its keys: the account, a domain with its order, a
// name of it, a challenge. Keys of other versions and suppliers stay in the file as they are.
import { TSslPrivKeyCipher, TSslPrivKeyType } from '../ssl/certTypes';
import { TChallengeType, TEvpDigest, TSupplierProto } from '../ssl/orderTypes';
import { TChainResult } from '../ssl/sslTypes';
import { date, flag, initialOf, integer, oneOf, setOf, text, type RecordOf } from './iniFields';
import {
  TAcmeSupplier,
  TCertCsrOrigin,
  TCertOutFmt,
  TIssueState,
  TSerNumType,
} from './x509CertsTypes';
import { THttpDebugLevel } from '../types';

/** Names V9.4 wrote. */
const OLD_STATES = {
  IssStateAccount: TIssueState.IssStateNone,
  IssStateCollect: TIssueState.IssStateCollected,
  IssStateInstall: TIssueState.IssStateFinished,
};
const state = oneOf(TIssueState, TIssueState.IssStateNone, OLD_STATES);
const challenge = oneOf(TChallengeType, TChallengeType.ChallNone);
const supplier = oneOf(TSupplierProto, TSupplierProto.SuppProtoNone);
export const FIRST_ORDER_NUMBER = 1001;

export const ACCOUNT_FIELDS = {
  DebugLevel: oneOf(THttpDebugLevel, THttpDebugLevel.DebugConn),
  DirCertWork: text(),
  DomWebSrvIP: text('0.0.0.0'),
  LogJson: flag(),
  LogPkeys: flag(),
  SupplierEmail: text(),
  SupplierProto: supplier,
  SupplierServer: text(),
  SupplierTitle: text(),
  SeqOrderNum: integer(FIRST_ORDER_NUMBER),
  AcmeAccKeyType: oneOf(TSslPrivKeyType, TSslPrivKeyType.PrivKeyRsa2048),
  AcmeAccountNum: text(),
  AcmeAccountUrl: text(),
  AcmeSupplier: oneOf(TAcmeSupplier, TAcmeSupplier.AcmeLetsEncrypt),
  AcmeEABKid: text(),
  AcmeEABHmacKey: text(),
  SupplierRootCA: text(),
  CACertFile: text(),
  CAPkeyFile: text(),
  CAPkeyPw: text(),
};
export type AccountRecord = RecordOf<typeof ACCOUNT_FIELDS>;

/** What the application decides. */
export const SETTING_FIELDS = {
  CertCommonName: text(),
  CertCountry: text(),
  CertCsrOrigin: oneOf(TCertCsrOrigin, TCertCsrOrigin.CsrOriginProps),
  CertLocality: text(),
  CertOldCsrFile: text(),
  CertOldPrvKey: text(),
  CertOrgUnit: text(),
  CertOrganization: text(),
  CertContactEmail: text(),
  CertOutFmts: setOf<TCertOutFmt>(TCertOutFmt),
  CertSerNumType: oneOf(TSerNumType, TSerNumType.SerNumRandom),
  CertSignDigestType: oneOf(TEvpDigest, TEvpDigest.Digest_sha256),
  CertState: text(),
  CertValidity: integer(365),
  CertAcmeProfile: text(),
  DirPubWebCert: text(),
  DirWellKnown: text(),
  PrivKeyCipher: oneOf(TSslPrivKeyCipher, TSslPrivKeyCipher.PrivKeyEncNone),
  PrivKeyPassword: text(),
  PrivKeyType: oneOf(TSslPrivKeyType, TSslPrivKeyType.PrivKeyRsa2048),
  SuppCertChallenge: challenge,
  SuppCertProduct: text(),
};
export type DomainSettings = RecordOf<typeof SETTING_FIELDS>;

/** What an order has come to. */
export const ORDER_FIELDS = {
  AcmeOrderFinalizeUrl: text(),
  AcmeOrderObjUrl: text(),
  AcmeCertUrl: text(),
  CertRenewCheckDT: date(),
  CertRenewNow: flag(),
  CertRenewRetryDT: date(),
  CertRenewalId: text(),
  ChallgDoneDT: date(),
  ChallgExpireDT: date(),
  ChallgStartDT: date(),
  FileFinalBundle: text(),
  FileFinalPrvKey: text(),
  FileFinalCert: text(),
  FileOrderKey: text(),
  IssueState: state,
  NewCertCN: text(),
  NewCertChainInfo: text(),
  NewCertEndDT: date(),
  NewCertErrs: text(),
  NewCertSAN: text(),
  NewCertSerial: text(),
  NewCertStartDT: date(),
  NewCertValRes: oneOf(TChainResult, TChainResult.chainNone),
  NewOrderNum: integer(),
  OrderAttempts: integer(),
  OrderFailures: integer(),
  OrderNextDT: date(),
  OrderCertsDT: date(),
  OrderStartDT: date(),
  PartFNameFinal: text(),
  PartFNameOrder: text(),
  PartFNameServer: text(),
  PendingChallg: integer(),
  SuppOrderId: text(),
  SuppOrderRef: text(),
};
export type OrderProgress = RecordOf<typeof ORDER_FIELDS>;

export const SAN_FIELDS = {
  Domain: text(),
  DirWellKnown: text(),
  DirPubWebCert: text(),
  ApprovalEmail: text(),
  SAIssueState: state,
  SAStartDT: date(),
  SADoneDT: date(),
  SAValidResult: text(),
};
export type SanRecord = RecordOf<typeof SAN_FIELDS>;

export const CHALLENGE_FIELDS = {
  CDomain: text(),
  CWildcard: flag(),
  CCommonName: text(),
  CSuppOrderId: text(),
  CDirWellKnown: text(),
  CWKFullName: text(),
  CSupplierProto: supplier,
  CType: challenge,
  CIssueState: state,
  CAuthzURL: text(),
  ChallengeURL: text(),
  ChallgToken: text(),
  CPage: text(),
  CResp: text(),
  CDNSValue: text(),
  CAcmeAlpnCert: text(),
  CAlpnSNI: text(),
  CIdType: text('dns'),
  CStartDT: date(),
  CDoneDT: date(),
  CExpireDT: date(),
  CValidResult: text(),
};

/** A domain: settings, progress, and its names. */
export interface DomainRecord extends DomainSettings, OrderProgress {
  sans: SanRecord[];
}

export function newDomain(settings: Partial<DomainSettings> = {}): DomainRecord {
  return { ...initialOf(SETTING_FIELDS), ...initialOf(ORDER_FIELDS), sans: [], ...settings };
}

export function newSan(parts: Partial<SanRecord>): SanRecord {
  return { ...initialOf(SAN_FIELDS), ...parts };
}

/** All names of a domain: the common name first, each once. */
export function allNames(domain: DomainRecord): string[] {
  return [...new Set([domain.CertCommonName, ...domain.sans.map(({ Domain }) => Domain)])];
}

/** New settings with the progress of the record that is there. */
export function merged(old: DomainRecord | null, wanted: DomainRecord): DomainRecord {
  if (!old) return wanted;
  const settings = Object.keys(SETTING_FIELDS).map((name) => [
    name,
    wanted[name as keyof DomainSettings],
  ]);
  const progressOf = (name: string): Partial<SanRecord> => {
    const { SAIssueState, SAStartDT, SADoneDT, SAValidResult } =
      old.sans.find(({ Domain }) => Domain === name) ?? newSan({});
    return { SAIssueState, SAStartDT, SADoneDT, SAValidResult };
  };
  return {
    ...old,
    ...(Object.fromEntries(settings) as DomainSettings),
    CertRenewNow: wanted.CertRenewNow || old.CertRenewNow,
    sans: wanted.sans.map((san) => ({ ...san, ...progressOf(san.Domain) })),
  };
}
