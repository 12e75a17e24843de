// Reads and replaces whole small files.
//
//  - Only ordinary files up to a limit are read: a pipe would block for ever.
//  - A file is replaced in one step, so that nobody reads half of it and a full disk costs nothing.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const NEW_FILE_MODE = 0o644;
const RIGHTS = 0o7777;

/** null when there is no such file; throws an Error that says what is wrong otherwise. */
export function readWholeFile(fileName: string, limit: number): Buffer | null {
  if (fileName.includes('\0')) throw new Error('the name contains a NUL');
  let fd: number;
  try {
    fd = fs.openSync(fileName, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) throw new Error('not an ordinary file');
    if (stat.size > limit) throw new Error(`the limit is ${limit} bytes`);
    return readAtMost(fd, stat.size);
  } finally {
    fs.closeSync(fd);
  }
}

/** The file may have grown or shrunk since its size was asked. */
export function readAtMost(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const got = fs.readSync(fd, bytes, length, size - length, length);
    if (got === 0) break;
    length += got;
  }
  return bytes.subarray(0, length);
}

/**
 * Writes beside the old file, then puts the new one in its place. The old rights are kept; a new
 * file gets `newMode`.
 */
export function replaceWholeFile(
  fileName: string,
  contents: Buffer | string,
  newMode = NEW_FILE_MODE,
): void {
  const target = fs.existsSync(fileName) ? fs.realpathSync(fileName) : fileName;
  const mode = fs.statSync(target, { throwIfNoEntry: false })?.mode ?? newMode;
  const suffix = randomBytes(6).toString('hex');
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${suffix}`);
  try {
    const fd = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeFileSync(fd, contents);
      fs.fchmodSync(fd, mode & RIGHTS);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}
