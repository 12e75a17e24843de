// The lines of an INI file as sections and keys, by the rules of Delphi's TMemIniFile.
//
//  - Blanks around a line, a section name, a key and a value do not count; names ignore case.
//  - A line that begins with `;` is a comment; a section is `[name]` with nothing behind it.
//  - Of repeated sections and of repeated keys the first counts; they are not merged.
//  - Any text is accepted. What has no effect is kept, so that writing changes nothing else.

export interface IniLine {
  /** Key, '' for a line that is none. */
  readonly ident: string;
  /** Behind the first `=`; null for a line without one. */
  value: string | null;
  /** The whole line as it stands in the file. */
  text: string;
  /** Number of the line in the text that was parsed, from 1; 0 for one written since. */
  readonly line: number;
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly header: string;
  /** Every line below the header, comments and empty lines included. */
  readonly lines: IniLine[];
  readonly keys: Map<string, IniLine>;
}

const COMMENT = ';';
const LAST_BLANK = 0x20;

/** Delphi's Trim: what it removes is every character up to the blank. */
export function trimText(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= LAST_BLANK) start++;
  while (end > start && text.charCodeAt(end - 1) <= LAST_BLANK) end--;
  return text.slice(start, end);
}

/** What two names that mean the same have in common. */
export function nameKey(name: string): string {
  return trimText(name).toLowerCase();
}

export class IniDocument {
  /** Lines above the first section. */
  readonly preamble: IniLine[] = [];
  /** All sections in the order of the file, repeated ones included. */
  readonly sections: IniSection[] = [];
  readonly #byName = new Map<string, IniSection>();

  constructor(lines: Iterable<string> = []) {
    let target = this.preamble;
    let keys: Map<string, IniLine> | null = null;
    let number = 0;
    for (const text of lines) {
      number++;
      const name = sectionName(text);
      if (name !== null) {
        const section = this.#open(name, text, number);
        target = section.lines;
        keys = section.keys;
        continue;
      }
      const line = parsed(text, number);
      target.push(line);
      if (keys !== null && line.ident !== '') addFirst(keys, line);
    }
  }

  /** The section that counts, undefined when there is none. */
  section(name: string): IniSection | undefined {
    return this.#byName.get(nameKey(name));
  }

  /** The line that counts for a key, undefined when there is none. */
  key(section: string, ident: string): IniLine | undefined {
    return this.section(section)?.keys.get(nameKey(ident));
  }

  /** The sections that count, in the order of the file. */
  effective(): IniSection[] {
    return [...this.#byName.values()];
  }

  /** Changes the key that counts, or adds it behind the last line of its section. */
  write(section: string, ident: string, value: string): void {
    const target = this.section(section) ?? this.#append(trimText(section));
    const old = target.keys.get(nameKey(ident));
    if (old !== undefined) {
      old.value = value;
      old.text = `${old.ident}=${value}`;
      return;
    }
    const name = trimText(ident);
    const line = { ident: name, value, text: `${name}=${value}`, line: 0 };
    target.lines.splice(endOfContents(target.lines), 0, line);
    target.keys.set(nameKey(name), line);
  }

  /** Removes a key with all its repetitions. */
  deleteKey(section: string, ident: string): boolean {
    const target = this.section(section);
    const key = nameKey(ident);
    if (target === undefined || !target.keys.delete(key)) return false;
    const others = target.lines.filter((line) => line.ident === '' || nameKey(line.ident) !== key);
    target.lines.splice(0, target.lines.length, ...others);
    return true;
  }

  /** Removes a section with all its repetitions. */
  eraseSection(name: string): boolean {
    const key = nameKey(name);
    if (!this.#byName.delete(key)) return false;
    const others = this.sections.filter((section) => nameKey(section.name) !== key);
    this.sections.splice(0, this.sections.length, ...others);
    return true;
  }

  /** All lines as they belong into the file. */
  toLines(): string[] {
    const texts = (lines: readonly IniLine[]): string[] => lines.map(({ text }) => text);
    const sections = this.sections.flatMap(({ header, lines }) => [header, ...texts(lines)]);
    return [...texts(this.preamble), ...sections];
  }

  #open(name: string, header: string, line: number): IniSection {
    const section: IniSection = { name, line, header, lines: [], keys: new Map() };
    this.sections.push(section);
    const key = nameKey(name);
    if (!this.#byName.has(key)) this.#byName.set(key, section);
    return section;
  }

  #append(name: string): IniSection {
    const before = this.sections.at(-1)?.lines ?? this.preamble;
    const isApart = before.length === 0 ? this.sections.length === 0 : before.at(-1)!.text === '';
    if (!isApart) before.push(parsed('', 0));
    return this.#open(name, `[${name}]`, 0);
  }
}

function sectionName(text: string): string | null {
  const line = trimText(text);
  if (!line.startsWith('[') || !line.endsWith(']')) return null;
  return trimText(line.slice(1, -1));
}

function parsed(text: string, line: number): IniLine {
  const bare = trimText(text);
  if (bare === '' || bare.startsWith(COMMENT)) return { ident: '', value: null, text, line };
  const equals = bare.indexOf('=');
  if (equals < 0) return { ident: bare, value: null, text, line };
  const ident = trimText(bare.slice(0, equals));
  return { ident, value: trimText(bare.slice(equals + 1)), text, line };
}

function addFirst(keys: Map<string, IniLine>, line: IniLine): void {
  const key = nameKey(line.ident);
  if (!keys.has(key)) keys.set(key, line);
}

/** New keys go in front of the empty lines that separate a section from the next one. */
function endOfContents(lines: readonly IniLine[]): number {
  let end = lines.length;
  while (end > 0 && trimText(lines[end - 1]!.text) === '') end--;
  return end;
}
