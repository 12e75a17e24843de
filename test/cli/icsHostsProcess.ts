// Runs the command ics-hosts in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { onCleanup, waitFor } from '../support';
import { makeCA, makeCert, tempFile, type TestCert } from '../support/certificates';
import { preload, ROOT } from '../support/compiled';
import { endOf } from '../support/runScript';

const COMMAND = path.join(ROOT, 'lib/cli/icsHosts.ts');
const DEADLINE_MS = 20_000;

export class IcsHosts {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(args: string[]) {
    this.child = spawn(process.execPath, ['-r', preload(), COMMAND, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    onCleanup(() => this.child.kill('SIGKILL'));
  }

  /** Exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals> {
    return endOf(this.child, DEADLINE_MS);
  }

  /** Resolves when the standard error output holds this text. */
  async told(text: string): Promise<void> {
    const isOver = (): boolean => this.child.exitCode !== null;
    await waitFor(() => this.stderr.includes(text) || isOver(), text, DEADLINE_MS);
    if (!this.stderr.includes(text)) throw new Error(`never said "${text}": ${this.stderr}`);
  }
}

export function icsHosts(...args: string[]): IcsHosts {
  return new IcsHosts(args);
}

/** An INI file. */
export function iniFile(...lines: string[]): string {
  return tempFile('hosts.ini', lines.join('\r\n'));
}

export interface TestHosts {
  readonly ca: TestCert;
  readonly caFile: string;
  /** Certificate of a.test and 127.0.0.1 with an intermediate, and its key. */
  readonly certFile: string;
}

let made: { ca: TestCert; bundle: string } | undefined;

/** A root and a certificate below it; made once, written for each test. */
export function testHosts(): TestHosts {
  if (made === undefined) {
    const ca = makeCA();
    const inter = makeCA({ ca, cn: 'Test Inter' });
    const leaf = makeCert({ ca: inter, names: ['a.test'], ips: ['127.0.0.1'], days: 100 });
    made = { ca, bundle: leaf.bundlePem };
  }
  const { ca, bundle } = made;
  return { ca, caFile: tempFile('ca.pem', ca.pem), certFile: tempFile('a.pem', bundle) };
}
