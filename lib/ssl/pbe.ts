// Encryption with a password as PKCS #12 files and encrypted keys use it: PBES2 of PKCS #5 (AES,
// Triple DES) and the older scheme of PKCS #12 (Triple DES, RC2). Reading knows all, writing PBES2.
//
// The work a file may ask for is limited: its iteration counts are added up per file.
import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { Tag, type Asn1 } from './asn1';
import { TSslPrivKeyCipher } from './certTypes';
import { integer, nothing, objectId, octetString, sequence } from './derWriter';
import { decryptRc2 } from './rc2';
import { EX509Exception } from './sslErrors';

/** Most iterations one file may ask for, over all its parts and all tries: a few seconds of work. */
const MAX_ITERATIONS = 2_000_000;
const MAX_SALT = 1024;
const WRITE_ITERATIONS = 10_000;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_SHA256 = '1.2.840.113549.2.9';

const PRFS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  [HMAC_SHA256]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

interface Cipher {
  readonly oid: string;
  readonly name: string;
  readonly keyLength: number;
  readonly ivLength: number;
}

const CIPHERS: readonly Cipher[] = [
  { oid: '2.16.840.1.101.3.4.1.2', name: 'aes-128-cbc', keyLength: 16, ivLength: 16 },
  { oid: '2.16.840.1.101.3.4.1.22', name: 'aes-192-cbc', keyLength: 24, ivLength: 16 },
  { oid: '2.16.840.1.101.3.4.1.42', name: 'aes-256-cbc', keyLength: 32, ivLength: 16 },
  { oid: '1.2.840.113549.3.7', name: 'des-ede3-cbc', keyLength: 24, ivLength: 8 },
];

/** The older scheme: everything with SHA-1. */
const OLD_SCHEMES: Readonly<Record<string, { name: string; keyLength: number }>> = {
  '1.2.840.113549.1.12.1.3': { name: 'des-ede3-cbc', keyLength: 24 },
  '1.2.840.113549.1.12.1.4': { name: 'des-ede-cbc', keyLength: 16 },
  '1.2.840.113549.1.12.1.5': { name: 'rc2', keyLength: 16 },
  '1.2.840.113549.1.12.1.6': { name: 'rc2', keyLength: 5 },
};

/** The work one file has asked for so far. */
export class Work {
  #iterations = 0;

  /** Raises when the file asks for more work than any honest one. */
  spend(iterations: number): number {
    this.#iterations += iterations;
    if (iterations < 1 || this.#iterations > MAX_ITERATIONS)
      throw new EX509Exception('too many iterations', 'ERR_PBE_LIMIT');
    return iterations;
  }
}

/** A password to try on one file. */
export class Passphrase {
  readonly #text: string | null;
  readonly work: Work;

  /** null: no password at all, which PKCS #12 distinguishes from an empty one. */
  constructor(text: string | null, work: Work) {
    this.#text = text;
    this.work = work;
  }

  get utf8(): Buffer {
    return Buffer.from(this.#text ?? '', 'utf8');
  }

  /** As PKCS #12 wants it: UTF-16, big-endian, with two zero bytes at the end. */
  get bmp(): Buffer {
    if (this.#text === null) return Buffer.alloc(0);
    return Buffer.from(`${this.#text}\0`, 'utf16le').swap16();
  }
}

function checkedSalt(salt: Buffer): Buffer {
  if (salt.length > MAX_SALT) throw new EX509Exception('salt too long', 'ERR_PBE_LIMIT');
  return salt;
}

/** Raises EX509Exception for an algorithm nobody here knows; a wrong password raises any error. */
export function decryptPbe(algorithm: Asn1, data: Buffer, password: Passphrase): Buffer {
  const [id, parameters] = algorithm.sequence(2) as [Asn1, Asn1];
  const oid = id.oid();
  if (oid === PBES2) return decryptPbes2(parameters, data, password);
  const scheme = OLD_SCHEMES[oid];
  if (!scheme) throw new EX509Exception(`unsupported encryption ${oid}`, 'ERR_PBE_UNKNOWN');
  const [saltField, count] = parameters.sequence(2) as [Asn1, Asn1];
  const salt = checkedSalt(saltField.octets());
  const rounds = password.work.spend(count.smallInteger());
  const key = pkcs12Key(password.bmp, salt, rounds, 1, scheme.keyLength, 'sha1');
  const iv = pkcs12Key(password.bmp, salt, password.work.spend(rounds), 2, 8, 'sha1');
  if (scheme.name === 'rc2') return decryptRc2(key, iv, data);
  return finish(createDecipheriv(scheme.name, key, iv), data);
}

function finish(cipher: ReturnType<typeof createDecipheriv>, data: Buffer): Buffer {
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function decryptPbes2(parameters: Asn1, data: Buffer, password: Passphrase): Buffer {
  const [derivation, encryption] = parameters.sequence(2) as [Asn1, Asn1];
  const [cipherId, iv] = encryption.sequence(2) as [Asn1, Asn1];
  const oid = cipherId.oid();
  const cipher = CIPHERS.find((known) => known.oid === oid);
  if (!cipher) throw new EX509Exception(`unsupported encryption ${oid}`, 'ERR_PBE_UNKNOWN');
  const key = pbkdf2Key(derivation, cipher.keyLength, password);
  return finish(createDecipheriv(cipher.name, key, iv.octets()), data);
}

/** Key of a PBKDF2 AlgorithmIdentifier; also for a MAC made that way (RFC 9579). */
export function pbkdf2Key(derivation: Asn1, keyLength: number, password: Passphrase): Buffer {
  const [id, parameters] = derivation.sequence(2) as [Asn1, Asn1];
  const oid = id.oid();
  if (oid !== PBKDF2)
    throw new EX509Exception(`unsupported key derivation ${oid}`, 'ERR_PBE_UNKNOWN');
  const [salt, count, ...rest] = parameters.sequence(2) as [Asn1, Asn1, ...Asn1[]];
  const prf = rest.find(({ tag }) => tag === Number(Tag.Sequence));
  const hash = prf ? PRFS[prf.sequence(1)[0]!.oid()] : 'sha1';
  if (!hash) throw new EX509Exception('unsupported key derivation', 'ERR_PBE_UNKNOWN');
  const rounds = password.work.spend(count.smallInteger());
  return pbkdf2Sync(password.utf8, checkedSalt(salt.octets()), rounds, keyLength, hash);
}

/** RFC 7292, appendix B. `purpose`: 1 key, 2 initial vector, 3 MAC key. */
export function pkcs12Key(
  password: Buffer,
  salt: Buffer,
  iterations: number,
  purpose: number,
  length: number,
  hash: string,
): Buffer {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const input = Buffer.concat([filled(salt, block), filled(password, block)]);
  const parts: Buffer[] = [];
  for (let have = 0; have < length; have += parts.at(-1)!.length) {
    let digest = createHash(hash).update(Buffer.alloc(block, purpose)).update(input).digest();
    for (let round = 1; round < iterations; round++)
      digest = createHash(hash).update(digest).digest();
    parts.push(digest);
    for (let at = 0; at < input.length; at += block)
      addOne(input.subarray(at, at + block), repeated(digest, block));
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Copies of `bytes` up to a multiple of `block`. */
function filled(bytes: Buffer, block: number): Buffer {
  return repeated(bytes, Math.ceil(bytes.length / block) * block);
}

function repeated(bytes: Buffer, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** target := target + value + 1, as big-endian numbers. */
function addOne(target: Buffer, value: Buffer): void {
  let carry = 1;
  for (let at = target.length - 1; at >= 0; at--) {
    const sum = target[at]! + value[at]! + carry;
    target[at] = sum & 0xff;
    carry = sum >> 8;
  }
}

const CIPHER_NAMES: Readonly<Partial<Record<TSslPrivKeyCipher, string>>> = {
  [TSslPrivKeyCipher.PrivKeyEncNone]: 'aes-256-cbc',
  [TSslPrivKeyCipher.PrivKeyEncTripleDES]: 'des-ede3-cbc',
  [TSslPrivKeyCipher.PrivKeyEncAES128]: 'aes-128-cbc',
  [TSslPrivKeyCipher.PrivKeyEncAES192]: 'aes-192-cbc',
  [TSslPrivKeyCipher.PrivKeyEncAES256]: 'aes-256-cbc',
};

/** OpenSSL's name of a cipher; PrivKeyEncNone beside a password means AES-256. */
export function cipherName(cipher: TSslPrivKeyCipher): string {
  const name = CIPHER_NAMES[cipher];
  if (name) return name;
  throw new EX509Exception('IDEA is not part of OpenSSL 3, use PrivKeyEncAES256');
}

/** EncryptedPrivateKeyInfo or the like: [algorithm, encrypted bytes], PBES2 with HMAC-SHA-256. */
export function encryptPbes2(
  data: Buffer,
  password: string,
  cipher: TSslPrivKeyCipher,
): [algorithm: Buffer, encrypted: Buffer] {
  const { oid, name, keyLength, ivLength } = CIPHERS.find((c) => c.name === cipherName(cipher))!;
  const salt = randomBytes(16);
  const iv = randomBytes(ivLength);
  const key = pbkdf2Sync(Buffer.from(password), salt, WRITE_ITERATIONS, keyLength, 'sha256');
  const maker = createCipheriv(name, key, iv);
  const encrypted = Buffer.concat([maker.update(data), maker.final()]);
  const prf = sequence(objectId(HMAC_SHA256), nothing());
  const derivation = sequence(
    objectId(PBKDF2),
    sequence(octetString(salt), integer(WRITE_ITERATIONS), prf),
  );
  const encryption = sequence(objectId(oid), octetString(iv));
  return [sequence(objectId(PBES2), sequence(derivation, encryption)), encrypted];
}

/** Private key of an EncryptedPrivateKeyInfo as PKCS #8 DER. */
export function decryptPkcs8(encrypted: Asn1, password: Passphrase): Buffer {
  const [algorithm, data] = encrypted.sequence(2) as [Asn1, Asn1];
  return decryptPbe(algorithm, data.octets(), password);
}
