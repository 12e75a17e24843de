// How ICS writes values into its control database: names of enumerations, sets in brackets, dates as
// local ISO text, line breaks as \n. Reading never fails: what is no value is the default.
import { NO_DATE } from './x509CertsTypes';

/** One key of a section: how its value becomes text and back. */
export interface IniField<T> {
  readonly initial: () => T;
  read(text: string): T;
  write(value: T): string;
}

export type IniFields = Readonly<Record<string, IniField<unknown>>>;
export type RecordOf<F extends IniFields> = {
  -readonly [K in keyof F]: F[K] extends IniField<infer T> ? T : never;
};
/** An enumeration: its names by value, its values by name. */
type EnumObject<T> = Readonly<Record<string, string | T>>;

export function text(initial = ''): IniField<string> {
  return {
    initial: () => initial,
    read: (value) => value.replaceAll('\\n', '\r\n'),
    write: (value) => value.replace(/\r\n|\r|\n/g, '\\n'),
  };
}

export function integer(initial = 0): IniField<number> {
  return {
    initial: () => initial,
    read: (value) => (/^-?\d{1,15}$/.test(value) ? Number(value) : initial),
    write: (value) => String(Math.trunc(value) || 0),
  };
}

/** The words True and False; numbers as Delphi writes them elsewhere are understood. */
export function flag(initial = false): IniField<boolean> {
  return {
    initial: () => initial,
    read: (value) => (value === '' ? initial : /^(?:true|[1-9]\d*|-\d+)$/i.test(value)),
    write: (value) => (value ? 'True' : 'False'),
  };
}

/** `aliases`: names of other versions. */
export function oneOf<T extends number>(
  names: EnumObject<T>,
  initial: NoInfer<T>,
  aliases: Readonly<Record<string, NoInfer<T>>> = {},
): IniField<T> {
  const known = (value: string): T | undefined => {
    const found = aliases[value] ?? names[value];
    return typeof found === 'number' ? found : undefined;
  };
  return {
    initial: () => initial,
    read: (value) => known(value) ?? initial,
    write: (value) => String(names[value] ?? names[initial]),
  };
}

export function setOf<T extends number>(names: EnumObject<T>): IniField<ReadonlySet<T>> {
  return {
    initial: () => new Set<T>(),
    read: (value) => {
      const words = value.replace(/[[\]\s]/g, '').split(',');
      return new Set(words.map((word) => names[word]).filter((n) => typeof n === 'number'));
    },
    write: (value) => `[${[...value].map((member) => String(names[member])).join(',')}]`,
  };
}

/** `yyyy-mm-ddThh:nn:ss` in local time; '' for none. */
export function date(): IniField<Date> {
  return {
    initial: () => NO_DATE,
    read: (value) => {
      const isDate = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?/.test(value);
      const moment = isDate ? new Date(value.replace(' ', 'T').replaceAll('"', '')) : NO_DATE;
      return Number.isNaN(moment.getTime()) ? NO_DATE : moment;
    },
    write: (value) => (value.getTime() === 0 ? '' : localIso(value)),
  };
}

function localIso(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

export function initialOf<F extends IniFields>(fields: F): RecordOf<F> {
  const pairs = Object.entries(fields).map(([name, field]) => [name, field.initial() as unknown]);
  return Object.fromEntries(pairs) as RecordOf<F>;
}
