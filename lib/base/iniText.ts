// The bytes of an INI file as text and back.
//
//  - A byte order mark decides. Without one the text is UTF-8 if it can be, else Windows-1252: the
//    files of Delphi programs are one of the two.
//  - Any bytes give a text, and writing a text back gives bytes that read as the same text.

export type IniEncoding = 'utf8' | 'utf8-bom' | 'utf16le' | 'utf16be' | 'windows1252';

export interface DecodedText {
  readonly text: string;
  readonly encoding: IniEncoding;
}

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF16LE_MARK = Buffer.from([0xff, 0xfe]);
const UTF16BE_MARK = Buffer.from([0xfe, 0xff]);

/** Characters of the bytes 0x80 to 0x9f; the five that Windows leaves open stand for themselves. */
const HIGH_CHARS =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
const HIGH_BASE = 0x80;

export function decodeIni(bytes: Buffer): DecodedText {
  if (startsWith(bytes, UTF8_MARK))
    return { text: bytes.toString('utf8', UTF8_MARK.length), encoding: 'utf8-bom' };
  if (startsWith(bytes, UTF16LE_MARK))
    return { text: bytes.toString('utf16le', UTF16LE_MARK.length), encoding: 'utf16le' };
  if (startsWith(bytes, UTF16BE_MARK))
    return { text: swapped(bytes.subarray(2)).toString('utf16le'), encoding: 'utf16be' };
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(bytes), encoding: 'utf8' };
  } catch {
    return { text: fromWindows1252(bytes), encoding: 'windows1252' };
  }
}

/** A text that Windows-1252 cannot hold, or that would be taken for UTF-8, is written as UTF-8. */
export function encodeIni(text: string, encoding: IniEncoding): Buffer {
  switch (encoding) {
    case 'utf8-bom':
      return Buffer.concat([UTF8_MARK, Buffer.from(text)]);
    case 'utf16le':
      return Buffer.concat([UTF16LE_MARK, Buffer.from(text, 'utf16le')]);
    case 'utf16be':
      return Buffer.concat([UTF16BE_MARK, swapped(Buffer.from(text, 'utf16le'))]);
    case 'windows1252': {
      const bytes = toWindows1252(text);
      return decodeIni(bytes).text === text ? bytes : Buffer.from(text);
    }
    default:
      return Buffer.from(text);
  }
}

function startsWith(bytes: Buffer, mark: Buffer): boolean {
  return bytes.subarray(0, mark.length).equals(mark);
}

/** A copy with the bytes of each pair exchanged; an odd byte at the end is dropped. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}

// Node's own decoder of this name reads 0x80 to 0x9f differently from version to version.
function fromWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (char) => HIGH_CHARS[char.charCodeAt(0) - HIGH_BASE]!);
}

function toWindows1252(text: string): Buffer {
  const chars = text.replace(/[^\0-\x7f\xa0-\xff]/g, (char) => {
    const at = HIGH_CHARS.indexOf(char);
    return at < 0 ? '?' : String.fromCharCode(HIGH_BASE + at);
  });
  return Buffer.from(chars, 'latin1');
}
