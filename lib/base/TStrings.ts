// A list of texts (Delphi: TStrings in System.Classes), the part of it that ICS programs use.
//
//  - Positions run from 0 to Count-1; another one raises EStringListError and changes nothing.
//  - Only texts can be added: anything else raises a TypeError and changes nothing.
//  - Searching ignores case, as in Delphi, unless a descendant compares otherwise.
import { EStringListError } from '../errors';

/** `List.Strings[2]` as in Delphi, for reading and writing, or `List.Strings(2)`. */
export interface StringsArray {
  (Index: number): string;
  [Index: number]: string;
}

const LINE_BREAK = '\r\n';
const QUOTE = '"';
const DELIMITER = ',';
const LAST_BLANK = 0x20;

export class TStrings implements Iterable<string> {
  #items: string[] = [];
  #indexed: StringsArray | null = null;

  /** Number of texts. */
  get Count(): number {
    return this.#items.length;
  }

  /** The texts by position. */
  get Strings(): StringsArray {
    return (this.#indexed ??= indexed(
      (index) => this.#items[this.#checked(index, this.Count)]!,
      (index, text) => {
        requireText(text, 'TStrings.Strings');
        this.#items[this.#checked(index, this.Count)] = text;
      },
    ));
  }

  /**
   * All texts, each followed by CR LF. Writing cuts at CR LF, CR or LF; a line break at the very
   * end begins no further text.
   */
  get Text(): string {
    return this.#items.map((item) => item + LINE_BREAK).join('');
  }

  set Text(value: string) {
    requireText(value, 'TStrings.Text');
    const lines = value.split(/\r\n|\r|\n/);
    if (lines.at(-1) === '') lines.pop();
    this.#items = lines;
  }

  /**
   * All texts in one line, `a,"b c"`: those with a comma, a blank, a control character or a quote
   * are quoted. Reading such a line also cuts at blanks outside quotes.
   */
  get CommaText(): string {
    if (this.Count === 1 && this.#items[0] === '') return QUOTE + QUOTE;
    return this.#items.map(quoted).join(DELIMITER);
  }

  set CommaText(value: string) {
    requireText(value, 'TStrings.CommaText');
    this.#items = fromCommaText(value);
  }

  /** Appends a text and returns its position. */
  Add(S: string): number {
    requireText(S, 'TStrings.Add');
    return this.#items.push(S) - 1;
  }

  /** Appends all texts of another list. */
  AddStrings(Source: Iterable<string>): void {
    this.#items = this.#items.concat(textsOf(Source, 'TStrings.AddStrings'));
  }

  /** Replaces the texts by those of another list. */
  Assign(Source: Iterable<string>): void {
    this.#items = textsOf(Source, 'TStrings.Assign');
  }

  /** Puts a text in front of position Index; Index may be Count. */
  Insert(Index: number, S: string): void {
    requireText(S, 'TStrings.Insert');
    this.#items.splice(this.#checked(Index, this.Count + 1), 0, S);
  }

  /** Removes the text at Index. */
  Delete(Index: number): void {
    this.#items.splice(this.#checked(Index, this.Count), 1);
  }

  /** Removes all texts. */
  Clear(): void {
    this.#items = [];
  }

  /** Position of the first text equal to S, -1 when there is none. */
  IndexOf(S: string): number {
    if (typeof S !== 'string') return -1;
    const wanted = this.searchKey(S);
    return this.#items.findIndex((item) => this.searchKey(item) === wanted);
  }

  /** Sorts the texts as IndexOf compares them; equal ones keep their order. */
  Sort(): void {
    const keyed = this.#items.map((item) => ({ item, key: this.searchKey(item) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
    this.#items = keyed.map(({ item }) => item);
  }

  /** Removes all texts. There is nothing else to free; it is here because Delphi code calls it. */
  Free(): void {
    this.Clear();
  }

  /** A copy of the texts as an array. */
  toArray(): string[] {
    return [...this.#items];
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#items.values();
  }

  /** What IndexOf and Sort compare. */
  protected searchKey(S: string): string {
    return S.toLowerCase();
  }

  #checked(index: number, limit: number): number {
    if (Number.isInteger(index) && index >= 0 && index < limit) return index;
    throw new EStringListError(`List index out of bounds (${String(index)})`);
  }
}

function requireText(value: unknown, what: string): asserts value is string {
  if (typeof value !== 'string')
    throw new TypeError(`${what}: a text is needed, got ${typeof value}`);
}

function textsOf(source: Iterable<string>, what: string): string[] {
  if (typeof source === 'string')
    throw new TypeError(`${what}: a list of texts is needed, got a string`);
  const texts = [...source];
  for (const text of texts) requireText(text, what);
  return texts;
}

function indexed(
  read: (index: number) => string,
  write: (index: number, text: string) => void,
): StringsArray {
  const place = (key: string | symbol): number => (typeof key === 'string' ? Number(key) : NaN);
  return new Proxy(read as StringsArray, {
    get(target, key) {
      const index = place(key);
      return Number.isNaN(index) ? (Reflect.get(target, key) as unknown) : read(index);
    },
    set(_target, key, text: string) {
      write(place(key), text);
      return true;
    },
  });
}

function isBlank(text: string, at: number): boolean {
  return text.charCodeAt(at) <= LAST_BLANK;
}

function quoted(item: string): string {
  if (!/[\0- ",]/.test(item)) return item;
  return QUOTE + item.replaceAll(QUOTE, QUOTE + QUOTE) + QUOTE;
}

function fromCommaText(text: string): string[] {
  const items: string[] = [];
  const skipBlanks = (from: number): number => {
    let at = from;
    while (at < text.length && isBlank(text, at)) at++;
    return at;
  };
  let at = skipBlanks(0);
  while (at < text.length) {
    const end = text[at] === QUOTE ? closingQuote(text, at) : endOfWord(text, at);
    items.push(text[at] === QUOTE ? unquoted(text, at, end) : text.slice(at, end));
    at = skipBlanks(end);
    if (text[at] !== DELIMITER) continue;
    if (at + 1 === text.length) items.push('');
    at = skipBlanks(at + 1);
  }
  return items;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== DELIMITER && !isBlank(text, at)) at++;
  return at;
}

/** The place behind the quote that ends the text, or the end of a text that lacks one. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf(QUOTE, from + 1);
  while (at >= 0 && text[at + 1] === QUOTE) at = text.indexOf(QUOTE, at + 2);
  return at < 0 ? text.length : at + 1;
}

function unquoted(text: string, from: number, end: number): string {
  const closed = end - from > 1 && text[end - 1] === QUOTE;
  const inside = text.slice(from + 1, closed ? end - 1 : end);
  return inside.replaceAll(QUOTE + QUOTE, QUOTE);
}
