// Builds what a run needs into build/bench: the load generator with the C++
// compiler of the system, and lib + bench/servers with tsc, so that no ts-node
// works inside a measured server.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const OUTPUT = join(ROOT, 'build', 'bench');
const SERVERS = join(OUTPUT, 'js');
const COMPILERS = [process.env['CXX'] ?? 'c++', 'g++', 'clang++'];

/** Path of the load generator, compiled anew only when a source is newer. */
export function buildLoadGenerator(): string {
  const folder = join(ROOT, 'bench', 'loadgen');
  const files = readdirSync(folder).map((file) => join(folder, file));
  const program = join(OUTPUT, 'loadgen');
  if (existsSync(program) && files.every((file) => modified(file) <= modified(program))) {
    return program;
  }

  mkdirSync(OUTPUT, { recursive: true });
  const sources = files.filter((file) => file.endsWith('.cc'));
  const args = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-o', program, ...sources];
  for (const compiler of COMPILERS) {
    const { error, status } = spawnSync(compiler, args, { stdio: ['ignore', 2, 2] });
    if (error !== undefined) continue; // Not installed: the next one.
    if (status !== 0) throw new Error(`${compiler} could not compile bench/loadgen`);
    return program;
  }
  throw new Error(`no C++ compiler found (tried ${COMPILERS.join(', ')}); install g++ or set CXX`);
}

function modified(file: string): number {
  return statSync(file).mtimeMs;
}

/** Folder of the compiled servers. */
export function buildServers(): string {
  const tsc = require.resolve('typescript/bin/tsc');
  const project = join(ROOT, 'bench', 'tsconfig.servers.json');
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('tsc reported errors in lib or bench/servers');
  linkAddon(SERVERS);
  return join(SERVERS, 'bench', 'servers');
}

// The compiled library looks for the addon and for package.json beside its own folder.
function linkAddon(folder: string): void {
  mkdirSync(join(folder, 'build'), { recursive: true });
  for (const place of [join('build', 'Release'), 'prebuilds', 'package.json']) {
    const link = join(folder, place);
    if (!existsSync(link)) {
      rmSync(link, { force: true }); // A link to what is no longer there.
      symlinkSync(join(ROOT, place), link);
    }
  }
}
