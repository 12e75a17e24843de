// clang-format for the C++ files; --fix rewrites them. Prettier does the other files. Where no
// clang-format is installed it says so and passes: .ci/run installs one.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { filesIn, report, root } from './sourceFiles.mjs';

const isThere = (name) => spawnSync(name, ['--version']).status === 0;
const tool = ['clang-format-14', 'clang-format'].find(isThere);
const files = filesIn().filter((name) => /\.(h|cc)$/.test(name));

if (!tool) {
  console.log('check-format: skipped, no clang-format-14 on PATH');
} else if (files.length > 0) {
  const mode = process.argv.includes('--fix') ? ['-i'] : ['--dry-run', '-Werror'];
  const result = spawnSync(tool, [...mode, ...files], { cwd: root, encoding: 'utf8' });
  const wrong = new Set([...result.stderr.matchAll(/^(.+?):\d+:\d+: error:/gm)].map(([, n]) => n));
  const problems = [...wrong].map((name) => `${name}: not formatted, npm run format does it`);
  if (result.status !== 0 && wrong.size === 0) problems.push(result.stderr);
  report(problems, `check-format: ${files.length} C++ files are formatted`);
}
