// Copies the built addon to prebuilds/<platform>-<arch>/, where the package looks for a binary that
// needs no compiler. On Linux it first makes sure that the binary asks for no newer system library
// than the official Node.js releases themselves do.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { report, root } from './sourceFiles.mjs';

const newest = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11' };
const isMusl = existsSync('/etc/alpine-release');
const tag = `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`;
const built = path.join(root, 'build', 'Release', 'ics_wsocket.node');
const target = path.join(root, 'prebuilds', tag, 'ics_wsocket.node');

function isNewer(version, limit) {
  return version.localeCompare(limit, 'en', { numeric: true }) > 0;
}

function tooNewSymbols() {
  if (process.platform !== 'linux' || isMusl) return [];
  const dump = spawnSync('objdump', ['-T', built], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (dump.status !== 0) return [`objdump -T ${built} failed: install binutils`];
  const needed = dump.stdout.matchAll(/\*UND\*.*\((GLIBC|GLIBCXX|CXXABI)_([\d.]+)\)\s+(\S+)/g);
  return [...needed]
    .filter(([, library, version]) => isNewer(version, newest[library]))
    .map(([, library, version, symbol]) => `${symbol} needs ${library} ${version}`);
}

const problems = existsSync(built)
  ? tooNewSymbols()
  : [`${built} is missing: npm run build:native`];
if (problems.length === 0) {
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(built, target);
}
report(problems, `make-prebuilt: wrote ${path.relative(root, target)}`);
