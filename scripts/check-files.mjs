// Small promises about every file: sources stay short, nothing in the repository depends on one
// machine or one registry, and no test is left switched on alone.
import { filesIn, read, report } from './sourceFiles.mjs';

const maxLines = 500;
const isSource = /^(lib|native)\/.*\.(ts|h|cc)$/;
const isCode = /\.(ts|m?js|h|cc|gyp)$|CMakeLists\.txt$|^\.ci\//;
const isBinary = /\.(png|jpg|gif|ico|pem|der|pfx|bin)$/;

const everywhere = [
  [/(?:^|[\s"'`(=:,[])\/(?:work|root|home\/\w+|Users\/\w+)\//m, 'a path of one machine'],
  [/\bregistry\.[a-z0-9-]+\.[a-z]{2,}|^\s*registry\s*=/im, 'the name of a package registry'],
];
const inCode = [
  [new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`), 'unfinished work'],
];
const inTests = [[/\b(?:describe|it|context)\.only\(/, 'a test that runs alone']];

const problems = [];
for (const file of filesIn().filter((name) => !isBinary.test(name))) {
  const text = read(file);
  const rules = [...everywhere, ...(isCode.test(file) ? inCode : [])];
  if (file.startsWith('test/')) rules.push(...inTests);
  for (const [pattern, what] of rules) {
    const hit = pattern.exec(text);
    if (hit) {
      const line = text.slice(0, hit.index + hit[0].search(/\S/)).split('\n').length;
      problems.push(`${file}:${line}: ${what}: ${hit[0].trim()}`);
    }
  }
  const lines = text.split('\n').length - 1;
  if (isSource.test(file) && lines > maxLines) {
    problems.push(`${file}: ${lines} lines, the limit is ${maxLines}`);
  }
}
if (/"resolved"/.test(read('package-lock.json'))) {
  problems.push('package-lock.json: has "resolved" fields, npm must honour the .npmrc beside it');
}
report(problems, 'check-files: no file is too long or tied to one machine');
