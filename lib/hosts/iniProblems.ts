// What a loader finds wrong in an INI file: told by line, section and key, never with a value that
// may be a secret, and never a reason to stop.
import { trimText } from '../base/iniDocument';
import type { TMemIniFile } from '../base/TMemIniFile';

/** One finding of a loader. */
export interface TIcsIniProblem {
  /** Line in the file, 0 when the problem is something that is absent. */
  readonly Line: number;
  /** Section as it is spelled in the file, '' for none. */
  readonly Section: string;
  /** Key as it is spelled in the file, '' for none. */
  readonly Key: string;
  /** What is wrong and what the loader did instead. */
  readonly Text: string;
}

export type TIcsIniProblemEvent = (Problem: TIcsIniProblem) => void;

/** Lines of a process warning; a file of garbage must not flood the log. */
const MAX_WARNING_LINES = 20;
const MAX_SHOWN_NAME = 32;

/** `Host1, line 7: unknown key "Hots"`. */
export function problemText({ Line, Section, Text }: TIcsIniProblem): string {
  const section = Section === '' ? [] : [`[${Section}]`];
  const line = Line === 0 ? [] : [`line ${Line}`];
  const place = [...section, ...line].join(' ');
  return place === '' ? Text : `${place}: ${Text}`;
}

/** Collects the problems of one load and hands them over in the order of the file. */
export class IniProblems {
  readonly #found: TIcsIniProblem[] = [];

  add(Line: number, Section: string, Key: string, Text: string): void {
    this.#found.push({ Line, Section: shownName(Section), Key: shownName(Key), Text });
  }

  /** Without a handler the problems become one process warning. */
  report(ini: TMemIniFile, handler: TIcsIniProblemEvent | null): void {
    const sorted = this.#found.sort((a, b) => a.Line - b.Line);
    if (handler !== null) {
      for (const problem of sorted) handler(problem);
      return;
    }
    if (sorted.length === 0) return;
    const lines = sorted.slice(0, MAX_WARNING_LINES).map(problemText);
    if (sorted.length > lines.length) lines.push(`and ${sorted.length - lines.length} more`);
    const file = ini.FileName === '' ? 'INI' : ini.FileName;
    process.emitWarning(`${file}: ${lines.join('\n  ')}`, 'IcsIniWarning');
  }
}

/**
 * A name as it may be shown. A key that was pasted into the file in several lines looks like names
 * as well: what is too long or too odd for a name is not repeated.
 */
export function shownName(name: string): string {
  const isName = name.length <= MAX_SHOWN_NAME && /^[\p{L}\p{N}_. [\]-]*$/u.test(name);
  return isName ? name : '';
}

/** ` "Hosts"`, or nothing for a name that is not shown. */
export function inQuotes(name: string): string {
  const shown = shownName(trimText(name));
  return shown === '' ? '' : ` "${shown}"`;
}

/** ` (did you mean "Hosts"?)` when one of the names is close to what was written, else ''. */
export function didYouMean(written: string, names: Iterable<string>): string {
  const found = nearest(written, names);
  return found === null ? '' : ` (did you mean "${found}"?)`;
}

/** The name that differs from what was written by few strokes, null when there is none. */
export function nearest(written: string, names: Iterable<string>): string | null {
  if (written.length > MAX_SHOWN_NAME) return null;
  const wanted = written.toLowerCase();
  let best: string | null = null;
  let least = Infinity;
  for (const name of names) {
    const key = name.toLowerCase();
    const isPart = wanted.length > 2 && (key.startsWith(wanted) || key.endsWith(wanted));
    const more = key.length - wanted.length;
    const strokes = isPart ? 1 - 1 / (more + 2) : strokesBetween(wanted, key);
    const allowed = Math.min(written.length, name.length) <= 5 ? 1 : 2;
    if (strokes > allowed || strokes >= least) continue;
    best = name;
    least = strokes;
  }
  return best;
}

/** Letters to insert, remove, replace or exchange with their neighbour. */
function strokesBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1]!;
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let strokes = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (exchanged) strokes = Math.min(strokes, rows[i - 2]![j - 2]! + 1);
      row.push(strokes);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
