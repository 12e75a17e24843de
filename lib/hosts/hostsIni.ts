// Reads hosts from the sections of an INI file (ICS: IcsLoadIcsHostsFromIni in
// OverbyteIcsWSocketS.pas) into plain records; loadHosts.ts makes TIcsHost objects of them.
//
//  - Sections Prefix1 to Prefix100; gaps are allowed.
//  - Nothing in a file raises an exception; whatever has no effect is reported.
import { nameKey, type IniSection } from '../base/iniDocument';
import type { TMemIniFile } from '../base/TMemIniFile';
import { ENABLED_KEYS, HOST_KEYS, HOSTS_KEY, TLS_KEYS, UNREAD_HINTS } from './hostKeys';
import { readKey, reportBrokenHeaders, reportUnread } from './iniKeys';
import { IniProblems, nearest, shownName } from './iniProblems';
import { asBoolean, isTrue, type IniValue } from './iniValues';

/** Highest number of a section that is read. */
export const MAX_INI_HOSTS = 100;

/** Prefixes the samples of ICS use. */
export const USUAL_PREFIXES = ['IcsHost', 'Host', 'Source'] as const;

export interface IniHost {
  /** Section as it is spelled in the file, and its line. */
  readonly Section: string;
  readonly Line: number;
  readonly HostNames: readonly string[];
  /** Values by the names of the properties of TIcsHost. */
  readonly Values: Readonly<Record<string, IniValue>>;
}

const KNOWN_KEYS = [
  HOSTS_KEY,
  ...ENABLED_KEYS,
  ...[...HOST_KEYS, ...TLS_KEYS].map(({ key }) => key),
];

/** The hosts of a file in the order of their numbers. */
export function readHosts(ini: TMemIniFile, prefix: string, problems: IniProblems): IniHost[] {
  const hosts: IniHost[] = [];
  for (let number = 1; number <= MAX_INI_HOSTS; number++) {
    const section = ini.document.section(`${prefix}${number}`);
    if (section === undefined) continue;
    reportUnread(section, KNOWN_KEYS, UNREAD_HINTS, problems);
    const host = readHost(ini, section, problems);
    if (host !== null) hosts.push(host);
  }
  reportBrokenHeaders(ini, problems);
  reportSections(ini, prefix, problems);
  return hosts;
}

/** Which of the usual prefixes a file has sections for. */
export function prefixesIn(ini: TMemIniFile): string[] {
  return USUAL_PREFIXES.filter((prefix) =>
    ini.document.effective().some(({ name }) => numberOf(name, prefix) !== null),
  );
}

/** null for a section that is no host: without names, or not enabled. */
function readHost(ini: TMemIniFile, section: IniSection, problems: IniProblems): IniHost | null {
  const HostNames = ini
    .ReadString(section.name, HOSTS_KEY, '')
    .replace(/[\0-\x20]/g, '')
    .toLowerCase()
    .split(',')
    .filter((name) => name !== '');
  const skip = (text: string): null => {
    problems.add(section.line, section.name, '', `host skipped: ${text}`);
    return null;
  };
  if (HostNames.length === 0) return skip(`"${HOSTS_KEY}" is empty`);
  const enabled = enabledKey(ini, section);
  if (enabled === null) return skip('without "HostEnabled=True" a host is disabled');
  const setting = ini.ReadString(section.name, enabled, '');
  const { problem } = asBoolean(setting, false);
  if (problem !== '') return skip(`${enabled} is ${problem}`);
  if (!isTrue(setting)) return null; // switched off on purpose

  const Values = readValues(ini, section, problems);
  return { Section: section.name, Line: section.line, HostNames, Values };
}

/** The key that says whether the host is enabled, null when neither says anything. */
function enabledKey(ini: TMemIniFile, section: IniSection): string | null {
  return ENABLED_KEYS.find((key) => ini.ReadString(section.name, key, '') !== '') ?? null;
}

function readValues(
  ini: TMemIniFile,
  section: IniSection,
  problems: IniProblems,
): Record<string, IniValue> {
  const Values: Record<string, IniValue> = {};
  for (const entry of HOST_KEYS) Values[entry.property] = readKey(ini, section, entry, problems);
  // ICS: only with BindSslPort, so that a host with AuthSslCmd alone gets no certificate.
  const hasTls = Values['BindSslPort'] !== 0 || Values['AuthSslCmd'] === true;
  for (const entry of TLS_KEYS) {
    const value = readKey(ini, section, entry, problems);
    Values[entry.property] = hasTls ? value : entry.fallback;
    if (hasTls || value === entry.fallback) continue;
    const line = section.keys.get(nameKey(entry.key))!.line;
    const text = `${entry.key} has no effect without BindSslPort or AuthSslCmd`;
    problems.add(line, section.name, entry.key, text);
  }
  return Values;
}

// ---- Sections that are not read ----------------------------------------------------------------

/** Digits behind the prefix, null when the name is another one. */
function numberOf(name: string, prefix: string): string | null {
  const key = nameKey(name);
  const start = nameKey(prefix);
  const rest = key.slice(start.length);
  return key.startsWith(start) && /^\d+$/.test(rest) ? rest : null;
}

function isRead(name: string, prefix: string): boolean {
  const digits = numberOf(name, prefix);
  if (digits === null) return false;
  const number = Number(digits);
  return String(number) === digits && number >= 1 && number <= MAX_INI_HOSTS;
}

function reportSections(ini: TMemIniFile, prefix: string, problems: IniProblems): void {
  const { sections } = ini.document;
  for (const section of sections) {
    const { name, line } = section;
    if (isRead(name, prefix)) {
      const first = ini.document.section(name)!;
      if (first !== section)
        problems.add(line, name, '', `repeated section, the one in line ${first.line} counts`);
      continue;
    }
    if (numberOf(name, prefix) !== null)
      problems.add(line, name, '', `section not read: numbers go from 1 to ${MAX_INI_HOSTS}`);
    else if (isMisspelt(name, prefix))
      problems.add(line, name, '', `section not read (did you mean "${prefix}1"?)`);
  }
  if (sections.some(({ name }) => isRead(name, prefix))) return;
  const others = prefixesIn(ini).filter((other) => nameKey(other) !== nameKey(prefix));
  const hint = others.length === 0 ? '' : `; there are sections for "${others.join('", "')}"`;
  problems.add(0, '', '', `no section "${shownName(prefix)}1" to "${MAX_INI_HOSTS}"${hint}`);
}

function isMisspelt(name: string, prefix: string): boolean {
  const found = /^(.*?)[ _-]*(\d+)$/.exec(name);
  if (found === null || USUAL_PREFIXES.some((usual) => numberOf(name, usual) !== null))
    return false;
  return nearest(found[1]!, [prefix]) !== null;
}
