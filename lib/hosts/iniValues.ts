// The kinds of values the INI loaders of ICS know. A reader never fails: what is no such value gives
// the fallback and a text that says so. The text of an enumeration or a number may be shown; texts of
// other values may be secrets and are never read here.
import { trimText } from '../base/iniDocument';
import { toInteger } from '../base/integerText';
import { didYouMean, inQuotes } from './iniProblems';

export interface ReadValue<T> {
  readonly value: T;
  /** What is wrong with the text, '' when nothing is. */
  readonly problem: string;
}

export type IniValue = string | number | boolean;
type EnumObject = Readonly<Record<string, string | number>>;

/** How a key is read: the text of the file and the fallback give the value of the property. */
export type IniReader = (text: string, fallback: IniValue) => ReadValue<IniValue>;

const fine = <T>(value: T): ReadValue<T> => ({ value, problem: '' });

/** The text without blanks around it. */
export const asText: IniReader = (text) => fine(trimText(text));

/** A decimal or hexadecimal number. */
export const asInteger: IniReader = (text, fallback) => {
  const value = toInteger(text);
  if (value !== null) return fine(value);
  return { value: fallback, problem: `no number${inQuotes(text)}, taken as ${fallback}` };
};

/** A number that cannot be less than 0. */
export const asCount: IniReader = (text, fallback) => {
  const read = asInteger(text, fallback);
  if (read.problem !== '' || Number(read.value) >= 0) return read;
  return { value: fallback, problem: `less than 0${inQuotes(text)}, taken as ${fallback}` };
};

/** ICS: True is what begins with a `t`, and exactly `1`; everything else is False. */
export const asBoolean: IniReader = (text) => {
  const value = isTrue(text);
  if (value || /^(?:f.*|0|)$/is.test(trimText(text))) return fine(value);
  return { value, problem: `neither True nor False${inQuotes(text)}, taken as False` };
};

export function isTrue(text: string): boolean {
  const value = trimText(text);
  return value === '1' || /^t/i.test(value);
}

/** A member of an enumeration by its name. */
export function asEnum(members: EnumObject): IniReader {
  const byName = new Map<string, number>();
  const names = Object.keys(members).filter((name) => typeof members[name] === 'number');
  for (const name of names) byName.set(name.toLowerCase(), members[name] as number);
  return (text, fallback) => {
    const value = byName.get(trimText(text).toLowerCase());
    if (value !== undefined) return fine(value);
    if (trimText(text) === '') return fine(fallback);
    const taken = `taken as ${String(members[Number(fallback)])}`;
    const hint = didYouMean(trimText(text), names);
    return { value: fallback, problem: `an unknown value${inQuotes(text)}, ${taken}${hint}` };
  };
}

/** A member by its name, or by its number when the text begins with a digit. */
export function asEnumOrNumber(members: EnumObject): IniReader {
  const byName = asEnum(members);
  return (text, fallback) => {
    if (!/^\d/.test(trimText(text))) return byName(text, fallback);
    const value = toInteger(text);
    // ICS: a number above the last member gives an invalid level.
    if (value !== null && String(value) in members) return fine(value);
    const taken = `taken as ${String(members[Number(fallback)])}`;
    return { value: fallback, problem: `a number that no level has${inQuotes(text)}, ${taken}` };
  };
}
