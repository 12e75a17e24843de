// What `ics-hosts check` says about a file: plain data, for --json, and as text. Neither holds a
// password or a key.
import type { TIcsIniProblem } from '../hosts/iniProblems';
import { printable } from '../base/printable';

export interface BindingReport {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface CertificateReport {
  /** File it was read from. */
  readonly file: string;
  /** Common names from the certificate up to the last issuer that is known. */
  readonly chain: readonly string[];
  readonly domains: readonly string[];
  readonly addresses: readonly string[];
  readonly notBefore: string;
  readonly expires: string;
  /** Whole days from now; negative after the end. */
  readonly daysLeft: number;
  readonly selfSigned: boolean;
  readonly keyInfo: string;
}

export interface HostReport {
  readonly section: string;
  readonly line: number;
  readonly displayName: string;
  readonly hostNames: readonly string[];
  readonly bindings: readonly BindingReport[];
  readonly level: string | null;
  /** null for a host without TLS, and when none could be loaded. */
  readonly certificate: CertificateReport | null;
  /** `error`: the host would not be served as it should; `warning`: it would, with a flaw. */
  readonly state: 'ok' | 'warning' | 'error';
  readonly messages: readonly string[];
}

export interface HostsReport {
  readonly file: string;
  readonly prefix: string;
  readonly ok: boolean;
  readonly hosts: readonly HostReport[];
  readonly problems: readonly TIcsIniProblem[];
  /** What concerns no single host. */
  readonly messages: readonly string[];
}

const LABEL_WIDTH = 12;

export function reportLines(report: HostsReport): string[] {
  const { file, prefix, hosts, problems, messages } = report;
  const found = hosts.length === 1 ? '1 host' : `${hosts.length} hosts`;
  const lines = [`${file}: ${found} with the prefix ${prefix}`];
  for (const host of hosts) lines.push('', ...hostLines(host));
  if (problems.length > 0) lines.push('', 'In the file:', ...problems.map(problemLine));
  if (messages.length > 0) lines.push('', ...messages);
  lines.push('', report.ok ? 'No problems' : 'There are problems');
  return lines.map(printable);
}

function problemLine({ Line, Section, Text }: TIcsIniProblem): string {
  const section = Section === '' ? '' : ` [${Section}]`;
  return Line === 0 ? `  ${Text}` : `  line ${Line}${section}: ${Text}`;
}

function hostLines(host: HostReport): string[] {
  const row = (label: string, value: string): string => `  ${label.padEnd(LABEL_WIDTH)}${value}`;
  const lines = [
    `[${host.section}] ${host.displayName}`,
    row('names', host.hostNames.join(', ')),
    row('binds', host.bindings.map(bindingText).join(', ') || 'nothing'),
  ];
  if (host.level !== null) lines.push(row('level', host.level));
  if (host.certificate !== null) lines.push(...certificateRows(host.certificate, row));
  for (const message of host.messages) lines.push(row(host.state, message));
  if (host.messages.length === 0) lines.push(row(host.state, ''));
  return lines.map((line) => line.trimEnd());
}

function bindingText({ address, port, tls }: BindingReport): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port === 0 ? 'any' : port}${tls ? ' TLS' : ''}`;
}

function certificateRows(
  { file, chain, domains, addresses, expires, daysLeft, keyInfo }: CertificateReport,
  row: (label: string, value: string) => string,
): string[] {
  const days = daysLeft < 0 ? `${-daysLeft} days ago` : `in ${daysLeft} days`;
  return [
    row('certificate', file),
    row('for', [...domains, ...addresses].join(', ')),
    row('chain', chain.join(' < ')),
    row('key', keyInfo),
    row('expires', `${expires.slice(0, 10)}, ${days}`),
  ];
}
