// Files and texts a TLS context is made from: certificates, keys, trusted certificates, revocation
// lists, Diffie-Hellman parameters. Everything is checked here with the texts of ICS, because Node
// silently passes over trusted certificates and parameters it cannot read.
import { X509Certificate, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { readAsn1, Tag } from './asn1';
import { readCertFile } from './certFiles';
import { certsFromPem, keyFromPem, readPemOrDer } from './certMaterial';
import { TCertReadOpt } from './sslTypes';
import { isIssuedBy } from './chain';
import { blockBytes, normalized, pemBlocks, textOfFile } from './pem';
import { ESslContextException, reasonOf } from './sslErrors';
import { opensslFailure } from './TSslBaseComponent';

/** Most files of SslCAPath or SslCRLPath that are read. */
const MAX_FILES = 10000;
/** Most certificates that are sent. */
const MAX_CHAIN = 10;
/** OpenSSL takes no shorter primes. */
const MIN_DH_BITS = 1024;

/** Certificates of a file, the first one is the identity. */
export function certsOfFile(fileName: string): X509Certificate[] {
  const text = textOfFile(readCertFile(fileName));
  try {
    return certsOfText(text);
  } catch (error) {
    throw new ESslContextException(
      `Error on reading certificate file - ${reasonOf(error)} - ${fileName}`,
    );
  }
}

/** Certificates of lines, the first one is the identity. */
export function certsOfLines(lines: string): X509Certificate[] {
  try {
    return certsOfText(lines);
  } catch (error) {
    throw new ESslContextException(`Error on reading certificate lines - ${reasonOf(error)}`);
  }
}

function certsOfText(text: string): X509Certificate[] {
  const { croNo, croYes } = TCertReadOpt;
  const { cert, inters } = readPemOrDer(text, { key: croNo, inters: croYes, password: '' });
  return cert ? [cert, ...inters] : [...inters];
}

export function keyOfFile(fileName: string, password: string): KeyObject {
  return keyOfLines(textOfFile(readCertFile(fileName)), password);
}

export function keyOfLines(lines: string, password: string): KeyObject {
  try {
    return keyFromPem(lines, password);
  } catch (error) {
    throw new ESslContextException(`Can't read private key lines: ${reasonOf(error)}`);
  }
}

/** Trusted certificates of lines, in PEM. */
export function caOfLines(lines: string): string[] {
  try {
    return rootsOfText(lines, certsFromPem);
  } catch (error) {
    throw new ESslContextException(`Error on reading CA certificate lines - ${reasonOf(error)}`);
  }
}

let lastRoots: { readonly text: string; readonly pems: readonly string[] } | null = null;

/** The contexts of a server's hosts trust the same roots: a long list of them is parsed once. */
function rootsOfText(text: string, parse: (text: string) => X509Certificate[]): string[] {
  if (lastRoots?.text !== text) lastRoots = { text, pems: parse(text).map(String) };
  return [...lastRoots.pems];
}

/** Certificates of a file whose names are to be sent to clients, in PEM. */
export function clientCaOfFile(fileName: string): string[] {
  if (!isFile(fileName)) throw new ESslContextException(`Certificate file not found "${fileName}"`);
  return certsOfFile(fileName).map(String);
}

export function certOfPem(pem: string): X509Certificate {
  return new X509Certificate(pem);
}

/** The chain with the issuers found in `pool`, up to but without a root. */
export function completedChain(
  chain: readonly X509Certificate[],
  pool: readonly string[],
): X509Certificate[] {
  const completed = [...chain];
  const candidates = pool.map(certOfPem).filter((cert) => !isIssuedBy(cert, cert));
  while (completed.length > 0 && completed.length < MAX_CHAIN) {
    const last = completed.at(-1)!;
    const issuer = candidates.find((cert) => isIssuedBy(last, cert));
    if (!issuer || completed.some(({ fingerprint256 }) => fingerprint256 === issuer.fingerprint256))
      break;
    completed.push(issuer);
  }
  return completed;
}

/**
 * Trusted certificates of a file and of all files of a directory, either may be ''. In the directory
 * files without certificates are passed over; names need not be hashes as for OpenSSL.
 */
export function caOfLocations(fileName: string, directory: string): string[] {
  if (fileName !== '' && !isFile(fileName))
    throw new ESslContextException(`File not found "${fileName}"`);
  if (directory !== '' && !isDirectory(directory))
    throw new ESslContextException(`Directory not found "${directory}"`);
  try {
    const fromFile =
      fileName === '' ? [] : rootsOfText(textOfFile(readCertFile(fileName)), certsOfText);
    const fromFiles = directory === '' ? [] : certsInDirectory(directory).map(String);
    return [...new Set([...fromFile, ...fromFiles])];
  } catch (error) {
    throw opensslFailure(`Can't read CA File "${fileName}" or CA Path "${directory}"`, error);
  }
}

function certsInDirectory(directory: string): X509Certificate[] {
  const certs: X509Certificate[] = [];
  for (const fileName of filesOf(directory)) {
    try {
      certs.push(...certsOfText(textOfFile(readCertFile(fileName))));
    } catch {
      continue; // another kind of file
    }
  }
  return certs;
}

function filesOf(directory: string): string[] {
  const names = fs.readdirSync(directory).sort();
  if (names.length > MAX_FILES) throw new ESslContextException(`More than ${MAX_FILES} files`);
  return names.map((name) => path.join(directory, name)).filter(isFile);
}

function isFile(name: string): boolean {
  return statOf(name)?.isFile() ?? false;
}

function isDirectory(name: string): boolean {
  return statOf(name)?.isDirectory() ?? false;
}

/** Anything that is not there or must not be looked at counts as missing. */
function statOf(name: string): fs.Stats | undefined {
  try {
    return fs.statSync(name, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Revocation lists of a file, in PEM. */
export function crlsOfFile(fileName: string): string[] {
  if (!isFile(fileName)) throw new ESslContextException(`CRL file not found "${fileName}"`);
  try {
    const crls = crlsOfText(textOfFile(readCertFile(fileName)));
    if (crls.length === 0) throw new ESslContextException('no PEM content');
    tls.createSecureContext({ ca: [], crl: crls });
    return crls;
  } catch (error) {
    throw opensslFailure(`Error on reading CRL file "${fileName}"`, error);
  }
}

/** Revocation lists of all files of a directory; files without any are passed over. */
export function crlsOfPath(directory: string): string[] {
  if (!isDirectory(directory))
    throw new ESslContextException(`CRL directory not found "${directory}"`);
  const withCrls = filesOf(directory).filter((fileName) => {
    try {
      return crlsOfText(textOfFile(readCertFile(fileName))).length > 0;
    } catch {
      return false;
    }
  });
  return withCrls.flatMap(crlsOfFile);
}

function crlsOfText(text: string): string[] {
  return pemBlocks(text)
    .filter(({ label }) => label === 'X509 CRL')
    .map(normalized);
}

export function dhParamsOfFile(fileName: string): string {
  const text = textOfFile(readCertFile(fileName));
  try {
    return dhParamsOf(text);
  } catch (error) {
    throw opensslFailure(`Error reading DHparam file "${fileName}"`, error);
  }
}

export function dhParamsOfLines(lines: string): string {
  if (pemBlocks(lines).length === 0)
    throw new ESslContextException('Expected a Base64 encoded DH params');
  try {
    return dhParamsOf(lines);
  } catch (error) {
    throw opensslFailure('Error reading DHparams', error);
  }
}

/** The first block with parameters: a prime and a generator (PKCS #3). */
function dhParamsOf(text: string): string {
  const block = pemBlocks(text).find(({ label }) => label === 'DH PARAMETERS');
  if (!block) throw new ESslContextException('no DH parameters');
  const [prime, generator] = readAsn1(blockBytes(block)).sequence(2);
  generator!.expect(Tag.Integer);
  if (bitLength(prime!.expect(Tag.Integer).content) < MIN_DH_BITS)
    throw new ESslContextException(`DH parameter is less than ${MIN_DH_BITS} bits`);
  return normalized(block);
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - (Math.clz32(number[first]!) - 24);
}
