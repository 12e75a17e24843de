// INI files for the tests of the loaders.
import {
  IcsLoadIcsHostsFromIni,
  TIcsHostCollection,
  TMemIniFile,
  TStringList,
  type TIcsHost,
  type TIcsIniProblem,
} from '../../lib';

/** An INI file in memory. */
export function iniOf(...lines: string[]): TMemIniFile {
  const ini = new TMemIniFile('');
  const list = new TStringList();
  list.AddStrings(lines);
  ini.SetStrings(list);
  return ini;
}

/** `line: text` of problems. */
export function textsOf(problems: readonly TIcsIniProblem[]): string[] {
  return problems.map(({ Line, Text }) => `${Line}: ${Text}`);
}

/** What the loader makes of these lines. */
export function load(prefix: string, ...lines: string[]): { hosts: TIcsHost[]; told: string[] } {
  const collection = new TIcsHostCollection(null);
  const problems: TIcsIniProblem[] = [];
  IcsLoadIcsHostsFromIni(iniOf(...lines), collection, prefix, (problem) => problems.push(problem));
  const hosts = Array.from({ length: collection.Count }, (_, at) => collection.Items[at]!);
  return { hosts, told: textsOf(problems) };
}
