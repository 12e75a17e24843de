// Reads PKCS #12 files, .pfx and .p12 (RFC 7292): the certificate with its key, and the others. Node
// can use such a file for a connection but cannot tell what is in it.
//
// The password is checked with the file's MAC, so a wrong password and a damaged file differ.
import { createHmac, timingSafeEqual, type KeyObject, type X509Certificate } from 'node:crypto';
import { contextTag, readAsn1, Tag, type Asn1 } from './asn1';
import { belongs, certFromDer, keyFromPkcs8, type CertMaterial } from './certMaterial';
import { OID } from './oids';
import { decryptPbe, decryptPkcs8, Passphrase, pbkdf2Key, pkcs12Key, Work } from './pbe';
import { EX509Exception, reasonOf } from './sslErrors';

const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const NESTED_BAG = '1.2.840.113549.1.12.10.1.6';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const PBMAC1 = '1.2.840.113549.1.5.14';
const MAX_NESTING = 8;
const EXPLICIT = contextTag(0);
const ENCRYPTED_CONTENT = contextTag(0, false);

const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const HMACS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

interface Bags {
  readonly certs: X509Certificate[];
  readonly keys: KeyObject[];
  /** Why keys could not be read. */
  readonly mistakes: string[];
}

/**
 * The certificate that belongs to the file's key, or the first one, and the others in their order.
 * A file without password also opens when one is given. Raises EX509Exception with
 * `Error PKCS12 certificate password invalid` or `Error PKCS12 certificate - …`.
 */
export function readPfx(bytes: Buffer, password: string): CertMaterial {
  try {
    return arranged(bagsOf(bytes, password));
  } catch (error) {
    if (error instanceof WrongPassword)
      throw new EX509Exception('Error PKCS12 certificate password invalid', 'ERR_PKCS12_PASSWORD');
    throw new EX509Exception(`Error PKCS12 certificate - ${reasonOf(error)}`, 'ERR_PKCS12');
  }
}

class WrongPassword extends Error {}

function arranged({ certs, keys, mistakes }: Bags): CertMaterial {
  if (certs.length === 0 && mistakes.length > 0) throw new EX509Exception(mistakes[0]!);
  if (certs.length === 0) throw new EX509Exception('no certificate found');
  const key = keys[0] ?? null;
  const own = key ? certs.find((cert) => belongs(cert, key)) : undefined;
  const cert = own ?? certs[0]!;
  return { cert, key, inters: certs.filter((other) => other !== cert) };
}

function bagsOf(bytes: Buffer, password: string): Bags {
  const [, authSafe, mac] = readAsn1(bytes).sequence(2) as [Asn1, Asn1, Asn1?];
  const [type, content] = authSafe.sequence(2) as [Asn1, Asn1];
  if (type.oid() !== OID.data) throw new EX509Exception('signed files are not supported');
  const safe = content.expect(EXPLICIT).children()[0]!.octets();
  const work = new Work();
  const texts = password === '' ? ['', null] : [password, '', null];
  const passwords = texts.map((text) => new Passphrase(text, work));
  if (!mac) return firstThatOpens(safe, passwords);
  const right = passwords.find((candidate) => macFits(mac, safe, candidate));
  if (!right) throw new WrongPassword();
  return contentsOf(safe, right);
}

/** Without a MAC nothing tells a wrong password from damage: the first text that makes sense wins. */
function firstThatOpens(safe: Buffer, passwords: readonly Passphrase[]): Bags {
  for (const password of passwords) {
    try {
      return contentsOf(safe, password);
    } catch (error) {
      if (error instanceof EX509Exception && error.code !== 'ERR_ASN1') throw error;
    }
  }
  throw new WrongPassword();
}

function macFits(mac: Asn1, data: Buffer, password: Passphrase): boolean {
  const [digestInfo, saltField, count] = mac.sequence(2) as [Asn1, Asn1, Asn1?];
  const [algorithm, digest] = digestInfo.sequence(2) as [Asn1, Asn1];
  const [id, parameters] = algorithm.sequence(1) as [Asn1, Asn1?];
  const oid = id.oid();
  const expected = digest.octets();
  const made =
    oid === PBMAC1 && parameters
      ? pbmac1(parameters, data, password)
      : oldMac(oid, saltField.octets(), count, data, password);
  return made.length === expected.length && timingSafeEqual(made, expected);
}

function oldMac(
  oid: string,
  salt: Buffer,
  count: Asn1 | undefined,
  data: Buffer,
  password: Passphrase,
): Buffer {
  const hash = HASHES[oid];
  if (!hash) throw new EX509Exception(`unsupported MAC ${oid}`);
  if (salt.length > 1024) throw new EX509Exception('salt too long');
  const rounds = password.work.spend(count ? count.smallInteger() : 1);
  const length = createHmac(hash, '').digest().length;
  const key = pkcs12Key(password.bmp, salt, rounds, 3, length, hash);
  return createHmac(hash, key).update(data).digest();
}

/** RFC 9579. */
function pbmac1(parameters: Asn1, data: Buffer, password: Passphrase): Buffer {
  const [derivation, scheme] = parameters.sequence(2) as [Asn1, Asn1];
  const oid = scheme.sequence(1)[0]!.oid();
  const hash = HMACS[oid];
  if (!hash) throw new EX509Exception(`unsupported MAC ${oid}`);
  const length = createHmac(hash, '').digest().length;
  return createHmac(hash, pbkdf2Key(derivation, length, password))
    .update(data)
    .digest();
}

function contentsOf(safe: Buffer, password: Passphrase): Bags {
  const bags: Bags = { certs: [], keys: [], mistakes: [] };
  for (const info of readAsn1(safe).sequence()) {
    const [type, content] = info.sequence(2) as [Asn1, Asn1];
    const inner = content.expect(EXPLICIT).children()[0];
    if (!inner) throw new EX509Exception('empty contents');
    const oid = type.oid();
    if (oid === OID.data) addBags(inner.octets(), password, bags, 0);
    else if (oid === OID.encryptedData) addBags(decrypted(inner, password), password, bags, 0);
    else throw new EX509Exception(`unsupported contents ${oid}`);
  }
  return bags;
}

function decrypted(encryptedData: Asn1, password: Passphrase): Buffer {
  const [, info] = encryptedData.sequence(2) as [Asn1, Asn1];
  const [, algorithm, content] = info.sequence(3) as [Asn1, Asn1, Asn1];
  return decryptPbe(algorithm, content.octets(ENCRYPTED_CONTENT), password);
}

function addBags(contents: Buffer, password: Passphrase, bags: Bags, depth: number): void {
  if (depth > MAX_NESTING) throw new EX509Exception('nested too deeply');
  for (const bag of readAsn1(contents).sequence()) {
    const [id, field] = bag.sequence(2) as [Asn1, Asn1];
    const value = field.expect(EXPLICIT).children()[0];
    if (!value) throw new EX509Exception('empty bag');
    const oid = id.oid();
    if (oid === CERT_BAG) addCertificate(value, bags);
    else if (oid === KEY_BAG) addKey(() => value.raw, bags);
    else if (oid === SHROUDED_KEY_BAG) addKey(() => decryptPkcs8(value, password), bags);
    else if (oid === NESTED_BAG) addBags(value.raw, password, bags, depth + 1);
  }
}

function addCertificate(bag: Asn1, bags: Bags): void {
  const [type, field] = bag.sequence(2) as [Asn1, Asn1];
  if (type.oid() !== X509_CERTIFICATE) return;
  const der = field.expect(EXPLICIT).children()[0]?.expect(Tag.OctetString).octets();
  if (!der) throw new EX509Exception('empty certificate');
  bags.certs.push(certFromDer(readAsn1(der).raw));
}

/** A key that cannot be read leaves the certificates usable. */
function addKey(pkcs8: () => Buffer, bags: Bags): void {
  try {
    bags.keys.push(keyFromPkcs8(pkcs8()));
  } catch (error) {
    bags.mistakes.push(reasonOf(error));
  }
}
