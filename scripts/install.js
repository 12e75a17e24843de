#!/usr/bin/env node
// Puts the native addon in place: shipped prebuilt binary, else cmake-js, else node-gyp, else the
// compiler alone (Linux), else readable reasons and exit code 1. Whatever it finds or builds is
// loaded in a child process before it counts. Needs Node only and no network.
// --force (npm run build:native) builds even if the binary is newer than every source.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);
const file = 'ics_wsocket.node';
const built = path.join(root, 'build', 'Release', file);
const musl = process.platform === 'linux' && fs.existsSync('/etc/alpine-release') ? '-musl' : '';
const tag = `${process.platform}-${process.arch}${musl}`;
const isCheckout = fs.existsSync(path.join(root, '.git'));
const reasons = [];
let lastOutput = '';
let isSourceError = false; // then no other tool can help

const say = (text) => console.log(`ics-wsocket: ${text}`);

function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const end = process.platform === 'win32' ? '.exe' : '';
  return names.find((name) => folders.some((dir) => fs.existsSync(path.join(dir, name + end))));
}

function run(command, args) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 };
  const result = spawnSync(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  return { ok: result.status === 0, text, why: result.signal ?? `exit code ${result.status}` };
}

function loads(binary) {
  const test = run(process.execPath, ['-e', 'require(process.argv[1])', binary]);
  if (test.ok) return true;
  const message = /^\s*Error: .*/m.exec(test.text)?.[0].trim() ?? test.why;
  reasons.push(`${path.relative(root, binary)} does not load: ${message}`);
  return false;
}

/** A clone is compiled again only when a source changed since the last build. */
function isUpToDate() {
  if (!fs.existsSync(built)) return false;
  const binaryTime = fs.statSync(built).mtimeMs;
  const native = fs.readdirSync(path.join(root, 'native'), { recursive: true });
  const inputs = ['CMakeLists.txt', 'binding.gyp', ...native.map((name) => `native/${name}`)];
  const isOlder = (name) => fs.statSync(path.join(root, name)).mtimeMs <= binaryTime;
  return inputs.every(isOlder) && loads(built);
}

function build(tool, command, args) {
  const start = Date.now();
  say(`building the native addon with ${tool} ...`);
  fs.rmSync(built, { force: true });
  const result = run(command, args);
  if (result.ok && fs.existsSync(built) && loads(built)) {
    // A source that is edited while the compiler runs has to count as newer.
    fs.utimesSync(built, start / 1000, start / 1000);
    say(`built ${path.relative(root, built)} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    return true;
  }
  lastOutput = result.text;
  if (!result.ok) reasons.push(`${tool} failed: ${result.why}`);
  isSourceError = /\bnative\/\S+:\d+:\d+: (fatal )?error:/.test(result.text);
  return false;
}

function withCmakeJs() {
  if (!onPath('cmake')) return void reasons.push('cmake is not on PATH');
  if (process.platform !== 'win32' && !onPath('ninja', 'make')) {
    return void reasons.push('neither ninja nor make is on PATH (cmake needs one of them)');
  }
  try {
    const folder = path.dirname(require.resolve('cmake-js/package.json'));
    return build('cmake-js', process.execPath, [path.join(folder, 'bin', 'cmake-js'), 'compile']);
  } catch {
    return void reasons.push('cmake-js is not installed');
  }
}

function withNodeGyp() {
  const gyp = process.env.npm_config_node_gyp;
  if (!gyp) return void reasons.push('node-gyp is not offered here (npm brings it)');
  if (process.platform !== 'win32' && !(onPath('python3', 'python') && onPath('make'))) {
    return void reasons.push('python3 or make is not on PATH (node-gyp needs both)');
  }
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  const hasHeaders = fs.existsSync(path.join(prefix, 'include', 'node', 'common.gypi'));
  const headers = hasHeaders ? [`--nodedir=${prefix}`] : [];
  return build('node-gyp', process.execPath, [gyp, 'rebuild', ...headers]);
}

function withCompiler(compiler) {
  if (process.platform !== 'linux') return false;
  const script = path.join(__dirname, 'compileAddon.js');
  return build(compiler, process.execPath, [script, compiler, built]);
}

function explain() {
  const retry = isCheckout ? 'npm install' : 'npx ics-wsocket-build';
  if (process.platform !== 'linux') reasons.unshift(`this version supports Linux, not ${tag}`);
  console.error(`${lastOutput.split('\n').slice(-60).join('\n')}
ics-wsocket: there is no native addon for this machine yet, because
${reasons.map((reason) => `  - ${reason}`).join('\n')}
What to install:
  Debian, Ubuntu   apt-get install g++ cmake make
  Fedora, RHEL     dnf install gcc-c++ cmake make
  Alpine           apk add g++ cmake make linux-headers
Then try again:
  ${retry}`);
}

function main() {
  const fromSource = !['', 'false'].includes(process.env.npm_config_build_from_source ?? '');
  if (!process.argv.includes('--force')) {
    if (isUpToDate()) return say('the native addon is up to date');
    const prebuilt = path.join(root, 'prebuilds', tag, file);
    const isShipped = fs.existsSync(prebuilt);
    if (fromSource) reasons.push('a build from source was asked for');
    else if (!isShipped) reasons.push(`no prebuilt binary for ${tag} in this package`);
    else if (!isCheckout && loads(prebuilt)) return say(`using the prebuilt binary for ${tag}`);
  }
  const compiler = onPath('c++', 'g++', 'clang++');
  if (!compiler && process.platform !== 'win32') {
    reasons.push('no C++ compiler is on PATH (looked for c++, g++, clang++)');
  } else {
    const ways = [withCmakeJs, withNodeGyp, () => withCompiler(compiler)];
    if (ways.some((way) => !isSourceError && way())) return;
  }
  explain();
  process.exitCode = 1;
}

main();
