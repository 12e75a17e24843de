// What the check scripts share: the repository root, its files, and the way to report problems.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

export const root = path.dirname(import.meta.dirname);

const notOurs = new Set(['.git', 'build', 'coverage', 'dist', 'node_modules', 'prebuilds']);

/** All files of the repository below `folder`, relative to the root, with forward slashes. */
export function filesIn(folder = '') {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  return entries
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      return entry.isDirectory() ? filesIn(name) : [name];
    })
    .sort();
}

export function read(name) {
  return readFileSync(path.join(root, name), 'utf8');
}

/** Prints the problems and sets the exit code, or says what is fine. */
export function report(problems, fine) {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(fine);
}
