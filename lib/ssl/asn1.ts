// A small reader of ASN.1 in DER, and of the BER that PKCS #7 and PKCS #12 files may use: lengths
// without end, strings in pieces. Written for hostile input: it never reads outside its buffer,
// looks at no byte more than a few times, and has limits on depth and number of elements.
import { EX509Exception } from './sslErrors';

/** Identifier bytes as they stand in the encoding (class, constructed flag, number). */
export enum Tag {
  Boolean = 0x01,
  Integer = 0x02,
  BitString = 0x03,
  OctetString = 0x04,
  Null = 0x05,
  Oid = 0x06,
  Utf8String = 0x0c,
  NumericString = 0x12,
  PrintableString = 0x13,
  TeletexString = 0x14,
  Ia5String = 0x16,
  UtcTime = 0x17,
  GeneralizedTime = 0x18,
  VisibleString = 0x1a,
  UniversalString = 0x1c,
  BmpString = 0x1e,
  Sequence = 0x30,
  Set = 0x31,
}
const CONSTRUCTED = 0x20;
const MULTI_BYTE_TAG = 0x1f;
const LENGTH_FOLLOWS = 0x80;
const MAX_LENGTH_BYTES = 4;
/** Deepest nesting of elements without a length, and of strings in pieces. */
const MAX_DEPTH = 32;
/** Most elements in one sequence or set. */
const MAX_ELEMENTS = 65536;
/** Longest object identifier in bytes; the longest in use have about twenty. */
const MAX_OID_BYTES = 64;

/** Context-specific tag: primitive, or with `constructed` a field with elements inside. */
export function contextTag(number: number, constructed = true): number {
  return 0x80 | (constructed ? CONSTRUCTED : 0) | number;
}

function malformed(what: string): never {
  throw new EX509Exception(`ASN.1: ${what}`, 'ERR_ASN1');
}

/** One element: identifier and contents, both inside the caller's buffer. */
export class Asn1 {
  readonly tag: number;
  /** The contents without identifier, length and end mark. */
  readonly content: Buffer;
  /** The whole element. */
  readonly raw: Buffer;

  constructor(tag: number, content: Buffer, raw: Buffer) {
    this.tag = tag;
    this.content = content;
    this.raw = raw;
  }

  /** The elements inside. Raises for a primitive one and when they do not fill it exactly. */
  children(): Asn1[] {
    if (!(this.tag & CONSTRUCTED)) malformed('elements expected inside');
    return elementsIn(this.content, 0);
  }

  /** Raises unless the identifier is `tag`. */
  expect(tag: number): this {
    if (this.tag !== tag) malformed(`type ${hex(tag)} expected, found ${hex(this.tag)}`);
    return this;
  }

  /** The elements of a sequence; raises if there are fewer than `least`. */
  sequence(least = 0): Asn1[] {
    const items = this.expect(Tag.Sequence).children();
    if (items.length < least) malformed(`${least} elements expected, found ${items.length}`);
    return items;
  }

  /** Dotted text of an object identifier. */
  oid(): string {
    return oidText(this.expect(Tag.Oid).content);
  }

  /** A small number; raises for a negative one and above 2^31-1. */
  smallInteger(): number {
    const bytes = this.expect(Tag.Integer).content;
    if (bytes.length === 0 || bytes.length > 4 || bytes[0]! & 0x80) malformed('number too large');
    return bytes.readUIntBE(0, bytes.length);
  }

  /** Bytes of an octet string, in one piece or in several. `tag`: of an implicitly tagged one. */
  octets(tag: number = Tag.OctetString): Buffer {
    return joinedOctets(this, tag, 0);
  }

  /** Bytes of a bit string with whole bytes. */
  bits(): Buffer {
    const { content } = this.expect(Tag.BitString);
    if (content.length === 0) malformed('empty bit string');
    return content.subarray(1);
  }
}

const hex = (tag: number): string => `0x${tag.toString(16).padStart(2, '0')}`;

/** The first element of the buffer; bytes behind it are ignored. */
export function readAsn1(buffer: Buffer): Asn1 {
  return elementAt(buffer, 0, 0);
}

/** The element of a buffer that must hold exactly one. */
export function readWholeAsn1(buffer: Buffer): Asn1 {
  const element = readAsn1(buffer);
  if (element.raw.length !== buffer.length) malformed('unexpected bytes at the end');
  return element;
}

function elementsIn(content: Buffer, depth: number): Asn1[] {
  const items: Asn1[] = [];
  for (let at = 0; at < content.length; at += items.at(-1)!.raw.length) {
    if (items.length === MAX_ELEMENTS) malformed('too many elements');
    items.push(elementAt(content, at, depth));
  }
  return items;
}

function elementAt(buffer: Buffer, at: number, depth: number): Asn1 {
  if (at + 2 > buffer.length) malformed('unexpected end');
  const tag = buffer[at]!;
  if ((tag & MULTI_BYTE_TAG) === MULTI_BYTE_TAG) malformed('unknown type');
  const first = buffer[at + 1]!;
  if (first === LENGTH_FOLLOWS) return withoutLength(buffer, at, tag, depth);
  let start = at + 2;
  let length = first;
  if (first & LENGTH_FOLLOWS) {
    const count = first & 0x7f;
    if (count > MAX_LENGTH_BYTES || start + count > buffer.length) malformed('bad length');
    length = buffer.readUIntBE(start, count);
    start += count;
  }
  if (length > buffer.length - start) malformed('unexpected end');
  const end = start + length;
  return new Asn1(tag, buffer.subarray(start, end), buffer.subarray(at, end));
}

/** BER: the contents are elements and end with two zero bytes. */
function withoutLength(buffer: Buffer, at: number, tag: number, depth: number): Asn1 {
  if (!(tag & CONSTRUCTED)) malformed('bad length');
  if (depth >= MAX_DEPTH) malformed('nested too deeply');
  const start = at + 2;
  let end = start;
  for (let count = 0; !(buffer[end] === 0 && buffer[end + 1] === 0); count++) {
    if (count === MAX_ELEMENTS) malformed('too many elements');
    end += elementAt(buffer, end, depth + 1).raw.length;
  }
  return new Asn1(tag, buffer.subarray(start, end), buffer.subarray(at, end + 2));
}

function joinedOctets(element: Asn1, tag: number, depth: number): Buffer {
  if (element.tag === tag) return element.content;
  if (depth >= MAX_DEPTH) malformed('nested too deeply');
  element.expect(tag | CONSTRUCTED);
  const pieces = element.children();
  return Buffer.concat(pieces.map((piece) => joinedOctets(piece, Tag.OctetString, depth + 1)));
}

function oidText(bytes: Buffer): string {
  if (bytes.length === 0 || bytes.length > MAX_OID_BYTES || bytes.at(-1)! & 0x80)
    malformed('bad object identifier');
  const arcs: bigint[] = [];
  let value = 0n;
  for (const byte of bytes) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(value);
    value = 0n;
  }
  const first = arcs.shift()!;
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...arcs].join('.');
}

/** Text of any of the string types; undefined for another type. */
export function stringValue(element: Asn1): string | undefined {
  switch (element.tag as Tag) {
    case Tag.Utf8String:
      return element.content.toString('utf8');
    case Tag.NumericString:
    case Tag.PrintableString:
    case Tag.TeletexString:
    case Tag.Ia5String:
    case Tag.VisibleString:
      return element.content.toString('latin1');
    case Tag.BmpString:
      return utf16(element.content);
    case Tag.UniversalString:
      return utf32(element.content);
    default:
      return undefined;
  }
}

function utf16(bytes: Buffer): string {
  const even = bytes.subarray(0, bytes.length & ~1);
  return Buffer.from(even).swap16().toString('utf16le');
}

function utf32(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = bytes.readUInt32BE(at);
    text += code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  }
  return text;
}

/** Moment of a UTCTime or GeneralizedTime; undefined for one that does not exist. */
export function timeValue(element: Asn1): Date | undefined {
  const isShort = element.tag === Number(Tag.UtcTime);
  if (!isShort && element.tag !== Number(Tag.GeneralizedTime)) return undefined;
  const text = element.content.toString('latin1');
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.\d{1,9})?Z$/.exec(text);
  if (!match || (match[1]!.length === 2) !== isShort) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  // UTCTime has two digits of the year: 50 to 99 are before 2000 (RFC 5280, 4.1.2.5.1).
  const fullYear = isShort ? year! + (year! >= 50 ? 1900 : 2000) : year!;
  const date = new Date(0);
  date.setUTCFullYear(fullYear, month! - 1, day);
  date.setUTCHours(hour!, minute, second);
  const exists = date.getUTCMonth() === month! - 1 && date.getUTCDate() === day && hour! < 24;
  return exists ? date : undefined;
}
