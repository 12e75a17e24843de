// The last resort of scripts/install.js on a Linux machine that has a C++ compiler and none of
// cmake, make and python: one compiler call with the sources and defines of binding.gyp.
// Usage: node scripts/compileAddon.js <compiler> <output file>
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const [compiler, output] = process.argv.slice(2);
const root = path.dirname(__dirname);
// binding.gyp is kept free of comments, so that it is JSON as well.
const addon = JSON.parse(fs.readFileSync(path.join(root, 'binding.gyp'), 'utf8')).targets[0];
const forLinux = addon.conditions.find(([condition]) => condition === "OS=='linux'")[1];
const headers = ['node-api-headers/include/node_api.h', 'node-addon-api/napi.h'];
const folders = ['native', ...headers.map((name) => path.dirname(require.resolve(name)))];

fs.mkdirSync(path.dirname(output), { recursive: true });
const flags = ['-std=c++17', '-O2', '-DNDEBUG', '-fPIC', '-shared', '-pthread'];
flags.push('-fvisibility=hidden', '-fvisibility-inlines-hidden');
flags.push(...addon.defines.map((name) => `-D${name}`), ...folders.map((name) => `-I${name}`));
const sources = [...addon.sources, ...forLinux.sources];
const result = spawnSync(compiler, [...flags, ...sources, '-o', output], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = result.status ?? 1;
