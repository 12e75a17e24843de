// A certificate, its private key and its intermediates, and everything one can read from them
// (ICS: the properties of TX509Base). Descriptions are made when asked for; an object without a
// certificate answers '' everywhere.
//
//  - Several values of one property are separated by CR LF.
//  - Names are shown in Unicode; control characters in them as \xHH.
import type { KeyObject, X509Certificate } from 'node:crypto';
import { TComponent } from '../base/TComponent';
import { detailsOf, oneLine, partsOf, shown, type RawExtension } from './certDetails';
import {
  isExtendedValidation,
  isSelfSigned,
  publicKeyOf,
  publicKeyText,
  sha256Of,
} from './certInfo';
import { MaxDateTime, MinDateTime, type TExtension } from './certTypes';
import { extensionName, extensionText, NO_EXTENSION } from './extensionTexts';
import { keyText } from './keyInfo';
import { OID } from './oids';
import { IcsX509VerifyErrorToStr, X509_V_ERR_APPLICATION_VERIFICATION } from './verifyCodes';

const LINE_BREAK = '\r\n';
const DAY_MS = 86_400_000;
const NO_BYTES = Buffer.alloc(0);

export class X509Properties extends TComponent {
  /** Free name of the certificate's file or origin. Default ''. */
  declare CertName: string;
  /** Free name of the key's file or origin. Default ''. */
  declare KeyName: string;
  /** Free text. Default ''. */
  declare Comments: string;
  /** Result of the last check, X509_V_… Default 50, application verification. */
  declare VerifyResult: number;
  /** Result of the first check in a handshake. Default 50. */
  declare FirstVerifyResult: number;
  /** Result the application has set. Default 50. */
  declare CustomVerifyResult: number;
  /** Place in the chain that was checked, 0 is the peer's own certificate. Default 0. */
  declare VerifyDepth: number;

  #cert: X509Certificate | null = null;
  #key: KeyObject | null = null;
  #inters: readonly X509Certificate[] = [];

  /** The certificate. Assigning one resets the results of checks. */
  get X509(): X509Certificate | null {
    return this.#cert;
  }

  set X509(value: X509Certificate | null) {
    this.#cert = value;
    this.AssignDefaults();
  }

  /** The private key, or a public one from PublicKeyLoadFromText. */
  get PrivateKey(): KeyObject | null {
    return this.#key;
  }

  set PrivateKey(value: KeyObject | null) {
    this.#key = value;
  }

  /** Intermediate certificates in the order in which they were loaded. */
  get X509Inters(): readonly X509Certificate[] {
    return this.#inters;
  }

  set X509Inters(value: readonly X509Certificate[] | null) {
    this.#inters = value ? [...value] : [];
  }

  get IsCertLoaded(): boolean {
    return this.#cert !== null;
  }

  get IsPKeyLoaded(): boolean {
    return this.#key !== null;
  }

  get IsInterLoaded(): boolean {
    return this.#inters.length > 0;
  }

  /** Number of intermediates. */
  get InterCount(): number {
    return this.#inters.length;
  }

  /** Results of checks and depth as in a new object. */
  AssignDefaults(): void {
    this.VerifyDepth = 0;
    this.VerifyResult = X509_V_ERR_APPLICATION_VERIFICATION;
    this.FirstVerifyResult = X509_V_ERR_APPLICATION_VERIFICATION;
    this.CustomVerifyResult = X509_V_ERR_APPLICATION_VERIFICATION;
  }

  /** Common names of the subject. */
  get SubjectCName(): string {
    return this.#name('subject', OID.commonName);
  }

  get SubjectOName(): string {
    return this.#name('subject', OID.organization);
  }

  get SubjectOUName(): string {
    return this.#name('subject', OID.organizationalUnit);
  }

  /** Country. */
  get SubjectCOName(): string {
    return this.#name('subject', OID.country);
  }

  get SubjectSTName(): string {
    return this.#name('subject', OID.state);
  }

  get SubjectLName(): string {
    return this.#name('subject', OID.locality);
  }

  get SubjectEmailName(): string {
    return this.#name('subject', OID.email);
  }

  get SubjectSerialName(): string {
    return this.#name('subject', OID.serialNumber);
  }

  get IssuerCName(): string {
    return this.#name('issuer', OID.commonName);
  }

  get IssuerOName(): string {
    return this.#name('issuer', OID.organization);
  }

  get IssuerOUName(): string {
    return this.#name('issuer', OID.organizationalUnit);
  }

  // ICS: the next four return the subject's values there, which is a mistake.
  get IssuerCOName(): string {
    return this.#name('issuer', OID.country);
  }

  get IssuerSTName(): string {
    return this.#name('issuer', OID.state);
  }

  get IssuerLName(): string {
    return this.#name('issuer', OID.locality);
  }

  get IssuerEmailName(): string {
    return this.#name('issuer', OID.email);
  }

  /** '/C=…/O=…/CN=…'; bytes besides printable ASCII as \xHH. */
  get SubjectOneLine(): string {
    return this.#cert ? oneLine(detailsOf(this.#cert).subject) : '';
  }

  get IssuerOneLine(): string {
    return this.#cert ? oneLine(detailsOf(this.#cert).issuer) : '';
  }

  /** DNS names of the subjectAltName extension. */
  get SubAltNameDNS(): string {
    return this.ListNamesDNS.join(LINE_BREAK);
  }

  /** IP addresses of the subjectAltName extension, IPv6 in the short form. */
  get SubAltNameIP(): string {
    return this.ListNameIP.join(LINE_BREAK);
  }

  get ListNamesDNS(): string[] {
    return this.#cert ? detailsOf(this.#cert).dnsNames.map(shown) : [];
  }

  get ListNameIP(): string[] {
    return this.#cert ? [...detailsOf(this.#cert).ipAddresses] : [];
  }

  /** First moment of validity; MaxDateTime without a certificate. */
  get ValidNotBefore(): Date {
    return this.#cert ? new Date(detailsOf(this.#cert).notBefore) : new Date(MaxDateTime);
  }

  /** Last moment of validity; MinDateTime without a certificate. */
  get ValidNotAfter(): Date {
    return this.#cert ? new Date(detailsOf(this.#cert).notAfter) : new Date(MinDateTime);
  }

  /**
   * Is today (UTC) after the last day of validity, or before the first? Whole days are compared,
   * as in ICS: on its last day a certificate has not expired yet, whatever the hour.
   */
  get HasExpired(): boolean {
    const day = (moment: Date): number => Math.floor(moment.getTime() / DAY_MS);
    const today = day(new Date());
    const isValid = today >= day(this.ValidNotBefore) && today <= day(this.ValidNotAfter);
    return !isValid;
  }

  /** Issuer and subject are the same, or have at least the same common name. */
  get SelfSigned(): boolean {
    return this.#cert !== null && isSelfSigned(this.#cert);
  }

  /** -1 without a certificate and for a number above 2^53-1: SerialNumHex has all digits. */
  get SerialNum(): number {
    if (!this.#cert) return -1;
    const number = parseInt(this.#cert.serialNumber, 16);
    return Number.isSafeInteger(number) ? number : -1;
  }

  /** In lower case. */
  get SerialNumHex(): string {
    return this.#cert?.serialNumber.toLowerCase() ?? '';
  }

  get SerialNumTB(): Buffer {
    const hex = this.SerialNumHex;
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  }

  /** Fingerprint, 40 digits in upper case without colons. */
  get Sha1Hex(): string {
    return this.#cert?.fingerprint.replaceAll(':', '') ?? '';
  }

  /** Fingerprint, 64 digits in upper case without colons. */
  get Sha256Hex(): string {
    return this.#cert ? sha256Of(this.#cert) : '';
  }

  /** 20 bytes, none without a certificate. */
  get Sha1Digest(): Buffer {
    return Buffer.from(this.Sha1Hex, 'hex');
  }

  /** 32 bytes, none without a certificate. */
  get Sha256Digest(): Buffer {
    return Buffer.from(this.Sha256Hex, 'hex');
  }

  /** E.g. `sha256WithRSAEncryption`; the dotted number of an unknown one. */
  get SignatureAlgorithm(): string {
    return this.#cert ? detailsOf(this.#cert).signature : '';
  }

  /** The public key: `RSA Key Encryption 2048 bits, 112 security bits`. */
  get KeyInfo(): string {
    return this.#cert ? publicKeyText(this.#cert) : '';
  }

  /** The private key, in the same words. */
  get PrivateKeyInfo(): string {
    return this.#key ? keyText(this.#key) : '';
  }

  /** The certificate's public key; null also for a kind that OpenSSL does not know. */
  get X509PublicKey(): KeyObject | null {
    return this.#cert ? publicKeyOf(this.#cert) : null;
  }

  /** DER of the public key (SubjectPublicKeyInfo). */
  get X509PubKeyTB(): Buffer {
    return this.X509PublicKey?.export({ type: 'spki', format: 'der' }) ?? NO_BYTES;
  }

  /** `Digital Signature`, `Key Encipherment`, … */
  get KeyUsage(): string {
    return this.#extension(OID.keyUsage).Value;
  }

  /** `TLS Web Server Authentication`, …; dotted numbers of unknown ones. */
  get ExKeyUsage(): string {
    return this.#extension(OID.extKeyUsage).Value;
  }

  /** `CA=TRUE` or `CA=FALSE`, and perhaps `pathlen=0`. */
  get BasicConstraints(): string {
    return this.#extension(OID.basicConstraints).Value;
  }

  /** Hex digits with colons. */
  get AuthorityKeyId(): string {
    return this.#extension(OID.authorityKeyId).Value;
  }

  /** Hex digits with colons. */
  get SubjectKeyId(): string {
    return this.#extension(OID.subjectKeyId).Value;
  }

  get CertPolicies(): string {
    return this.#extension(OID.certPolicies).Value;
  }

  get CRLDistribution(): string {
    return this.#extension(OID.crlDistribution).Value;
  }

  /** `OCSP - URI=…`, `CA Issuers - URI=…` */
  get AuthorityInfoAccess(): string {
    return this.#extension(OID.authorityInfoAccess).Value;
  }

  /** Addresses of the OCSP responders. */
  get UrlOcsp(): string {
    return this.#accessUrls('OCSP - URI=');
  }

  /** Addresses of the issuer's certificate. */
  get UrlIssuer(): string {
    return this.#accessUrls('CA Issuers - URI=');
  }

  /** Is it an Extended Validation certificate, by its policies? */
  get ExtendedValidation(): boolean {
    return this.#cert !== null && isExtendedValidation(this.#cert);
  }

  get SubjectAltName(): TExtension {
    return this.#extension(OID.subjectAltName);
  }

  get ExtensionCount(): number {
    return this.#rawExtensions().length;
  }

  /** All extensions in their order. */
  get Extensions(): readonly TExtension[] {
    return this.#rawExtensions().map(extensionText);
  }

  /** An extension by its short name or dotted number; ShortName '' if there is none. */
  GetExtensionByName(S: string): TExtension {
    const wanted = S.toLowerCase();
    const found = this.#rawExtensions().find(
      ({ oid }) => extensionName(oid).toLowerCase() === wanted || oid === wanted,
    );
    return found ? extensionText(found) : NO_EXTENSION;
  }

  /** Text of VerifyResult; '' without a certificate. */
  get VerifyErrMsg(): string {
    return this.#cert ? IcsX509VerifyErrorToStr(this.VerifyResult) : '';
  }

  /** Text of FirstVerifyResult; '' without a certificate. */
  get FirstVerifyErrMsg(): string {
    return this.#cert ? IcsX509VerifyErrorToStr(this.FirstVerifyResult) : '';
  }

  #name(side: 'subject' | 'issuer', oid: string): string {
    return this.#cert ? partsOf(detailsOf(this.#cert)[side], oid).join(LINE_BREAK) : '';
  }

  #rawExtensions(): readonly RawExtension[] {
    return this.#cert ? detailsOf(this.#cert).extensions : [];
  }

  #extension(oid: string): TExtension {
    const found = this.#rawExtensions().find((extension) => extension.oid === oid);
    return found ? extensionText(found) : NO_EXTENSION;
  }

  #accessUrls(prefix: string): string {
    const lines = this.AuthorityInfoAccess.split(LINE_BREAK);
    const urls = lines.filter((line) => line.startsWith(prefix));
    return urls.map((line) => line.slice(prefix.length)).join(LINE_BREAK);
  }
}

Object.assign(X509Properties.prototype, {
  CertName: '',
  KeyName: '',
  Comments: '',
  VerifyDepth: 0,
  VerifyResult: X509_V_ERR_APPLICATION_VERIFICATION,
  FirstVerifyResult: X509_V_ERR_APPLICATION_VERIFICATION,
  CustomVerifyResult: X509_V_ERR_APPLICATION_VERIFICATION,
});
