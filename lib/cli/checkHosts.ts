// Loads the hosts of an INI file into a server and finds out, as ValidateHosts would, what would be
// bound and how good the certificates are. Nothing is bound and nothing is written.
import { TIcsIniFile } from '../base/TIcsIniFile';
import { prefixesIn, readHosts } from '../hosts/hostsIni';
import { IniProblems, type TIcsIniProblem } from '../hosts/iniProblems';
import { IcsLoadIcsHostsFromIni } from '../hosts/loadHosts';
import { IcsLoadTWSocketServerFromIni } from '../hosts/loadServer';
import { isPem } from '../hosts/certSource';
import type { TIcsHost } from '../hosts/TIcsHost';
import { TSslWSocketServer } from '../server/TSslWSocketServer';
import { TChainResult, TSslSrvSecurity } from '../ssl/sslTypes';
import type { TX509Base } from '../ssl/TX509Base';
import type { BindingReport, CertificateReport, HostReport, HostsReport } from './hostsReport';
import { printable } from '../base/printable';
import { refuseTemporary } from './readOnlyHosts';

export interface CheckOptions {
  /** Prefix of the sections; null: the first of the usual ones the file has. */
  readonly prefix: string | null;
  /** Section of the server itself; null: SocketServer, if the file has it. */
  readonly serverSection: string | null;
  readonly allowSelfSigned: boolean;
}

export interface Checked {
  readonly report: HostsReport;
  /** Ready to listen when no host has an error; to be freed by the caller. */
  readonly server: TSslWSocketServer;
}

const DEFAULT_PREFIX = 'IcsHost';
const DEFAULT_SECTION = 'SocketServer';
const DAY_MS = 86_400_000;

/** Raises EIniFileException for a file that cannot be read. */
export function checkHosts(file: string, options: CheckOptions): Checked {
  const ini = new TIcsIniFile(file);
  const prefix = options.prefix ?? prefixesIn(ini)[0] ?? DEFAULT_PREFIX;
  const problems: TIcsIniProblem[] = [];
  const tell = (problem: TIcsIniProblem): void => void problems.push(problem);
  const server = new TSslWSocketServer(null);
  try {
    const section = options.serverSection ?? DEFAULT_SECTION;
    if (options.serverSection !== null || ini.SectionExists(section))
      IcsLoadTWSocketServerFromIni(ini, server, section, tell);
    if (server.MultiListenSockets.Count > 0) tell(listenersIgnored(section));
    IcsLoadIcsHostsFromIni(ini, server.IcsHosts, prefix, tell);
    const sections = readHosts(ini, prefix, new IniProblems());
    const texts = validate(server, options.allowSelfSigned);
    const hosts = sections.map(({ Section, Line }, at) =>
      hostReport(server.IcsHosts.Items[at]!, { section: Section, line: Line }, texts.ofHost(at)),
    );
    const isFine = problems.length === 0 && texts.others.length === 0 && hosts.length > 0;
    const ok = isFine && hosts.every(({ state }) => state === 'ok');
    return { report: { file, prefix, ok, hosts, problems, messages: texts.others }, server };
  } catch (error) {
    server.Free();
    throw error;
  }
}

function listenersIgnored(section: string): TIcsIniProblem {
  const Text = `sections "${section}Listen…" have no effect on a server with hosts`;
  return { Line: 0, Section: '', Key: '', Text };
}

interface Texts {
  ofHost(index: number): string[];
  readonly others: string[];
}

/** What ValidateHosts says, by host. */
function validate(server: TSslWSocketServer, allowSelfSigned: boolean): Texts {
  if (server.IcsHosts.Count === 0) return { ofHost: () => [], others: [] };
  server.OcspSrvStapling = false; // a check asks nobody
  server.OnBeforeContextInit = (_Sender, Host) => refuseTemporary(Host, server.CertExpireDays);
  const lines = server.ValidateHosts(false, true, allowSelfSigned).split('\r\n');
  const byHost = new Map<number, Set<string>>();
  const others: string[] = [];
  for (const line of lines.filter((text) => text !== '')) {
    const found = /^Host #(\d+)(?: [^,]*)?, (.*)$/s.exec(line);
    if (found === null) {
      others.push(printable(line));
      continue;
    }
    const index = Number(found[1]);
    const texts = byHost.get(index) ?? new Set();
    byHost.set(index, texts.add(printable(found[2]!)));
  }
  return { ofHost: (index) => [...(byHost.get(index) ?? [])], others };
}

function hostReport(
  host: TIcsHost,
  place: { section: string; line: number },
  messages: string[],
): HostReport {
  const usesTls = host.BindSslPort > 0 || host.AuthSslCmd;
  const cert = usesTls ? (host.SslCtx?.SslCertX509 ?? null) : null;
  const isServed = !usesTls || (host.SslCtx?.IsCtxInitialized ?? false);
  const isGood = isServed && host.CertValRes !== TChainResult.chainFail && host.BindInfo !== '';
  let state: HostReport['state'] = messages.length === 0 ? 'ok' : 'warning';
  if (!isGood) state = 'error';
  return {
    ...place,
    displayName: host.DisplayName.replace(/^ - /, ''), // without a tag
    hostNames: host.HostNames.toArray(),
    bindings: bindingsOf(host),
    level: usesTls ? TSslSrvSecurity[host.SslSrvSecurity]! : null,
    certificate: cert?.IsCertLoaded ? certificateReport(cert, host.SslCert) : null,
    state,
    // The file has a row of its own.
    messages: messages.map((text) => text.replace(`Location File ${host.SslCert}, `, '')),
  };
}

function bindingsOf(host: TIcsHost): BindingReport[] {
  const { BindIpAddr, BindIpAddr2, BindNonPort, BindSslPort } = host;
  const all: [number, BindingReport][] = [
    [host.BindIdxNone, { address: BindIpAddr, port: BindNonPort, tls: false }],
    [host.BindIdx2None, { address: BindIpAddr2, port: BindNonPort, tls: false }],
    [host.BindIdxSsl, { address: BindIpAddr, port: BindSslPort, tls: true }],
    [host.BindIdx2Ssl, { address: BindIpAddr2, port: BindSslPort, tls: true }],
  ];
  return all.filter(([index]) => index >= -1).map(([, binding]) => binding);
}

function certificateReport(cert: TX509Base, file: string): CertificateReport {
  const inters = cert.X509Inters.map((inter) => commonName(inter.subject));
  const last = cert.X509Inters.at(-1)?.issuer;
  const top = last === undefined ? cert.IssuerCName || cert.IssuerOName : commonName(last);
  const own = cert.SubjectCName || cert.ListNamesDNS[0] || '(no name)';
  return {
    file: isPem(file) ? '(PEM text)' : file,
    chain: cert.SelfSigned ? [own] : [own, ...inters, top],
    domains: cert.ListNamesDNS,
    addresses: cert.ListNameIP,
    notBefore: cert.ValidNotBefore.toISOString(),
    expires: cert.ValidNotAfter.toISOString(),
    daysLeft: Math.floor((cert.ValidNotAfter.getTime() - Date.now()) / DAY_MS),
    selfSigned: cert.SelfSigned,
    keyInfo: cert.KeyInfo,
  };
}

/** Node writes a name as lines `CN=…`. */
function commonName(name: string | undefined): string {
  return /^(?:CN|O)=(.*)$/m.exec(name ?? '')?.[1] ?? '(no name)';
}
