// Programs whose names are answered by fakeResolver.c instead of a name server: slowly or never.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from 'mocha';
import { ROOT } from './compiled';
import { runScript, type Script, type ScriptOptions } from './runScript';
import { skipTest } from './skipTest';

let library: string | undefined;

/** The compiled library, or '' where that is not possible. */
function compiledLibrary(): string {
  if (library !== undefined) return library;
  const folder = mkdtempSync(path.join(tmpdir(), 'ics-resolver-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const target = path.join(folder, 'fakeResolver.so');
  const source = path.join(ROOT, 'test/support/fakeResolver.c');
  const options = ['-shared', '-fPIC', '-o', target, source, '-ldl'];
  const env = { ...process.env, LD_PRELOAD: '' }; // a sanitizer has no business in a compiler
  const compiles = (name: string): boolean => spawnSync(name, options, { env }).status === 0;
  const compiler = ['cc', 'gcc', 'clang'].find(compiles);
  library = compiler && process.platform === 'linux' ? target : '';
  return library;
}

/** For `before` hooks: skips the suite with a printed reason. */
export function skipWithoutFakeResolver(this: Context): void {
  if (compiledLibrary() !== '') return;
  skipTest(this, 'needs Linux and a C compiler');
}

/** Like runScript, for a script whose lookups the fake resolver answers. */
export function runWithFakeResolver(name: string, options: ScriptOptions = {}): Script {
  const preload = [process.env.LD_PRELOAD, compiledLibrary()].filter(Boolean).join(':');
  return runScript(name, { ...options, env: { ...process.env, LD_PRELOAD: preload } });
}
