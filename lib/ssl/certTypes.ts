// Enumerations and small types of the certificate classes only; those that TLS needs as well are in
// sslTypes.ts. Ordinals are those of ICS; every value is also exported under its bare name.

/** Order for TX509List.SortChain. */
export enum TX509ListSort {
  xsrtIssuerFirst,
  xsrtIssuedFirst,
}
export const { xsrtIssuerFirst, xsrtIssuedFirst } = TX509ListSort;

/** Kind of a new private key. PrivKeyECsecp512 is P-521. */
export enum TSslPrivKeyType {
  PrivKeyRsa1024,
  PrivKeyRsa2048,
  PrivKeyRsa3072,
  PrivKeyRsa4096,
  PrivKeyRsa7680,
  PrivKeyRsa15360,
  PrivKeyECsecp256,
  PrivKeyECsecp384,
  PrivKeyECsecp512,
  PrivKeyEd25519,
  PrivKeyRsaPss2048,
  PrivKeyRsaPss3072,
  PrivKeyRsaPss4096,
  PrivKeyRsaPss7680,
  PrivKeyRsaPss15360,
  PrivKeyECsecp256k,
}
export const {
  PrivKeyRsa1024,
  PrivKeyRsa2048,
  PrivKeyRsa3072,
  PrivKeyRsa4096,
  PrivKeyRsa7680,
  PrivKeyRsa15360,
  PrivKeyECsecp256,
  PrivKeyECsecp384,
  PrivKeyECsecp512,
  PrivKeyEd25519,
  PrivKeyRsaPss2048,
  PrivKeyRsaPss3072,
  PrivKeyRsaPss4096,
  PrivKeyRsaPss7680,
  PrivKeyRsaPss15360,
  PrivKeyECsecp256k,
} = TSslPrivKeyType;

/** How a private key is encrypted when it is saved. */
export enum TSslPrivKeyCipher {
  PrivKeyEncNone,
  PrivKeyEncTripleDES,
  PrivKeyEncIDEA,
  PrivKeyEncAES128,
  PrivKeyEncAES192,
  PrivKeyEncAES256,
}
export const {
  PrivKeyEncNone,
  PrivKeyEncTripleDES,
  PrivKeyEncIDEA,
  PrivKeyEncAES128,
  PrivKeyEncAES192,
  PrivKeyEncAES256,
} = TSslPrivKeyCipher;

/** One extension of a certificate (ICS: TExtension); ShortName '' means there is none. */
export interface TExtension {
  readonly Critical: boolean;
  /** OpenSSL's short name (`subjectAltName`), or the dotted number of an unknown one. */
  readonly ShortName: string;
  /** Lines separated by CR LF. */
  readonly Value: string;
}

/** ValidNotAfter of an empty object (Delphi: MinDateTime, 1 January 100). */
export const MinDateTime: Date = new Date(Date.UTC(100, 0, 1));
/** ValidNotBefore of an empty object (Delphi: MaxDateTime, the end of 9999). */
export const MaxDateTime: Date = new Date(Date.UTC(9999, 11, 31, 23, 59, 59, 999));
