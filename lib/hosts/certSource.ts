// Where the parts of a host's certificate come from: files, or PEM text in their place. A stamp tells
// whether a file is another one than before.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { PEM_STRING_HDR_BEGIN } from './hostTypes';
import type { TIcsHost } from './TIcsHost';

export function isPem(source: string): boolean {
  return source.includes(PEM_STRING_HDR_BEGIN);
}

/** For messages: PEM text may hold a private key. */
export function sourceName(source: string): string {
  return isPem(source) ? 'PEM Text' : source;
}

/** undefined for anything that is not there or must not be looked at. */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export function fileExists(file: string): boolean {
  return file !== '' && (statOf(file)?.isFile() ?? false);
}

export function folderExists(folder: string): boolean {
  return statOf(folder)?.isDirectory() ?? false;
}

/** A time that was set, or kept by the program that copied the file, hides no change: ctime tells. */
export function sourceStamp(source: string): string {
  if (source === '' || isPem(source)) return source;
  const stat = statOf(source);
  if (!stat) return `${source}|missing`;
  return [source, stat.mtimeMs, stat.ctimeMs, stat.size, stat.ino].join('|');
}

/** Changes with any of the files or texts a host's certificate is made of. */
export function hostStamp(host: TIcsHost): string {
  const { SslCert, SslKey, SslInter, SslPassword } = host;
  const stamps = [...[SslCert, SslKey, SslInter].map(sourceStamp), SslPassword];
  return createHash('sha256').update(stamps.join('\n')).digest('base64'); // there may be secrets in it
}

/** Time of a file; 1970 for PEM text and for none. */
export function fileTime(source: string): Date {
  const stat = source === '' || isPem(source) ? undefined : statOf(source);
  return new Date(stat?.mtimeMs ?? 0);
}
