// Writes PKCS #12 files: AES with PBKDF2 for key and certificates, a MAC with HMAC-SHA-256. Windows
// Server 2019, OpenSSL 1.1 and Java 8u301 and everything newer read them.
import { createHmac, randomBytes, X509Certificate, type KeyObject } from 'node:crypto';
import { TSslPrivKeyCipher } from './certTypes';
import * as asn1 from './derWriter';
import { OID } from './oids';
import { encryptPbes2, pkcs12Key } from './pbe';

const VERSION = 3;
const MAC_ITERATIONS = 10_000;
const SHA256 = '2.16.840.1.101.3.4.2.1';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const BMP_STRING = 0x1e;

export interface PfxParts {
  readonly cert: X509Certificate | null;
  readonly key: KeyObject | null;
  readonly inters: readonly X509Certificate[];
  /** Name shown by programs that list the file; '' for none. */
  readonly title: string;
}

/** Without a password nothing is encrypted; the MAC is made with the empty password then. */
export function writePfx(parts: PfxParts, password: string, cipher: TSslPrivKeyCipher): Buffer {
  const certs = parts.cert ? [parts.cert, ...parts.inters] : parts.inters;
  const bags = certs.map((cert) => certBag(cert, cert === parts.cert ? attributes(parts) : null));
  const contents = [contentInfo(asn1.sequence(...bags), password, cipher)];
  if (parts.key) contents.push(dataInfo(asn1.sequence(keyBag(parts, password, cipher))));
  const safe = asn1.sequence(...contents);
  return asn1.sequence(asn1.integer(VERSION), dataInfo(safe), macData(safe, password));
}

const dataInfo = (contents: Buffer): Buffer =>
  asn1.sequence(asn1.objectId(OID.data), asn1.tagged(0, asn1.octetString(contents)));

function contentInfo(contents: Buffer, password: string, cipher: TSslPrivKeyCipher): Buffer {
  if (password === '') return dataInfo(contents);
  const [algorithm, encrypted] = encryptPbes2(contents, password, cipher);
  const info = asn1.sequence(asn1.objectId(OID.data), algorithm, asn1.implicit(0, encrypted));
  const data = asn1.sequence(asn1.integer(0), info);
  return asn1.sequence(asn1.objectId(OID.encryptedData), asn1.tagged(0, data));
}

function certBag(cert: X509Certificate, marks: Buffer | null): Buffer {
  const value = asn1.sequence(
    asn1.objectId(X509_CERTIFICATE),
    asn1.tagged(0, asn1.octetString(cert.raw)),
  );
  return bag(CERT_BAG, value, marks);
}

function keyBag(parts: PfxParts, password: string, cipher: TSslPrivKeyCipher): Buffer {
  const pkcs8 = parts.key!.export({ type: 'pkcs8', format: 'der' });
  const marks = parts.cert ? attributes(parts) : null;
  if (password === '') return bag(KEY_BAG, pkcs8, marks);
  const [algorithm, encrypted] = encryptPbes2(pkcs8, password, cipher);
  return bag(SHROUDED_KEY_BAG, asn1.sequence(algorithm, asn1.octetString(encrypted)), marks);
}

function bag(oid: string, value: Buffer, marks: Buffer | null): Buffer {
  return asn1.sequence(asn1.objectId(oid), asn1.tagged(0, value), ...(marks ? [marks] : []));
}

/** The same identifier at the key and at its certificate says that they belong together. */
function attributes({ cert, title }: PfxParts): Buffer {
  const id = Buffer.from(cert!.fingerprint.replaceAll(':', ''), 'hex');
  const marks = [asn1.sequence(asn1.objectId(LOCAL_KEY_ID), asn1.setOf(asn1.octetString(id)))];
  if (title !== '') {
    const name = asn1.der(BMP_STRING, Buffer.from(title, 'utf16le').swap16());
    marks.push(asn1.sequence(asn1.objectId(FRIENDLY_NAME), asn1.setOf(name)));
  }
  return asn1.setOf(...marks);
}

function macData(safe: Buffer, password: string): Buffer {
  const salt = randomBytes(16);
  const secret = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const key = pkcs12Key(secret, salt, MAC_ITERATIONS, 3, 32, 'sha256');
  const mac = createHmac('sha256', key).update(safe).digest();
  const algorithm = asn1.sequence(asn1.objectId(SHA256), asn1.nothing());
  return asn1.sequence(
    asn1.sequence(algorithm, asn1.octetString(mac)),
    asn1.octetString(salt),
    asn1.integer(MAC_ITERATIONS),
  );
}
