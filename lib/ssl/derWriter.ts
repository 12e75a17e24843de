// Writes ASN.1 in DER: every function answers with the bytes of one element. For certificates,
// certificate requests, PKCS #7 and PKCS #12 files that this package makes.
import { EX509Exception } from './sslErrors';
import { contextTag, Tag } from './asn1';

/** One element with any identifier byte. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthBytes(content.length), content]);
}

function lengthBytes(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => der(Tag.Sequence, ...parts);
export const octetString = (bytes: Buffer): Buffer => der(Tag.OctetString, bytes);
export const nothing = (): Buffer => der(Tag.Null);
export const boolean = (value: boolean): Buffer => der(Tag.Boolean, Buffer.from([value ? 255 : 0]));
export const utf8String = (text: string): Buffer => der(Tag.Utf8String, Buffer.from(text, 'utf8'));

/** DER wants the elements of a set in the order of their bytes. */
export function setOf(...parts: readonly Buffer[]): Buffer {
  return der(Tag.Set, ...parts.toSorted(Buffer.compare));
}

/** Field `[number]` around other elements. */
export function tagged(number: number, ...parts: readonly Buffer[]): Buffer {
  return der(contextTag(number), ...parts);
}

/** Field `[number]` in place of a primitive type's own identifier. */
export function implicit(number: number, content: Buffer): Buffer {
  return der(contextTag(number, false), content);
}

/** A number, or the big-endian bytes of one that is not negative. */
export function integer(value: number | Buffer): Buffer {
  let bytes = typeof value === 'number' ? bytesOf(value) : value;
  while (bytes.length > 1 && bytes[0] === 0 && bytes[1]! < 0x80) bytes = bytes.subarray(1);
  if (bytes.length === 0 || bytes[0]! & 0x80) bytes = Buffer.concat([Buffer.of(0), bytes]);
  return der(Tag.Integer, bytes);
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** `unused`: bits at the end that do not count. */
export function bitString(bytes: Buffer, unused = 0): Buffer {
  return der(Tag.BitString, Buffer.of(unused), bytes);
}

/** Numbered flags, bit 0 first, as KeyUsage has them; zeroes at the end are left out. */
export function namedBits(numbers: readonly number[]): Buffer {
  if (numbers.length === 0) return bitString(Buffer.alloc(0));
  const highest = Math.max(...numbers);
  const bytes = Buffer.alloc((highest >> 3) + 1);
  for (const number of numbers) bytes[number >> 3]! |= 0x80 >> (number & 7);
  return bitString(bytes, 7 - (highest & 7));
}

export function objectId(dotted: string): Buffer {
  if (!/^[0-2](?:\.\d{1,40})+$/.test(dotted))
    throw new EX509Exception(`Invalid object identifier "${dotted}"`);
  const [top, second, ...rest] = dotted.split('.').map(BigInt);
  return der(Tag.Oid, ...[top! * 40n + second!, ...rest].map(base128));
}

function base128(value: bigint): Buffer {
  const bytes = [Number(value & 0x7fn)];
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return Buffer.from(bytes);
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). Whole seconds. */
export function time(moment: Date): Buffer {
  const digits = moment.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  const year = moment.getUTCFullYear();
  if (year >= 1950 && year < 2050) return der(Tag.UtcTime, Buffer.from(digits.slice(2), 'latin1'));
  return der(Tag.GeneralizedTime, Buffer.from(digits, 'latin1'));
}
