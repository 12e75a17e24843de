// What a file of certificates holds, whatever its format: a certificate, its key, intermediates.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readAsn1 } from './asn1';
import { TCertReadOpt } from './sslTypes';
import { decryptPkcs8, Passphrase, Work } from './pbe';
import {
  blockBytes,
  hasLongLine,
  hasPem,
  normalized,
  pemBlocks,
  toPem,
  type PemBlock,
} from './pem';
import { EX509Exception, reasonOf } from './sslErrors';

export interface CertMaterial {
  readonly cert: X509Certificate | null;
  readonly key: KeyObject | null;
  readonly inters: readonly X509Certificate[];
}

/** Which parts the caller wants, and with which password. */
export interface ReadOptions {
  readonly key: TCertReadOpt;
  readonly inters: TCertReadOpt;
  readonly password: string;
}

/** Shorter blocks cannot be certificates and are skipped. */
const MIN_CERT_BLOCK = 390;
const CERT_LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);
const LINE_TOO_LONG = 'Maximum line length in PEM file is 64';
/** A bad file is told apart by its first mistakes. */
const MAX_MISTAKES = 10;

/**
 * A certificate from its DER. It goes in as PEM, because Node looks for PEM first and would find
 * such text inside a DER certificate.
 */
export function certFromDer(der: Buffer): X509Certificate {
  return new X509Certificate(toPem('CERTIFICATE', der));
}

/** PEM text of certificates and a key, or one certificate in DER. Raises EX509Exception. */
export function readPemOrDer(text: string, options: ReadOptions): CertMaterial {
  if (!hasPem(text)) return { cert: readDer(text), key: null, inters: [] };
  const blocks = pemBlocks(text);
  const [cert, ...inters] = certsIn(blocks);
  const key = options.key > TCertReadOpt.croNo ? wantedKey(blocks, options) : null;
  return {
    cert: cert!,
    key: matching(cert!, key, options),
    inters: options.inters > TCertReadOpt.croNo ? inters : [],
  };
}

function readDer(text: string): X509Certificate {
  try {
    return certFromDer(readAsn1(Buffer.from(text, 'latin1')).raw);
  } catch {
    throw new EX509Exception('Error reading X509 DER certificate');
  }
}

/** All certificates of PEM text in their order; raises if there is none or one is bad. */
export function certsFromPem(text: string): X509Certificate[] {
  return certsIn(pemBlocks(text));
}

function certsIn(blocks: readonly PemBlock[]): X509Certificate[] {
  if (blocks.length === 0) throw new EX509Exception('No PEM Content Found');
  const certs: X509Certificate[] = [];
  const mistakes: string[] = [];
  const candidates = blocks.filter(
    ({ label, length }) => CERT_LABELS.has(label) && length >= MIN_CERT_BLOCK,
  );
  for (const [at, block] of candidates.entries()) {
    try {
      certs.push(certFromDer(readAsn1(blockBytes(block)).raw));
    } catch (error) {
      const reason = hasLongLine(block) ? LINE_TOO_LONG : reasonOf(error);
      mistakes.push(`Error Cert ${at + 1} - ${reason}`);
    }
    if (mistakes.length === MAX_MISTAKES) break;
  }
  if (mistakes.length > 0) throw new EX509Exception(mistakes.join(', '));
  if (certs.length === 0) throw new EX509Exception('No X509 Base64 certificate found');
  return certs;
}

function wantedKey(blocks: readonly PemBlock[], options: ReadOptions): KeyObject | null {
  try {
    return keyIn(blocks, options.password);
  } catch (error) {
    if (options.key === TCertReadOpt.croYes) throw error;
    return null;
  }
}

/** A key that does not belong to the certificate is no key at all with croTry. */
function matching(
  cert: X509Certificate,
  key: KeyObject | null,
  options: ReadOptions,
): KeyObject | null {
  if (!key || belongs(cert, key)) return key;
  if (options.key === TCertReadOpt.croTry) return null;
  throw new EX509Exception('Certificate and private key do not match');
}

export function belongs(cert: X509Certificate, key: KeyObject): boolean {
  try {
    return cert.checkPrivateKey(key);
  } catch {
    return false;
  }
}

/** The private key of PEM text: the first block that is one. Raises EX509Exception. */
export function keyFromPem(text: string, password: string): KeyObject {
  return keyIn(pemBlocks(text), password);
}

function keyIn(blocks: readonly PemBlock[], password: string): KeyObject {
  const block = blocks.find(({ label }) => label.includes('PRIVATE KEY'));
  if (!block) throw new EX509Exception('No private key found in PEM file');
  try {
    return keyOfBlock(block, password);
  } catch (error) {
    const reason = hasLongLine(block) ? LINE_TOO_LONG : reasonOf(error);
    throw new EX509Exception(`Error private key - ${reason}`);
  }
}

/** PKCS #8 is decrypted here, where the work a hostile file can ask for has a limit. */
function keyOfBlock(block: PemBlock, password: string): KeyObject {
  if (block.label !== 'ENCRYPTED PRIVATE KEY')
    return createPrivateKey({ key: normalized(block), format: 'pem', passphrase: password });
  const encrypted = readAsn1(blockBytes(block));
  return keyFromPkcs8(decryptPkcs8(encrypted, new Passphrase(password, new Work())));
}

export function keyFromPkcs8(der: Buffer): KeyObject {
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
