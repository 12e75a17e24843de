// Numbers in texts as Delphi reads them.

const MIN_INT = -0x80000000;
const MAX_INT = 0x7fffffff;
const MAX_HEX = 0xffffffff;

/** Delphi's StrToInt (32 bits, hexadecimal after `$`, `x` or `0x`); null for what is no number. */
export function toInteger(value: string): number | null {
  const found = /^ *([+-]?)(?:(\d+)|(?:\$|0?x)([0-9a-f]+)) *$/i.exec(value);
  if (!found) return null;
  const [, sign, decimal, hex] = found;
  const isHex = hex !== undefined;
  const size = isHex ? parseInt(hex, 16) : Number(decimal);
  if (isHex && size > MAX_HEX) return null;
  const signed = (sign === '-' ? -size : size) + 0; // no negative zero
  if (isHex) return signed | 0;
  return signed < MIN_INT || signed > MAX_INT ? null : signed;
}
