// Hosts from an INI file (ICS: IcsLoadIcsHostsFromIni in OverbyteIcsWSocketS.pas).
import type { TMemIniFile } from '../base/TMemIniFile';
import { readHosts } from './hostsIni';
import { checkArguments } from './iniKeys';
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
  checkArguments(MyIniFile, IcsHosts instanceof TIcsHostCollection, 'IcsHosts', { Prefix });
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
