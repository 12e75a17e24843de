// Addresses as text and as numbers (ICS: WSocketIsIP, WSocketStrToIPv4 … and IcsFmtIpv6Addr …, in
// OverbyteIcsUtils). Nothing is looked up.
//
//  - Whatever is handed over, even something that is no text, is answered: with False, with the
//    documented failure value, or with a TypeError where a number has to be formatted.
//  - The time is linear in the length of the text.
import {
  ICS_ANY_HOST_V4,
  ICS_ANY_HOST_V6,
  type TIcsIPv4Address,
  type TIcsIPv6Address,
  TSocketFamily,
  type TVar,
} from '../types';

const DOT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const SPACE = 0x20;

const NO_IPV4 = 0xffffffff;
const MAX_SCOPE = 0xffffffff;
const WORDS = 8;
const MAX_WORD = 0xffff;
/** Eight groups of four digits, '%', and a number of 32 bits. */
const LONGEST_IPV6 = 39 + 1 + 10;

/**
 * True for four numbers 0 … 255 with dots between them, blanks in front and behind allowed.
 * Leading zeros are accepted and mean nothing.
 */
export function WSocketIsDottedIP(S: string): boolean {
  if (typeof S !== 'string') return false;
  let from = 0;
  let to = S.length;
  while (from < to && S.charCodeAt(from) === SPACE) from++;
  while (to > from && S.charCodeAt(to - 1) === SPACE) to--;
  return dottedNumber(S, from, to) !== null;
}

/** Like WSocketIsDottedIP, without blanks. ICS also accepts a missing last number ("1.2.3."). */
export function WSocketIsIPv4(S: string): boolean {
  return typeof S === 'string' && dottedNumber(S, 0, S.length) !== null;
}

/**
 * True for an IPv6 address in hexadecimal groups, with one '::' and with `%<number>` behind it if
 * need be. An embedded IPv4 address or a scope by name is not accepted, as in ICS.
 */
export function WSocketIsIPv6(S: string): boolean {
  return parseIPv6(S) !== null;
}

/** True for an address; ASocketFamily then is sfIPv4 or sfIPv6, otherwise sfAny. */
export function WSocketIsIP(S: string, ASocketFamily?: TVar<TSocketFamily>): boolean {
  return answer(addressFamily(S), ASocketFamily);
}

/** Like WSocketIsIP, but '0.0.0.0' gives sfAnyIPv4 and '::' gives sfAnyIPv6. */
export function WSocketIsIPEx(S: string, ASocketFamily?: TVar<TSocketFamily>): boolean {
  if (S === ICS_ANY_HOST_V4) return answer(TSocketFamily.sfAnyIPv4, ASocketFamily);
  if (S === ICS_ANY_HOST_V6) return answer(TSocketFamily.sfAnyIPv6, ASocketFamily);
  return answer(addressFamily(S), ASocketFamily);
}

/** Number of a dotted address; 0xffffffff (255.255.255.255) with Success False when S is none. */
export function WSocketStrToIPv4(S: string, Success?: TVar<boolean>): TIcsIPv4Address {
  const value = typeof S === 'string' ? dottedNumber(S, 0, S.length) : null;
  if (Success) Success.Value = value !== null;
  return value === null ? NO_IPV4 : swapped(value);
}

/** Dotted text of an address; signed numbers, as older Delphi has them, are accepted. */
export function WSocketIPv4ToStr(AIcsIPv4Addr: TIcsIPv4Address): string {
  if (!isSocketAddress(AIcsIPv4Addr))
    throw new TypeError('WSocketIPv4ToStr: a number of 32 bits is needed');
  return [0, 8, 16, 24].map((shift) => (AIcsIPv4Addr >>> shift) & 0xff).join('.');
}

/**
 * Words of an IPv6 address; all 0 with Success False when S is none. ScopeID gets the number
 * behind '%', 0 when there is none.
 */
export function WSocketStrToIPv6(
  S: string,
  Success?: TVar<boolean>,
  ScopeID?: TVar<number>,
): TIcsIPv6Address {
  const parsed = parseIPv6(S);
  if (Success) Success.Value = parsed !== null;
  if (ScopeID) ScopeID.Value = parsed?.scope ?? 0;
  return parsed?.words ?? [0, 0, 0, 0, 0, 0, 0, 0];
}

/**
 * Text of an IPv6 address: lower case, the longest run of zero words (the first of several, even
 * a single word) as '::', and `%<ScopeID>` when that is not 0.
 */
export function WSocketIPv6ToStr(AIcsIPv6Addr: ArrayLike<number>, ScopeID = 0): string {
  const words = checkedWords(AIcsIPv6Addr, 'WSocketIPv6ToStr');
  if (!isUnsigned(ScopeID, MAX_SCOPE))
    throw new TypeError('WSocketIPv6ToStr: ScopeID must be a number of 32 bits');
  const scope = ScopeID === 0 ? '' : `%${ScopeID}`;
  const text = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':');
  const { start, length } = longestZeroRun(words);
  if (length === 0) return text(0, WORDS) + scope;
  return `${text(0, start)}::${text(start + length, WORDS)}${scope}`;
}

/** True when both are the same address. */
export function WSocketIPv6Same(IP1: ArrayLike<number>, IP2: ArrayLike<number>): boolean {
  const other = checkedWords(IP2, 'WSocketIPv6Same');
  return checkedWords(IP1, 'WSocketIPv6Same').every((word, index) => word === other[index]);
}

/** Puts an IPv6 address in brackets, as URLs want it; everything else comes back as it is. */
export function IcsFmtIpv6Addr(Addr: string): string {
  if (typeof Addr !== 'string') return '';
  const bare = Addr.includes(':') && !Addr.includes('.') && !Addr.includes('[');
  return bare ? `[${Addr}]` : Addr;
}

/** `<address>:<port>`, an IPv6 address in brackets. */
export function IcsFmtIpv6AddrPort(Addr: string, Port: string | number): string {
  const port = typeof Port === 'string' || typeof Port === 'number' ? Port : '';
  return `${IcsFmtIpv6Addr(Addr)}:${port}`;
}

/** Takes the brackets away again; text that is not in brackets comes back as it is. */
export function IcsStripIpv6Addr(Addr: string): string {
  if (typeof Addr !== 'string') return '';
  return Addr.startsWith('[') && Addr.endsWith(']') ? Addr.slice(1, -1) : Addr;
}

/**
 * Value of an address with its first number as the highest byte, so that masks are prefixes; null
 * for what is no address.
 * @internal
 */
export function ipv4Value(address: string | TIcsIPv4Address): number | null {
  if (typeof address === 'string') return dottedNumber(address, 0, address.length);
  return isSocketAddress(address) ? swapped(address) : null;
}

function answer(family: TSocketFamily, out?: TVar<TSocketFamily>): boolean {
  if (out) out.Value = family;
  return family !== TSocketFamily.sfAny;
}

function addressFamily(text: string): TSocketFamily {
  if (WSocketIsIPv4(text)) return TSocketFamily.sfIPv4;
  return WSocketIsIPv6(text) ? TSocketFamily.sfIPv6 : TSocketFamily.sfAny;
}

/** Also a signed number: older Delphi declares the type as Integer. */
function isSocketAddress(value: TIcsIPv4Address): boolean {
  return Number.isInteger(value) && value >= -0x80000000 && value <= NO_IPV4;
}

function swapped(value: number): number {
  const low = ((value & 0xff) << 24) | ((value & 0xff00) << 8);
  return (low | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** Four numbers with dots between them, the first one in the highest byte. */
function dottedNumber(text: string, from: number, to: number): number | null {
  let value = 0;
  let dots = 0;
  let part = -1;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code >= DIGIT_0 && code <= DIGIT_9) {
      part = Math.max(part, 0) * 10 + code - DIGIT_0;
      if (part > 255) return null;
      continue;
    }
    if (code !== DOT || part < 0 || ++dots > 3) return null;
    value = value * 256 + part;
    part = -1;
  }
  return dots === 3 && part >= 0 ? value * 256 + part : null;
}

function parseIPv6(text: string): { words: TIcsIPv6Address; scope: number } | null {
  if (typeof text !== 'string' || text.length > LONGEST_IPV6) return null;
  const percent = text.indexOf('%');
  const scope = percent < 0 ? 0 : parseScope(text.slice(percent + 1));
  if (scope === null) return null;
  const halves = (percent < 0 ? text : text.slice(0, percent)).split('::').map(parseGroups);
  const [left, right] = halves;
  if (!left || halves.length > 2) return null;
  if (halves.length === 1) return left.length === WORDS ? { words: toWords(left), scope } : null;
  if (!right || left.length + right.length >= WORDS) return null;
  const zeros = new Array<number>(WORDS - left.length - right.length).fill(0);
  return { words: toWords([...left, ...zeros, ...right]), scope };
}

function parseScope(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const scope = Number(text);
  return scope <= MAX_SCOPE ? scope : null;
}

function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.map((group) => parseInt(group, 16));
}

function toWords(words: readonly number[]): TIcsIPv6Address {
  return words as unknown as TIcsIPv6Address;
}

function isUnsigned(value: unknown, limit: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limit;
}

function checkedWords(address: ArrayLike<number>, what: string): number[] {
  const words = typeof address === 'object' && address !== null ? address : [];
  if (words.length === WORDS) {
    const copy = Array.from(words);
    if (copy.every((word) => isUnsigned(word, MAX_WORD))) return copy;
  }
  throw new TypeError(`${what}: eight words of 16 bits are needed`);
}

function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < WORDS; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
