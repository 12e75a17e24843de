// Finds the blocks of PEM text, '-----BEGIN X-----' … '-----END X-----', and writes them. Anything
// may stand between blocks and Base64 may be in one long line, but a block that is not closed before
// the next begins is skipped. One pass over the text, whatever it holds.
import { EX509Exception } from './sslErrors';

export const PEM_BEGIN = '-----BEGIN ';
const PEM_END = '-----END ';
const DASHES = '-----';
const MAX_LABEL = 64;
/** Most blocks of one text: far above any bundle of roots. */
const MAX_BLOCKS = 10000;
const LINE_LENGTH = 64;
/** A first line longer than this was not made by a PEM writer; some programs use 76. */
const LONG_LINE = 80;

export interface PemBlock {
  /** What stands behind BEGIN, e.g. `CERTIFICATE`. */
  readonly label: string;
  /** Lines between BEGIN and END, the line breaks as they are. */
  readonly body: string;
  /** Length of the whole block in characters. */
  readonly length: number;
}

export function hasPem(text: string): boolean {
  return text.includes(PEM_BEGIN);
}

/** The text of a file: UTF-8 or UTF-16 with a mark, else one character per byte. */
export function textOfFile(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'latin1');
}

export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let end = -1;
  let next = text.indexOf(PEM_BEGIN);
  while (next >= 0) {
    const begin = next;
    next = text.indexOf(PEM_BEGIN, begin + PEM_BEGIN.length);
    if (end < begin) end = text.indexOf(PEM_END, begin);
    if (end < 0) break;
    const block = next < 0 || end < next ? blockAt(text, begin, end) : undefined;
    if (block && blocks.push(block) > MAX_BLOCKS)
      throw new EX509Exception(`More than ${MAX_BLOCKS} PEM blocks`);
  }
  return blocks;
}

function blockAt(text: string, begin: number, end: number): PemBlock | undefined {
  const label = labelAt(text, begin + PEM_BEGIN.length);
  if (label === undefined || label !== labelAt(text, end + PEM_END.length)) return undefined;
  const start = begin + PEM_BEGIN.length + label.length + DASHES.length;
  if (start > end) return undefined;
  const last = end + PEM_END.length + label.length + DASHES.length;
  return { label, body: text.slice(start, end), length: last - begin };
}

function labelAt(text: string, at: number): string | undefined {
  const found = text.slice(at, at + MAX_LABEL + DASHES.length).indexOf(DASHES);
  return found < 0 ? undefined : text.slice(at, at + found);
}

/** Bytes of a block. Raises for anything but Base64. */
export function blockBytes(block: PemBlock): Buffer {
  const base64 = block.body.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new EX509Exception('bad Base64');
  return Buffer.from(base64, 'base64');
}

/**
 * A block as Node and OpenSSL read it: lines of 64 characters, headers (`DEK-Info`) in front. Text
 * without any line break is accepted here, there it is not.
 */
export function normalized(block: PemBlock): string {
  const lines = block.body.split(/\r\n|\r|\n/).map((line) => line.trim());
  const headers = lines.filter((line) => line.includes(':'));
  const rest = lines.filter((line) => line !== '' && !line.includes(':')).join('');
  const head = headers.length > 0 ? `${headers.join('\n')}\n\n` : '';
  return `${PEM_BEGIN}${block.label}${DASHES}\n${head}${wrapped(rest)}\n${PEM_END}${block.label}${DASHES}\n`;
}

export function hasLongLine(block: PemBlock): boolean {
  const first = /[^\r\n]+/.exec(block.body.trimStart())?.[0] ?? '';
  return first.length > LONG_LINE;
}

export function toPem(label: string, bytes: Buffer): string {
  const base64 = wrapped(bytes.toString('base64'));
  return `${PEM_BEGIN}${label}${DASHES}\n${base64}\n${PEM_END}${label}${DASHES}\n`;
}

function wrapped(base64: string): string {
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += LINE_LENGTH)
    lines.push(base64.slice(at, at + LINE_LENGTH));
  return lines.join('\n');
}
