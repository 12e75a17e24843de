// What Node's X509Certificate does not tell: the parts of the names one by one, dates as dates,
// the signature algorithm, the extensions. Read from the DER once per certificate, when first asked.
//
// A certificate that OpenSSL reads and this reader does not has no names, which matches no host.
import type { X509Certificate } from 'node:crypto';
import { domainToUnicode } from 'node:url';
import { contextTag, readAsn1, stringValue, Tag, timeValue, type Asn1 } from './asn1';
import { ipFromBytes } from './ipBytes';
import { NAME_PARTS, OID, SIGNATURES } from './oids';

/** One attribute of a subject or issuer. */
export interface NamePart {
  readonly oid: string;
  /** As it stands in the certificate; may hold any character. */
  readonly text: string;
  readonly bytes: Buffer;
  /** Does it belong to the attribute before it (a relative name of several attributes)? */
  readonly joined: boolean;
}

export interface RawExtension {
  readonly oid: string;
  readonly critical: boolean;
  /** The extension's own DER. */
  readonly value: Buffer;
}

export interface CertDetails {
  readonly subject: readonly NamePart[];
  readonly issuer: readonly NamePart[];
  /** DER of the subject, as an issuer's name goes into the certificates it signs. */
  readonly subjectDer: Buffer;
  readonly issuerDer: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly signature: string;
  readonly extensions: readonly RawExtension[];
  /** DNS names of subjectAltName as they stand there. */
  readonly dnsNames: readonly string[];
  /** Addresses of subjectAltName in their usual form. */
  readonly ipAddresses: readonly string[];
}

const known = new WeakMap<X509Certificate, CertDetails>();

export function detailsOf(cert: X509Certificate): CertDetails {
  let details = known.get(cert);
  if (!details) {
    details = read(cert);
    known.set(cert, details);
  }
  return details;
}

function read(cert: X509Certificate): CertDetails {
  try {
    return fromDer(cert);
  } catch {
    return {
      subject: [],
      issuer: [],
      subjectDer: Buffer.alloc(0),
      issuerDer: Buffer.alloc(0),
      notBefore: new Date(cert.validFrom),
      notAfter: new Date(cert.validTo),
      signature: '',
      extensions: [],
      dnsNames: [],
      ipAddresses: [],
    };
  }
}

const VERSION = contextTag(0);
const EXTENSIONS = contextTag(3);

function fromDer(cert: X509Certificate): CertDetails {
  const [body, algorithm] = readAsn1(cert.raw).sequence(3) as [Asn1, Asn1];
  const fields = body.sequence(6);
  if (fields[0]!.tag === VERSION) fields.shift();
  const [, , issuer, validity, subject] = fields as [Asn1, Asn1, Asn1, Asn1, Asn1];
  const [notBefore, notAfter] = validity.sequence(2) as [Asn1, Asn1];
  const extensions = readExtensions(fields.find(({ tag }) => tag === EXTENSIONS));
  const names = subjectAltNames(extensions);
  return {
    subject: nameParts(subject),
    issuer: nameParts(issuer),
    subjectDer: subject.raw,
    issuerDer: issuer.raw,
    notBefore: timeValue(notBefore) ?? new Date(cert.validFrom),
    notAfter: timeValue(notAfter) ?? new Date(cert.validTo),
    signature: signatureName(algorithm),
    extensions,
    dnsNames: names.filter(({ tag }) => tag === DNS).map(({ content }) => latin1(content)),
    ipAddresses: names
      .filter(({ tag }) => tag === IP)
      .map(({ content }) => ipFromBytes(content))
      .filter((text) => text !== undefined),
  };
}

function signatureName(algorithm: Asn1): string {
  const oid = algorithm.sequence(1)[0]!.oid();
  return SIGNATURES[oid] ?? oid;
}

/** Attributes of a Name in their order. */
export function nameParts(name: Asn1): NamePart[] {
  return name.sequence().flatMap((set) =>
    set
      .expect(Tag.Set)
      .children()
      .map((pair, at) => {
        const [type, value] = pair.sequence(2) as [Asn1, Asn1];
        const text = stringValue(value) ?? value.content.toString('hex');
        return { oid: type.oid(), text, bytes: value.content, joined: at > 0 };
      }),
  );
}

function readExtensions(field: Asn1 | undefined): RawExtension[] {
  const list = field?.children()[0]?.sequence() ?? [];
  return list.map((item) => {
    const parts = item.sequence(2);
    const critical = parts[1]!.tag === Number(Tag.Boolean) && parts[1]!.content[0] !== 0;
    return { oid: parts[0]!.oid(), critical, value: parts.at(-1)!.octets() };
  });
}

/** Kinds of a GeneralName. */
export const EMAIL = contextTag(1, false);
export const DNS = contextTag(2, false);
export const URI = contextTag(6, false);
export const IP = contextTag(7, false);
export const DIRECTORY = contextTag(4);

export const latin1 = (bytes: Buffer): string => bytes.toString('latin1');

function subjectAltNames(extensions: readonly RawExtension[]): Asn1[] {
  const extension = extensions.find(({ oid }) => oid === OID.subjectAltName);
  return extension ? readAsn1(extension.value).sequence() : [];
}

/** Values of one attribute, readable: see `shown`. */
export function partsOf(name: readonly NamePart[], oid: string): string[] {
  return name.filter((part) => part.oid === oid).map(({ text }) => shown(text));
}

/**
 * '/C=…/CN=…'; '/' and '+' in a value with a backslash in front, bytes that are not printable ASCII
 * as \xHH (OpenSSL: X509_NAME_oneline).
 */
export function oneLine(name: readonly NamePart[]): string {
  return name
    .map(({ oid, bytes, joined }) => {
      const value = latin1(bytes)
        .replace(/[/+]/g, '\\$&')
        .replace(/[^ -~]/g, escaped);
      return `${joined ? '+' : '/'}${NAME_PARTS[oid] ?? oid}=${value}`;
    })
    .join('');
}

const escaped = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/**
 * A text of a certificate for people and lists: labels in Punycode as Unicode, control characters
 * as \xHH so that no name can pretend to be two lines.
 */
export function shown(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return unicodeName(text).replace(/[\0-\x1f\x7f-\x9f]/g, escaped);
}

function unicodeName(text: string): string {
  if (text.length > 255 || !/(?:^|\.)xn--/i.test(text)) return text;
  return text.split('.').map(unicodeLabel).join('.');
}

function unicodeLabel(label: string): string {
  return /^xn--/i.test(label) ? domainToUnicode(label) || label : label;
}
