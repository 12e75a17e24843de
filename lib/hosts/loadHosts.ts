// Hosts from an INI file (ICS: IcsLoadIcsHostsFromIni in OverbyteIcsWSocketS.pas).
import { TMemIniFile } from '../base/TMemIniFile';
import { EIcsException } from '../errors';
import { readHosts } from './hostsIni';
import { IniProblems, type TIcsIniProblemEvent } from './iniProblems';
import { TIcsHostCollection } from './TIcsHostCollection';

/**
 * Replaces the hosts of the collection by those of the sections Prefix1 to Prefix100 and returns
 * their number. A section counts when it names `Hosts` and has `HostEnabled=True` (or `Enabled`).
 * Lines without effect and wrong values go to OnProblem one by one; without it they are one process
 * warning. Raises EIcsException without a file or a collection, which stay as they are.
 */
export function IcsLoadIcsHostsFromIni(
  MyIniFile: TMemIniFile,
  IcsHosts: TIcsHostCollection,
  Prefix = 'IcsHost',
  OnProblem: TIcsIniProblemEvent | null = null,
): number {
  if (!(MyIniFile instanceof TMemIniFile))
    throw new EIcsException('Must open and assign INI file first');
  if (!(IcsHosts instanceof TIcsHostCollection))
    throw new EIcsException('Must assign IcsHosts first');
  if (typeof Prefix !== 'string') throw new TypeError('Prefix: a text is needed');
  const problems = new IniProblems();
  const hosts = readHosts(MyIniFile, Prefix, problems);
  IcsHosts.Clear();
  for (const { HostNames, Values } of hosts) {
    const host = IcsHosts.Add();
    host.HostNames.Assign(HostNames);
    Object.assign(host, Values);
    host.HostEnabled = true;
  }
  problems.report(MyIniFile, OnProblem);
  return hosts.length;
}
