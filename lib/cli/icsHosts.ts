#!/usr/bin/env node
// ics-hosts check FILE: would a server with the hosts of this INI file work? Exit code 0: yes;
// 1: there are problems; 2: the command or the file cannot be used. Secrets are never printed.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EIniFileException } from '../errors';
import type { TSslWSocketServer } from '../server/TSslWSocketServer';
import { checkHosts } from './checkHosts';
import { startEcho, stopEcho } from './echoHosts';
import { reportLines } from './hostsReport';
import { printable } from '../base/printable';

const OK = 0;
const PROBLEMS = 1;
const UNUSABLE = 2;

const USAGE = `Usage: ics-hosts check FILE.ini [options]

Says for each host of an ICS INI file what would be bound, which certificate it
has, its chain and when it expires, and reports unknown keys and wrong values.
Nothing is bound and nothing is written.

  --section PREFIX      sections PREFIX1 to PREFIX100; without it the first of
                        IcsHost, Host and Source that the file has
  --server SECTION      section of the server (RootCA, MaxClients, …);
                        without it SocketServer, if the file has it
  --allow-self-signed   a self-signed certificate is no problem
  --serve               then run an echo server on the hosts until SIGINT or SIGTERM
  --json                print the result as JSON
  --help                print this

Exit code: 0 no problems, 1 problems, 2 wrong usage or unreadable file.`;

const OPTIONS = {
  section: { type: 'string' },
  server: { type: 'string' },
  'allow-self-signed': { type: 'boolean', default: false },
  serve: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(args: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    return misused(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) {
    say(USAGE);
    return OK;
  }
  const [command, file, ...more] = positionals;
  if (command !== 'check') return misused(`unknown command: ${command ?? '(none)'}`);
  if (file === undefined || more.length > 0) return misused('one file is needed');
  if (file.includes('\0') || !existsSync(file)) return unusable(`File not found: ${file}`);
  return check(file, values);
}

interface Values {
  readonly section?: string;
  readonly server?: string;
  readonly 'allow-self-signed': boolean;
  readonly serve: boolean;
  readonly json: boolean;
}

async function check(file: string, values: Values): Promise<number> {
  let checked;
  try {
    checked = checkHosts(file, {
      prefix: values.section ?? null,
      serverSection: values.server ?? null,
      allowSelfSigned: values['allow-self-signed'],
    });
  } catch (error) {
    if (error instanceof EIniFileException) return unusable(error.message);
    throw error;
  }
  const { report, server } = checked;
  try {
    say(values.json ? JSON.stringify(report, null, 2) : reportLines(report).join('\n'));
    const code = report.ok ? OK : PROBLEMS;
    if (!values.serve) return code;
    const hasErrors = report.hosts.length === 0 || report.hosts.some((h) => h.state === 'error');
    if (!hasErrors) return (await serve(server)) ? code : PROBLEMS;
    complain('Not started: there are errors');
    return PROBLEMS;
  } finally {
    server.Free();
  }
}

/** False when it cannot listen. */
async function serve(server: TSslWSocketServer): Promise<boolean> {
  const failures = startEcho(server);
  if (failures !== '') {
    complain(printable(failures.replaceAll('\r\n', '; ')));
    return false;
  }
  const stopped = signalled();
  // With --json the standard output holds the report alone.
  complain(server.ListenStates().trimEnd().replaceAll('\r\n', '\n'));
  complain('Echo server is ready');
  await stopped;
  stopEcho(server);
  return true;
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function misused(text: string): number {
  complain(`ics-hosts: ${printable(text)}\n\n${USAGE}`);
  return UNUSABLE;
}

function unusable(text: string): number {
  complain(`ics-hosts: ${printable(text)}`);
  return UNUSABLE;
}

// A reader that goes away, as `head` does, is no error.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    complain(`ics-hosts: ${printable(error instanceof Error ? error.message : String(error))}`);
    process.exitCode = UNUSABLE;
  },
);
