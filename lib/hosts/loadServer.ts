// A whole server from an INI file. ICS has loaders for its HTTP, proxy and FTP servers only; this one
// takes the keys of theirs that belong to the socket server, and those for its listeners.
//
//  - What the file does not say stays as it is.
//  - A wrong value is reported and changes nothing.
import { nameKey, type IniSection } from '../base/iniDocument';
import type { TMemIniFile } from '../base/TMemIniFile';
import { TSslCliCertMethod } from '../ssl/sslTypes';
import { TSocketFamily } from '../types';
import { checkArguments, reportUnread, type IniKey } from './iniKeys';
import { inQuotes, IniProblems, type TIcsIniProblemEvent } from './iniProblems';
import {
  asBoolean,
  asCount,
  asEnum,
  asInteger,
  asText,
  type IniReader,
  type IniValue,
} from './iniValues';

/** The part of TWSocketServer and TSslWSocketServer that the loader needs. */
export interface IniServer {
  readonly MultiListenSockets: { Add(): object; Clear(): void };
}

/** Highest number of a section with a further listener. */
const MAX_INI_LISTENERS = 100;
const KILOBYTE = 1024;

type ServerKey = Omit<IniKey, 'fallback'>;

const key = (name: string, read: IniReader, property = name): ServerKey => ({
  key: name,
  property,
  read,
});

/** ICS, FTP server: BandwidthLimitKB counts in KiB, and what is not above 0 means no limit. */
const asKilobytes: IniReader = (text, fallback) => {
  const { value, problem } = asInteger(text, fallback);
  return { value: problem === '' ? Math.max(0, Number(value)) * KILOBYTE : value, problem };
};

const LISTENER_KEYS: readonly ServerKey[] = [
  key('Addr', asText),
  key('Port', asText),
  key('SocketFamily', asEnum(TSocketFamily)),
  key('ListenBacklog', asCount),
  key('SslEnable', asBoolean),
];

const SERVER_KEYS: readonly ServerKey[] = [
  ...LISTENER_KEYS,
  key('Banner', asText),
  key('BannerConnect', asText, 'Banner'),
  key('BannerTooBusy', asText),
  key('MaxClients', asCount),
  key('BandwidthLimit', asCount),
  key('BandwidthLimitKB', asKilobytes, 'BandwidthLimit'),
  key('BandwidthSampling', asCount),
  key('RootCA', asText),
  key('DHParams', asText),
  key('SslCliCertMethod', asEnum(TSslCliCertMethod)),
  key('SslCertAutoOrder', asBoolean),
  key('CertExpireDays', asCount),
  key('OcspSrvStapling', asBoolean),
  key('SslCertWatch', asBoolean),
  key('NoSSL', asBoolean),
];

/**
 * Sets the properties of Server that the section names, and adds an item to MultiListenSockets for
 * each section `<Section>Listen1` to `<Section>Listen100`; with such a section the former items go.
 * Returns the number of properties and items set. Problems go to OnProblem one by one; without it
 * they are one process warning. A server that listens raises what its properties raise.
 */
export function IcsLoadTWSocketServerFromIni(
  MyIniFile: TMemIniFile,
  Server: IniServer,
  Section = 'SocketServer',
  OnProblem: TIcsIniProblemEvent | null = null,
): number {
  checkArguments(MyIniFile, isServer(Server), 'Server', { Section });
  const problems = new IniProblems();
  try {
    return loadServer(MyIniFile, Server, Section, problems);
  } finally {
    problems.report(MyIniFile, OnProblem);
  }
}

function isServer(server: unknown): server is IniServer {
  return typeof server === 'object' && server !== null && 'MultiListenSockets' in server;
}

function loadServer(
  ini: TMemIniFile,
  server: IniServer,
  name: string,
  problems: IniProblems,
): number {
  const section = ini.document.section(name);
  const listeners: IniSection[] = [];
  for (let number = 1; number <= MAX_INI_LISTENERS; number++) {
    const found = ini.document.section(`${name}Listen${number}`);
    if (found !== undefined) listeners.push(found);
  }
  if (section === undefined && listeners.length === 0)
    problems.add(0, '', '', `no section${inQuotes(name)}`);
  let count = section === undefined ? 0 : setKeys(ini, section, SERVER_KEYS, server, problems);
  if (listeners.length > 0) server.MultiListenSockets.Clear();
  for (const found of listeners) {
    setKeys(ini, found, LISTENER_KEYS, server.MultiListenSockets.Add(), problems);
    count++;
  }
  return count;
}

function setKeys(
  ini: TMemIniFile,
  section: IniSection,
  keys: readonly ServerKey[],
  target: object,
  problems: IniProblems,
): number {
  const names = keys.map((entry) => entry.key);
  reportUnread(section, names, {}, problems);
  let count = 0;
  for (const { key: name, property, read } of keys) {
    const line = section.keys.get(nameKey(name));
    if (line === undefined || line.value === null) continue;
    const report = (text: string): void =>
      problems.add(line.line, section.name, name, `${name} ${text}`);
    if (!(property in target)) {
      report('has no effect on this server');
      continue;
    }
    const before = Reflect.get(target, property) as IniValue;
    const text = ini.ReadString(section.name, name, '');
    if (text === '' && typeof before !== 'string') continue;
    const { value, problem } = read(text, before);
    if (problem !== '') report(`is ${problem}`);
    if (problem !== '' && value === before) continue;
    Object.assign(target, { [property]: value });
    count++;
  }
  return count;
}
