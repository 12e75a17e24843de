// Starts test/fixtures/tracedServer.ts under strace, which lets chosen system calls fail. strace
// cannot be used everywhere; skipWithoutStrace says why.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from 'mocha';
import type { TracedReport } from '../fixtures/tracedServer';
import { ChildServer } from './childServer';
import { onCleanup } from './cleanup';
import { ROOT, preload } from './compiled';
import { skipTest } from './skipTest';

const FIXTURE = path.join(ROOT, 'test/fixtures/tracedServer.ts');

/** Why strace cannot be used here, or ''. */
function straceProblem(): string {
  if (process.platform !== 'linux') return 'strace is a Linux tool';
  const trial = spawnSync('strace', ['--seccomp-bpf', '-f', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  if (trial.error) return `strace is not installed (${trial.error.message})`;
  return trial.status === 0 ? '' : `strace may not trace here (${trial.stderr.trim()})`;
}

/** For `before` hooks: skips the suite with a printed reason where strace does not work. */
export function skipWithoutStrace(this: Context): void {
  const problem = straceProblem();
  if (problem === '') return;
  skipTest(this, problem);
}

export class TracedServer {
  readonly #child: ChildServer;
  readonly #trace: string;

  constructor(child: ChildServer, trace: string) {
    this.#child = child;
    this.#trace = trace;
  }

  ask(question: string): Promise<TracedReport> {
    return this.#child.ask<TracedReport>(question);
  }

  /** The traced calls so far, one line each. */
  calls(): string[] {
    return readFileSync(this.#trace, 'latin1').split('\n').filter(Boolean);
  }
}

/**
 * Starts the server; it listens when this resolves. calls: 'accept4'; failure as strace's --inject
 * takes it: 'error=ENFILE:when=1..3'. The process is killed after the test.
 */
export async function tracedServer(
  calls: string,
  failure: string,
): Promise<{ server: TracedServer; port: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ics-traced-'));
  const trace = path.join(folder, 'trace.txt');
  const strace = spawn(
    'strace',
    ['-f', '-qq', '--seccomp-bpf', '-s', '8', '-o', trace, '-e', `trace=${calls}`].concat([
      `--inject=${calls}:${failure}`,
      process.execPath,
      '-r',
      preload(),
      FIXTURE,
    ]),
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  onCleanup(() => {
    // Without its channel the server ends by itself, and strace with it.
    if (strace.connected) strace.disconnect();
    rmSync(folder, { recursive: true, force: true });
  });
  const server = new TracedServer(new ChildServer(strace), trace);
  const { pid, port } = await server.ask('listen');
  onCleanup(() => {
    if (strace.exitCode === null && strace.signalCode === null) process.kill(pid, 'SIGKILL');
  });
  return { server, port };
}
