// Types of TSslX509Certs (OverbyteIcsSslX509Certs). The states are those of ICS V9.5; the names V9.4
// wrote into its databases are read as well (controlDb.ts). Values are exported under bare names too.
import type { TChallengeType, TSupplierProto } from '../ssl/orderTypes';
import type { TLogOption, TVar } from '../types';

/** How far an order or a challenge has come. The order of the values matters: they are compared. */
export enum TIssueState {
  IssStateNone,
  IssStateChecked,
  IssStateChallgReq,
  IssStateChallgWaitTest,
  IssStateChallgTest,
  IssStateChallgPend,
  IssStateChallgOK,
  IssStateFinalPend,
  IssStateIssuePend,
  IssStateIssued,
  IssStateCollected,
  IssStateFinished,
  IssStateCancel,
}
export const {
  IssStateNone,
  IssStateChecked,
  IssStateChallgReq,
  IssStateChallgWaitTest,
  IssStateChallgTest,
  IssStateChallgPend,
  IssStateChallgOK,
  IssStateFinalPend,
  IssStateIssuePend,
  IssStateIssued,
  IssStateCollected,
  IssStateFinished,
  IssStateCancel,
} = TIssueState;

/** Words for TIssueState. */
export const IssueStateNames: readonly string[] = [
  'None',
  'Checked',
  'Challg Request',
  'Challg Wait',
  'Challg Test',
  'Challg Pending',
  'Challg OK',
  'Final Pending',
  'Issue Pending',
  'Issued',
  'Collected',
  'Finished',
  'Cancelled',
];

/** Where the request comes from: the properties, or a file with its old key. */
export enum TCertCsrOrigin {
  CsrOriginProps,
  CsrOriginFile,
}
export const { CsrOriginProps, CsrOriginFile } = TCertCsrOrigin;

/** Serial numbers of certificates of one's own CA. */
export enum TSerNumType {
  SerNumRandom,
  SerNumSequential,
}
export const { SerNumRandom, SerNumSequential } = TSerNumType;

/** Members of the set CertOutFmts: which files are written. */
export enum TCertOutFmt {
  OutFmtSep,
  OutFmtBudl,
  OutFmtP12,
  OutFmtP7,
  OutFmtReq,
  OutFmtPwPem,
  OutFmtPwP12,
  OutFmtWinStore,
}
export const {
  OutFmtSep,
  OutFmtBudl,
  OutFmtP12,
  OutFmtP7,
  OutFmtReq,
  OutFmtPwPem,
  OutFmtPwP12,
  OutFmtWinStore,
} = TCertOutFmt;
export type TCertOutFmts = ReadonlySet<TCertOutFmt>;

/** Known authorities. Any other one: assign SupplierServer. */
export enum TAcmeSupplier {
  AcmeLetsEncrypt,
  AcmeLetsEncryptTest,
  AcmeZeroSSL,
  AcmeGoogle,
  AcmeGoogleTest,
  AcmeDigicert,
  AcmeDigicertTest,
  AcmeSslcomRSA,
  AcmeSslcomECC,
}
export const {
  AcmeLetsEncrypt,
  AcmeLetsEncryptTest,
  AcmeZeroSSL,
  AcmeGoogle,
  AcmeGoogleTest,
  AcmeDigicert,
  AcmeDigicertTest,
  AcmeSslcomRSA,
  AcmeSslcomECC,
} = TAcmeSupplier;

/** Address of the directory and first letters of file names, by TAcmeSupplier. */
export const AcmeSuppliers: readonly { readonly url: string; readonly prefix: string }[] = [
  { url: 'https://acme-v02.api.letsencrypt.org/directory', prefix: 'LE-' },
  { url: 'https://acme-staging-v02.api.letsencrypt.org/directory', prefix: 'LE-' },
  { url: 'https://acme.zerossl.com/v2/DV90', prefix: 'ZER-' },
  { url: 'https://dv.acme-v02.api.pki.goog/directory', prefix: 'GOO-' },
  { url: 'https://dv.acme-v02.test-api.pki.goog/directory', prefix: 'GOO-' },
  { url: 'https://one.digicert.com/mpki/api/v1/acme/v2/directory', prefix: 'DIG-' },
  { url: 'https://one.digicert.com/mpki/api/v1/acme/v2/directory', prefix: 'DIG-' },
  { url: 'https://acme.ssl.com/sslcom-dv-rsa', prefix: 'SSL-' },
  { url: 'https://acme.ssl.com/sslcom-dv-ecc', prefix: 'SSL-' },
];
/** First letters of files from an authority that is not in the list. */
export const OTHER_PREFIX = 'ACME-';
export const OWN_CA_PREFIX = 'OwnCA-';

/** One name that the authority wants to be shown who it belongs to. */
export interface TChallengeItem {
  /** The name in Unicode, without `*.`; or an IP address. */
  CDomain: string;
  CWildcard: boolean;
  CCommonName: string;
  CSuppOrderId: string;
  CDirWellKnown: string;
  /** File that holds CResp, for the challenges by file. */
  CWKFullName: string;
  CSupplierProto: TSupplierProto;
  CType: TChallengeType;
  /** IssStateCancel in OnChallengeDNS and OnChallengeFTP: what was added is to be removed. */
  CIssueState: TIssueState;
  CAuthzURL: string;
  ChallengeURL: string;
  ChallgToken: string;
  /** Path below `.well-known/`, or the name of the TXT record. */
  CPage: string;
  /** The key authorisation: contents of the page. */
  CResp: string;
  /** Text of the TXT record. */
  CDNSValue: string;
  /** File with the certificate of a tls-alpn-01 challenge. */
  CAcmeAlpnCert: string;
  /** Name a tls-alpn-01 client asks for: the domain, or the reversed name of an address. */
  CAlpnSNI: string;
  /** `dns` or `ip`. */
  CIdType: string;
  CStartDT: Date;
  CDoneDT: Date;
  CExpireDT: Date;
  CValidResult: string;
}

/** Answer of OnChallengeDNS and the like: by ChlgOK, or returned, also as a promise. */
export type ChallengeAnswer = boolean | void | Promise<boolean | void>;
type Handler<Arguments extends unknown[], Result = void> = {
  bivariant(...args: Arguments): Result;
}['bivariant'];

export type TCertProgEvent<S = object> = Handler<[Sender: S, LogOption: TLogOption, Msg: string]>;
export type TChallengeEvent<S = object> = Handler<
  [Sender: S, ChallengeItem: TChallengeItem, ChlgOK: TVar<boolean>],
  ChallengeAnswer
>;

/** A moment that stands for "never" (Delphi: TDateTime 0). */
export const NO_DATE: Date = new Date(0);
export const DAY_MS = 86_400_000;
