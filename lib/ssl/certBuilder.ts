// Makes certificates and certificate requests with node:crypto alone, synchronously: a server that
// finds no certificate must have one when Listen returns. (WebCrypto libraries answer later.)
import {
  createHash,
  createPublicKey,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { domainToASCII } from 'node:url';
import { contextTag, readAsn1, Tag } from './asn1';
import { certFromDer } from './certMaterial';
import { detailsOf } from './certDetails';
import * as asn1 from './derWriter';
import { ipToBytes } from './ipBytes';
import { OID } from './oids';
import { EX509Exception } from './sslErrors';

/** Parts of a subject; empty ones are left out. */
export interface SubjectParts {
  CN?: string;
  O?: string;
  OU?: string;
  C?: string;
  ST?: string;
  L?: string;
  emailAddress?: string;
  serialNumber?: string;
}

/** An extension to be added as it is; `value` is its DER. */
export interface ExtraExtension {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Buffer;
}

/** Names of the bits of keyUsage. */
export type KeyUsageName =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign';

/** What a request and a certificate have in common. */
export interface RequestSpec {
  readonly subject: SubjectParts;
  /** DNS names in Unicode or ASCII. */
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  /** The private key the certificate is for. */
  readonly key: KeyObject;
  /** Default: digitalSignature, with RSA keys also keyEncipherment. Empty: no such extension. */
  readonly keyUsage?: readonly KeyUsageName[];
  /** Dotted numbers, or serverAuth and clientAuth. Default serverAuth; empty: no extension. */
  readonly extKeyUsage?: readonly string[];
  readonly extra?: readonly ExtraExtension[];
  /** Digest of the signature; without meaning for Ed25519. Default sha256. */
  readonly digest?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
}

export interface CertSpec extends RequestSpec {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Who signs; default the certificate's own key. */
  readonly issuer?: { readonly cert: X509Certificate; readonly key: KeyObject };
  /** A certificate authority; the default usages are those of one then. */
  readonly ca?: boolean;
  /** Most intermediates below a CA. */
  readonly pathLength?: number;
  /** Big-endian; default 16 random bytes. */
  readonly serial?: Buffer;
}

const KEY_USAGE_BITS: readonly KeyUsageName[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
];
const USAGE_OIDS: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};
const SUBJECT_OIDS: readonly (readonly [keyof SubjectParts, string])[] = [
  ['C', OID.country],
  ['ST', OID.state],
  ['L', OID.locality],
  ['O', OID.organization],
  ['OU', OID.organizationalUnit],
  ['CN', OID.commonName],
  ['serialNumber', OID.serialNumber],
  ['emailAddress', OID.email],
];
const V3 = 2;
const DNS = 2;
const IP = 7;
const SERIAL_BYTES = 16;

/** Raises EX509Exception for names, addresses and keys that cannot be in a certificate. */
export function makeCertificate(spec: CertSpec): X509Certificate {
  const signer = spec.issuer?.key ?? spec.key;
  const algorithm = signatureAlgorithm(signer, spec.digest);
  const subject = subjectName(spec.subject);
  const publicKey = publicKeyDer(spec.key);
  const body = asn1.sequence(
    asn1.tagged(0, asn1.integer(V3)),
    asn1.integer(spec.serial ?? randomSerial()),
    algorithm.der,
    spec.issuer ? detailsOf(spec.issuer.cert).subjectDer : subject,
    asn1.sequence(asn1.time(spec.notBefore), asn1.time(spec.notAfter)),
    subject,
    publicKey,
    asn1.tagged(3, asn1.sequence(...certExtensions(spec, publicKey))),
  );
  return certFromDer(signed(body, algorithm, signer));
}

/** A certificate request (PKCS #10) in DER. */
export function makeRequest(spec: RequestSpec): Buffer {
  const algorithm = signatureAlgorithm(spec.key, spec.digest);
  const extensions = asn1.sequence(...commonExtensions(spec, false));
  const attribute = asn1.sequence(asn1.objectId(OID.extensionRequest), asn1.setOf(extensions));
  const body = asn1.sequence(
    asn1.integer(0),
    subjectName(spec.subject),
    publicKeyDer(spec.key),
    asn1.tagged(0, attribute),
  );
  return signed(body, algorithm, spec.key);
}

/** Positive and never zero: the first bit is clear, the second set. */
function randomSerial(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

function publicKeyDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

interface Algorithm {
  readonly der: Buffer;
  /** null: the key's own (Ed25519). */
  readonly digest: string | null;
}

const RSA_OIDS: Readonly<Record<string, string>> = {
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const ECDSA_OIDS: Readonly<Record<string, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const DIGEST_OIDS: Readonly<Record<string, readonly [oid: string, bytes: number]>> = {
  sha1: ['1.3.14.3.2.26', 20],
  sha256: ['2.16.840.1.101.3.4.2.1', 32],
  sha384: ['2.16.840.1.101.3.4.2.2', 48],
  sha512: ['2.16.840.1.101.3.4.2.3', 64],
};

function signatureAlgorithm(key: KeyObject, digest = 'sha256'): Algorithm {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { der: asn1.sequence(asn1.objectId(RSA_OIDS[digest]!), asn1.nothing()), digest };
    case 'ec':
      return { der: asn1.sequence(asn1.objectId(ECDSA_OIDS[digest]!)), digest };
    case 'rsa-pss':
      return { der: pssAlgorithm(digest), digest };
    case 'ed25519':
      return { der: asn1.sequence(asn1.objectId('1.3.101.112')), digest: null };
    default:
      throw new EX509Exception(`Can't sign with a key of type ${String(key.asymmetricKeyType)}`);
  }
}

/** The salt is as long as the digest. */
function pssAlgorithm(digest: string): Buffer {
  const [oid, length] = DIGEST_OIDS[digest]!;
  const hash = asn1.sequence(asn1.objectId(oid), asn1.nothing());
  const parameters = asn1.sequence(
    asn1.tagged(0, hash),
    asn1.tagged(1, asn1.sequence(asn1.objectId(OID.mgf1), hash)),
    asn1.tagged(2, asn1.integer(length)),
  );
  return asn1.sequence(asn1.objectId(OID.rsaPss), parameters);
}

function signed(body: Buffer, algorithm: Algorithm, key: KeyObject): Buffer {
  const saltLength = algorithm.digest ? DIGEST_OIDS[algorithm.digest]![1] : 0;
  const isPss = key.asymmetricKeyType === 'rsa-pss';
  const signature = sign(algorithm.digest, body, isPss ? { key, saltLength } : key);
  return asn1.sequence(body, algorithm.der, asn1.bitString(signature));
}

function subjectName(parts: SubjectParts): Buffer {
  const attributes = SUBJECT_OIDS.flatMap(([name, oid]) => {
    const text = parts[name] ?? '';
    if (text === '') return [];
    return [asn1.setOf(asn1.sequence(asn1.objectId(oid), nameText(oid, text)))];
  });
  return asn1.sequence(...attributes);
}

/** Country and serial number are PrintableString, the address IA5String (RFC 5280, appendix A). */
function nameText(oid: string, text: string): Buffer {
  if (oid === OID.country && !/^[A-Za-z]{2}$/.test(text))
    throw new EX509Exception(`Invalid country "${text}", two letters are needed`);
  if (oid === OID.email) return asn1.der(Tag.Ia5String, Buffer.from(text, 'latin1'));
  if (oid === OID.country || oid === OID.serialNumber)
    return asn1.der(Tag.PrintableString, Buffer.from(text, 'latin1'));
  return asn1.utf8String(text);
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [asn1.boolean(true)] : [];
  return asn1.sequence(asn1.objectId(oid), ...flag, asn1.octetString(value));
}

function commonExtensions(spec: RequestSpec, isCa: boolean): Buffer[] {
  const parts: Buffer[] = [];
  const usages = spec.keyUsage ?? defaultUsages(spec.key, isCa);
  if (usages.length > 0) {
    const bits = asn1.namedBits(usages.map((name) => KEY_USAGE_BITS.indexOf(name)));
    parts.push(extension(OID.keyUsage, true, bits));
  }
  const extended = spec.extKeyUsage ?? (isCa ? [] : ['serverAuth']);
  if (extended.length > 0) {
    const oids = extended.map((name) => asn1.objectId(USAGE_OIDS[name] ?? name));
    parts.push(extension(OID.extKeyUsage, false, asn1.sequence(...oids)));
  }
  const names = [...(spec.dns ?? []).map(dnsName), ...(spec.ips ?? []).map(ipName)];
  // A subject without any part makes this extension critical (RFC 5280, 4.2.1.6).
  const isOnlyName = Object.values(spec.subject).every((part) => !part);
  if (names.length > 0)
    parts.push(extension(OID.subjectAltName, isOnlyName, asn1.sequence(...names)));
  for (const { oid, critical = false, value } of spec.extra ?? [])
    parts.push(extension(oid, critical, value));
  return parts;
}

function defaultUsages(key: KeyObject, isCa: boolean): KeyUsageName[] {
  if (isCa) return ['digitalSignature', 'keyCertSign', 'cRLSign'];
  return key.asymmetricKeyType === 'rsa'
    ? ['digitalSignature', 'keyEncipherment']
    : ['digitalSignature'];
}

function certExtensions(spec: CertSpec, publicKey: Buffer): Buffer[] {
  const isCa = spec.ca ?? false;
  const limit = spec.pathLength === undefined ? [] : [asn1.integer(spec.pathLength)];
  const constraints = isCa ? asn1.sequence(asn1.boolean(true), ...limit) : asn1.sequence();
  const keyId = keyIdOf(publicKey);
  const issuerKeyId = spec.issuer ? issuerKeyIdOf(spec.issuer.cert) : keyId;
  return [
    extension(OID.basicConstraints, true, constraints),
    extension(OID.subjectKeyId, false, asn1.octetString(keyId)),
    extension(OID.authorityKeyId, false, asn1.sequence(asn1.implicit(0, issuerKeyId))),
    ...commonExtensions(spec, isCa),
  ];
}

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2): a name for the key, not a protection. */
function keyIdOf(publicKey: Buffer): Buffer {
  return createHash('sha1').update(readAsn1(publicKey).sequence(2)[1]!.bits()).digest();
}

function issuerKeyIdOf(issuer: X509Certificate): Buffer {
  const own = detailsOf(issuer).extensions.find(({ oid }) => oid === OID.subjectKeyId);
  if (own) return readAsn1(own.value).octets();
  return keyIdOf(issuer.publicKey.export({ type: 'spki', format: 'der' }));
}

/** ASCII form of a DNS name for a certificate; a '*' may be the first label. */
export function certName(name: string): string {
  const ascii = /^[!-~]*$/.test(name) ? name.toLowerCase() : domainToASCII(name);
  const isName = /^(?:\*\.)?[a-z\d_](?:[a-z\d_.-]*[a-z\d_])?$/.test(ascii);
  if (!isName || ascii.length > 253 || ascii.includes('..'))
    throw new EX509Exception(`Invalid Common Name, Illegal Characters - "${name}"`);
  return ascii;
}

function dnsName(name: string): Buffer {
  return asn1.der(contextTag(DNS, false), Buffer.from(certName(name), 'latin1'));
}

function ipName(ip: string): Buffer {
  const bytes = ipToBytes(ip);
  if (!bytes) throw new EX509Exception(`Invalid IP address "${ip}"`);
  return asn1.der(contextTag(IP, false), bytes);
}
