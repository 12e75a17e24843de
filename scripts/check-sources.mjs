// binding.gyp, CMakeLists.txt and native/**/*.cc must name the same files: a source that only one
// build system knows gives a binary that fails on some machines only.
import { filesIn, read, report } from './sourceFiles.mjs';

const addon = JSON.parse(read('binding.gyp')).targets[0];
const perPlatform = addon.conditions.flatMap(([, parts]) => parts.sources ?? []);
const lists = {
  'binding.gyp': [...addon.sources, ...perPlatform],
  'CMakeLists.txt': [...read('CMakeLists.txt').matchAll(/\bnative\/[\w/]+\.cc\b/g)].map(([n]) => n),
  'the folder native': filesIn('native').filter((name) => name.endsWith('.cc')),
};

const problems = [];
const all = [...new Set(Object.values(lists).flat())].sort();
for (const [place, names] of Object.entries(lists)) {
  for (const name of all) {
    const count = names.filter((other) => other === name).length;
    if (count === 0) problems.push(`${name} is missing in ${place}`);
    if (count > 1) problems.push(`${name} stands ${count} times in ${place}`);
  }
}
report(problems, `check-sources: ${all.length} native sources, listed alike everywhere`);
