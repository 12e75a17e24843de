// Host names with other letters than a … z in the form the name service knows (ICS: IcsIDNAToASCII
// in OverbyteIcsUtils): every label with such letters is written in Punycode (RFC 3492) behind
// 'xn--'. As in ICS there is no Nameprep: capitals outside ASCII are not folded.
import type { TVar } from '../types';

/** Longest label of the name service. */
const MAX_LABEL = 63;
/** Longest name of the name service. */
const MAX_NAME = 255;
const ACE_PREFIX = 'xn--';
/** IDNA takes these for dots as well (RFC 3490, 3.1). */
const SEPARATORS = /[.\u3002\uff0e\uff61]/;
/** A whole pair is one character for this and does not match. */
const LONE_SURROGATE = /\p{Cs}/u;

// Parameters of RFC 3492, section 5.
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 0x80;

const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/**
 * ASCII form of a host name; a name in ASCII comes back unchanged. ErrFlag becomes True and the
 * result '' for a name that has none: above 255 characters, a label above 63, a NUL, half a
 * surrogate pair, a label with other letters that begins with 'xn--'; with UseSTD3AsciiRules also
 * for ASCII characters besides letters, digits and inner hyphens. Empty labels stay empty.
 */
export function IcsIDNAToASCII(
  Input: string,
  UseSTD3AsciiRules = false,
  ErrFlag?: TVar<boolean>,
): string {
  return finish(nameToASCII(Input, UseSTD3AsciiRules), ErrFlag);
}

/** Like IcsIDNAToASCII for a single label: a dot is a character like any other. */
export function IcsPunyToASCII(
  Input: string,
  UseSTD3AsciiRules = false,
  ErrFlag?: TVar<boolean>,
): string {
  return finish(isText(Input) ? labelToASCII(Input, UseSTD3AsciiRules) : null, ErrFlag);
}

/** The name IcsPunyToASCII had before ICS V9.1. */
export const IcsToASCII = IcsPunyToASCII;

function finish(text: string | null, errFlag?: TVar<boolean>): string {
  if (errFlag) errFlag.Value = text === null;
  return text ?? '';
}

/** A character outside the basic plane is two units long. */
function isText(input: unknown): input is string {
  return typeof input === 'string' && input.length <= 2 * MAX_NAME;
}

function nameToASCII(input: string, std3: boolean): string | null {
  if (!isText(input)) return null;
  const labels: string[] = [];
  for (const label of input.split(SEPARATORS)) {
    const ascii = labelToASCII(label, std3);
    if (ascii === null) return null;
    labels.push(ascii);
  }
  const name = labels.join('.');
  return name.length <= MAX_NAME ? name : null;
}

function labelToASCII(label: string, std3: boolean): string | null {
  if (label.includes('\0') || LONE_SURROGATE.test(label)) return null;
  if (std3 && !followsStd3(label)) return null;
  const codePoints = Array.from(label, (character) => character.codePointAt(0)!);
  const isAscii = codePoints.every((code) => code < INITIAL_N);
  if (!isAscii && label.toLowerCase().startsWith(ACE_PREFIX)) return null;
  const ascii = isAscii ? label : ACE_PREFIX + punycode(codePoints);
  return ascii.length <= MAX_LABEL ? ascii : null;
}

/** STD 3 has no rule for characters outside ASCII; those are gone after the conversion. */
function followsStd3(label: string): boolean {
  if (label.startsWith('-') || label.endsWith('-')) return false;
  for (const character of label)
    if (character.charCodeAt(0) < INITIAL_N && !/[a-z\d-]/i.test(character)) return false;
  return true;
}

/** RFC 3492, section 6.3. The caller's limit on the length keeps the numbers small. */
function punycode(codePoints: readonly number[]): string {
  const basic = codePoints.filter((code) => code < INITIAL_N);
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '');
  let handled = basic.length;
  let bias = INITIAL_BIAS;
  let delta = 0;
  let n = INITIAL_N;
  while (handled < codePoints.length) {
    const next = Math.min(...codePoints.filter((code) => code >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const code of codePoints) {
      if (code < n) delta++;
      if (code !== n) continue;
      output += variableLength(delta, bias);
      bias = adapted(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

function variableLength(value: number, bias: number): string {
  let rest = value;
  let output = '';
  for (let k = BASE; ; k += BASE) {
    const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
    if (rest < threshold) return output + DIGITS[rest];
    const span = BASE - threshold;
    output += DIGITS[threshold + ((rest - threshold) % span)];
    rest = Math.floor((rest - threshold) / span);
  }
}

function adapted(delta: number, points: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? DAMP : 2));
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
