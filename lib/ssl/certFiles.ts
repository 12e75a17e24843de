// Reads and writes whole files of certificates and keys (ICS: IcsSslOpenFileAStr, IcsDataSaveFile).
//
//  - Nothing is read that is not an ordinary file of reasonable size: a pipe would block for ever.
//  - A file is replaced in one step, so that nobody reads half of it.
import fs from 'node:fs';
import { readAtMost, replaceWholeFile } from '../base/wholeFile';
import { ESslTX509Exception, reasonOf } from './sslErrors';

/** Largest file of certificates that is read, in bytes. */
export const MAX_CERT_FILE_SIZE = 16 * 1024 * 1024;
const MIN_CERT_FILE_SIZE = 16;
const OWNER_ONLY = 0o600;
const EVERYBODY = 0o644;

/** Raises `File not found "…"`, `File empty "…"` and others; the name of the file is in the text. */
export function readCertFile(fileName: string): Buffer {
  const size = sizeOf(fileName);
  if (size < MIN_CERT_FILE_SIZE) throw new ESslTX509Exception(`File empty "${fileName}"`);
  if (size > MAX_CERT_FILE_SIZE)
    throw new ESslTX509Exception(
      `File too large "${fileName}", the limit is ${MAX_CERT_FILE_SIZE} bytes`,
    );
  try {
    return readSized(fileName, size);
  } catch (error) {
    throw new ESslTX509Exception(`Can't read file "${fileName}" - ${reasonOf(error)}`);
  }
}

function sizeOf(fileName: string): number {
  const stat = isFileName(fileName) ? fs.statSync(fileName, { throwIfNoEntry: false }) : undefined;
  if (!stat) throw new ESslTX509Exception(`File not found "${fileName}"`);
  if (!stat.isFile()) throw new ESslTX509Exception(`Not a file "${fileName}"`);
  return stat.size;
}

/** Node raises a TypeError for a NUL; to the caller it is just a file that cannot exist. */
function isFileName(fileName: unknown): fileName is string {
  return typeof fileName === 'string' && fileName !== '' && !fileName.includes('\0');
}

function readSized(fileName: string, size: number): Buffer {
  const fd = fs.openSync(fileName, 'r');
  try {
    return readAtMost(fd, size);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Writes a file beside the old one and puts it in its place. A new file with `secret` contents is
 * readable for its owner only; an existing one keeps its rights.
 */
export function writeCertFile(fileName: string, contents: Buffer | string, secret: boolean): void {
  try {
    replaceWholeFile(fileName, contents, secret ? OWNER_ONLY : EVERYBODY);
  } catch (error) {
    throw new ESslTX509Exception(`Can't write file "${fileName}" - ${reasonOf(error)}`);
  }
}
