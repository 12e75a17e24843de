// An INI file in memory (Delphi: TMemIniFile in System.IniFiles): read once, changed in memory,
// written by UpdateFile. See iniDocument.ts for the rules of the text.
//
//  - Reading never fails because of what a file contains: a value that is none gives the default.
//  - A file that does not exist is an empty one; one that cannot be read raises EIniFileException.
//  - UpdateFile replaces the file in one step and keeps comments, order and encoding.
import { EOL } from 'node:os';
import { EIniFileException } from '../errors';
import { IniDocument, trimText, type IniLine } from './iniDocument';
import { decodeIni, encodeIni, type IniEncoding } from './iniText';
import { toInteger } from './integerText';
import type { TStrings } from './TStrings';
import { readWholeFile, replaceWholeFile } from './wholeFile';

/** Largest INI file that is read or written, in bytes. */
export const MAX_INI_FILE_SIZE = 16 * 1024 * 1024;

const LINE_BREAK = /\r\n|\r|\n/;

export class TMemIniFile {
  #fileName: string;
  #document = new IniDocument();
  #encoding: IniEncoding = 'utf8';
  #lineBreak: string = EOL;
  #modified = false;

  /** Reads the file; '' or a file that does not exist gives an empty one. */
  constructor(FileName = '') {
    requireText(FileName, 'FileName');
    this.#fileName = FileName;
    this.#load();
  }

  /** Name the file was read from and UpdateFile writes to. */
  get FileName(): string {
    return this.#fileName;
  }

  /** True when something was changed since the file was read or written. */
  get Modified(): boolean {
    return this.#modified;
  }

  // ---- Reading -------------------------------------------------------------------------------

  /** Is there such a section, with keys or without? */
  SectionExists(Section: string): boolean {
    return this.#document.section(text(Section)) !== undefined;
  }

  /** Is there such a key? A line without `=` counts as one, as in Delphi. */
  ValueExists(Section: string, Ident: string): boolean {
    return this.#document.key(text(Section), text(Ident)) !== undefined;
  }

  /** The value without blanks around it; quotes belong to it. Default for a key that is absent. */
  ReadString(Section: string, Ident: string, Default = ''): string {
    return this.#document.key(text(Section), text(Ident))?.value ?? Default;
  }

  /** A decimal number, or a hexadecimal one after `$`, `x` or `0x`, of 32 bits; else Default. */
  ReadInteger(Section: string, Ident: string, Default = 0): number {
    return toInteger(this.ReadString(Section, Ident)) ?? Default;
  }

  /** Any number except 0 is True, as in Delphi. Words are no numbers: they give Default. */
  ReadBool(Section: string, Ident: string, Default = false): boolean {
    return this.ReadInteger(Section, Ident, Number(Default)) !== 0;
  }

  /** A number with a decimal point; else Default. */
  ReadFloat(Section: string, Ident: string, Default = 0): number {
    const value = trimText(this.ReadString(Section, Ident));
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value) ? Number(value) : Default;
  }

  /** Fills the list with the keys of a section, each once. */
  ReadSection(Section: string, Strings: TStrings): void {
    Strings.Assign(this.#lines(Section).map(({ ident }) => ident));
  }

  /** Fills the list with the names of all sections, each once. */
  ReadSections(Strings: TStrings): void {
    Strings.Assign(this.#document.effective().map(({ name }) => name));
  }

  /** Fills the list with `key=value` for all keys of a section. */
  ReadSectionValues(Section: string, Strings: TStrings): void {
    const pairs = this.#lines(Section).map(({ ident, value }) =>
      value === null ? ident : `${ident}=${value}`,
    );
    Strings.Assign(pairs);
  }

  // ---- Writing -------------------------------------------------------------------------------

  /**
   * Changes or adds a key. What an INI file cannot hold (a line break, a key with `=`) raises
   * EIniFileException and changes nothing. Blanks around the value are lost in the file.
   */
  WriteString(Section: string, Ident: string, Value: string): void {
    requireText(Section, 'Section');
    requireText(Ident, 'Ident');
    requireText(Value, 'Value');
    requireOneLine(Section, 'Section');
    requireOneLine(Ident, 'Ident');
    requireOneLine(Value, 'Value');
    const name = trimText(Ident);
    if (name === '' || /^[;[]|=/.test(name))
      throw new EIniFileException(`"${Ident}" cannot be a key of an INI file`);
    this.#document.write(Section, Ident, Value);
    this.changed();
  }

  WriteInteger(Section: string, Ident: string, Value: number): void {
    if (!Number.isInteger(Value)) throw new TypeError(`Value: not an integer: ${String(Value)}`);
    this.WriteString(Section, Ident, String(Value));
  }

  /** Writes 1 or 0. */
  WriteBool(Section: string, Ident: string, Value: boolean): void {
    this.WriteString(Section, Ident, Value ? '1' : '0');
  }

  WriteFloat(Section: string, Ident: string, Value: number): void {
    if (!Number.isFinite(Value)) throw new TypeError(`Value: not a number: ${String(Value)}`);
    this.WriteString(Section, Ident, String(Value));
  }

  /** Removes a key. */
  DeleteKey(Section: string, Ident: string): void {
    if (this.#document.deleteKey(text(Section), text(Ident))) this.changed();
  }

  /** Removes a section with all its keys. */
  EraseSection(Section: string): void {
    if (this.#document.eraseSection(text(Section))) this.changed();
  }

  /** Removes everything, from memory only. */
  Clear(): void {
    this.#document = new IniDocument();
    this.changed();
  }

  /** Appends the lines of the file to the list. */
  GetStrings(List: TStrings): void {
    List.AddStrings(this.#document.toLines());
  }

  /** Takes these lines instead of what is in memory. */
  SetStrings(List: TStrings): void {
    this.#document = new IniDocument([...List].flatMap((item) => item.split(LINE_BREAK)));
    this.changed();
  }

  /** Takes another name; with Reload, what is in the file of that name. */
  Rename(FileName: string, Reload: boolean): void {
    requireText(FileName, 'FileName');
    const before = this.#fileName;
    this.#fileName = FileName;
    if (!Reload) return;
    try {
      this.#load();
    } catch (error) {
      this.#fileName = before;
      throw error;
    }
  }

  /** Writes the file. Raises EIniFileException, and the old file stays, when that fails. */
  UpdateFile(): void {
    try {
      if (this.#fileName === '') throw new Error('it has no name');
      const lines = this.#document.toLines();
      if (lines.length > 0 && lines.at(-1) !== '') lines.push('');
      const contents = encodeIni(lines.join(this.#lineBreak), this.#encoding);
      if (contents.length > MAX_INI_FILE_SIZE)
        throw new Error(`the limit is ${MAX_INI_FILE_SIZE} bytes`);
      replaceWholeFile(this.#fileName, contents);
    } catch (error) {
      throw failure('write to', this.#fileName, error);
    }
    this.#modified = false;
  }

  /** There is nothing to free; it is here because Delphi code calls it. */
  Free(): void {
    // What was not written with UpdateFile is lost, as in Delphi.
  }

  // ---- Internal ------------------------------------------------------------------------------

  /** @internal Sections and keys with the numbers of their lines. */
  get document(): IniDocument {
    return this.#document;
  }

  /** @internal Called after every change. */
  protected changed(): void {
    this.#modified = true;
  }

  #lines(section: string): IniLine[] {
    return [...(this.#document.section(text(section))?.keys.values() ?? [])];
  }

  #load(): void {
    const bytes = this.#read();
    const decoded = decodeIni(bytes ?? Buffer.alloc(0));
    this.#encoding = decoded.encoding;
    this.#lineBreak = LINE_BREAK.exec(decoded.text)?.[0] ?? EOL;
    const lines = decoded.text === '' ? [] : decoded.text.split(LINE_BREAK);
    this.#document = new IniDocument(lines);
    this.#modified = false;
  }

  #read(): Buffer | null {
    if (this.#fileName === '') return null;
    try {
      return readWholeFile(this.#fileName, MAX_INI_FILE_SIZE);
    } catch (error) {
      throw failure('read', this.#fileName, error);
    }
  }
}

function failure(what: string, fileName: string, error: unknown): EIniFileException {
  const { code, message } = error as NodeJS.ErrnoException;
  return new EIniFileException(`Unable to ${what} ${fileName}: ${message}`, code);
}

/** Names that are no text find nothing. */
function text(value: string): string {
  return typeof value === 'string' ? value : '';
}

function requireText(value: unknown, what: string): void {
  if (typeof value !== 'string')
    throw new TypeError(`${what}: a text is needed, got ${typeof value}`);
}

function requireOneLine(value: string, what: string): void {
  if (/[\r\n]/.test(value))
    throw new EIniFileException(`${what} of an INI file cannot contain a line break`);
}
