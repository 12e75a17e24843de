// Reads the keys of one INI section by a table, and reports every line that has no effect.
import { nameKey, trimText, type IniLine, type IniSection } from '../base/iniDocument';
import { TMemIniFile } from '../base/TMemIniFile';
import { EIcsException } from '../errors';
import { didYouMean, inQuotes, type IniProblems } from './iniProblems';
import type { IniReader, IniValue } from './iniValues';

export interface IniKey {
  /** Key in the file. */
  readonly key: string;
  /** Property it goes to. */
  readonly property: string;
  readonly read: IniReader;
  /** Value for a key that is absent, empty or wrong. */
  readonly fallback: IniValue;
}

/** What every loader asks of its first arguments. `target` names what is missing in `hasTarget`. */
export function checkArguments(
  ini: unknown,
  hasTarget: boolean,
  target: string,
  names: Readonly<Record<string, unknown>>,
): void {
  if (!(ini instanceof TMemIniFile)) throw new EIcsException('Must open and assign INI file first');
  if (!hasTarget) throw new EIcsException(`Must assign ${target} first`);
  for (const [name, text] of Object.entries(names))
    if (typeof text !== 'string') throw new TypeError(`${name}: a text is needed`);
}

const PEM_BEGIN = '-----BEGIN';
const PEM_END = '-----END';

/** Value of a key, and the report when it is none. */
export function readKey(
  ini: TMemIniFile,
  section: IniSection,
  entry: IniKey,
  problems: IniProblems,
): IniValue {
  const text = ini.ReadString(section.name, entry.key, '');
  const line = section.keys.get(nameKey(entry.key));
  if (line === undefined) return entry.fallback;
  if (trimText(text) === '' && typeof entry.fallback !== 'string') return entry.fallback;
  const { value, problem } = entry.read(text, entry.fallback);
  if (problem !== '')
    problems.add(line.line, section.name, line.ident, `${entry.key} is ${problem}`);
  return value;
}

/**
 * Reports the lines of a section that nobody reads: unknown and repeated keys, lines without `=`.
 * `hints` says for some names why they are not read; `accepted` are keys that are known here.
 */
export function reportUnread(
  section: IniSection,
  accepted: readonly string[],
  hints: Readonly<Record<string, string>>,
  problems: IniProblems,
): void {
  const known = new Set(accepted.map(nameKey));
  let insidePem = false;
  for (const line of section.lines) {
    if (line.text.includes(PEM_BEGIN)) insidePem = true;
    const text = unreadReason(section, line, known, accepted, hints, insidePem);
    const name = insidePem ? '' : line.ident;
    if (text !== '') problems.add(line.line, section.name, name, text);
    if (line.text.includes(PEM_END)) insidePem = false;
  }
}

function unreadReason(
  section: IniSection,
  line: IniLine,
  known: ReadonlySet<string>,
  accepted: readonly string[],
  hints: Readonly<Record<string, string>>,
  insidePem: boolean,
): string {
  if (line.ident === '' && line.value === null) return '';
  if (insidePem) return 'PEM text cannot be in an INI file, name its file instead';
  if (line.ident.startsWith('[')) return ''; // reported with the other broken headers
  if (line.value === null) return `neither key=value nor comment${inQuotes(line.ident)}`;
  const key = nameKey(line.ident);
  const first = section.keys.get(key);
  const name = inQuotes(line.ident);
  if (known.has(key)) {
    if (first === undefined || first === line) return '';
    return `repeated key${name}, the one in line ${first.line} counts`;
  }
  if (Object.hasOwn(hints, key)) return `unknown key${name}: ${hints[key]}`;
  if (/^(?:#|\/\/)/.test(key)) return 'unknown key: a comment begins with ";"';
  return `unknown key${name}${didYouMean(line.ident, accepted)}`;
}

/** Reports lines that look like a section but are none, in the whole file. */
export function reportBrokenHeaders(ini: TMemIniFile, problems: IniProblems): void {
  const { preamble, sections } = ini.document;
  for (const { name, lines } of [{ name: '', lines: preamble }, ...sections])
    for (const line of lines)
      if (line.ident.startsWith('['))
        problems.add(line.line, name, '', 'not a section: the line must end with "]"');
}
