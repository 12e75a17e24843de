// Installations that lack something: without compiler, without Python, in a path with spaces, with
// --ignore-scripts. Each works or says in readable words what is missing. (.ci/run compiles; here
// nothing is.)

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onCleanup } from '../support';
import { ROOT, preload } from '../support/compiled';

const PARTS = ['package.json', 'scripts', 'native', 'binding.gyp', 'CMakeLists.txt'];
const BINARY = path.join(ROOT, 'build/Release/ics_wsocket.node');
const TAG = `${process.platform}-${process.arch}`;

/** The package in a folder of a user's project, with a shipped binary or without. */
function installed(withBinary: boolean): { project: string; root: string } {
  const project = path.join(mkdtempSync(path.join(tmpdir(), 'ics-install-')), 'a path with spaces');
  onCleanup(() => rmSync(path.dirname(project), { recursive: true }));
  const root = path.join(project, 'node_modules/ics-wsocket');
  mkdirSync(root, { recursive: true });
  for (const part of PARTS)
    cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
  symlinkSync(
    path.join(ROOT, 'node_modules/bindings'),
    path.join(project, 'node_modules/bindings'),
  );
  if (withBinary) cpSync(BINARY, path.join(root, `prebuilds/${TAG}/ics_wsocket.node`));
  return { project, root };
}

/** lib as a user gets it. */
function compileInto(root: string): void {
  const file = path.join(path.dirname(preload()), 'sources.json');
  const sources = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const lib = path.join(ROOT, 'lib');
  for (const [name, text] of Object.entries(sources)) {
    if (!name.startsWith(lib + path.sep)) continue;
    const target = path.join(root, 'dist', path.relative(lib, name).replace(/\.ts$/, '.js'));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

interface Result {
  status: number | null;
  text: string;
}

/** Runs node with nothing but itself on PATH. */
function node(args: string[], cwd: string): Result {
  const bin = mkdtempSync(path.join(tmpdir(), 'ics-bin-'));
  onCleanup(() => rmSync(bin, { recursive: true }));
  symlinkSync(process.execPath, path.join(bin, 'node'));
  const options = { cwd, encoding: 'utf8' as const, env: { PATH: bin, HOME: bin } };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, text: stdout + stderr };
}

const SERVE = `
const { TWSocketServer } = require('ics-wsocket');
const server = new TWSocketServer();
Object.assign(server, { Addr: '127.0.0.1', Port: '0' });
server.Listen();
console.log('listens', Number(server.BindPort) > 0);
server.Free();
`;

describe('An installation', function () {
  this.timeout(60_000);

  it('[H-138] without compiler and Python uses the shipped binary, in a path with spaces', () => {
    const { project, root } = installed(true);
    const result = node(['scripts/install.js'], root);
    assert.equal(result.status, 0, result.text);
    assert.match(result.text, /using the prebuilt binary/);
    compileInto(root);
    const served = node(['-e', SERVE], project);
    assert.equal(served.text, 'listens true\n');
  });

  it('[H-138] without compiler and without a binary that fits says what to install', () => {
    const { root } = installed(false);
    const { status, text } = node(['scripts/install.js'], root);
    assert.equal(status, 1);
    assert.match(text, /no prebuilt binary for/);
    assert.match(text, /no C\+\+ compiler is on PATH/);
    assert.match(text, /apt-get install g\+\+/);
    assert.match(text, /npx ics-wsocket-build/);
    assert.doesNotMatch(text, /^\s+at /m, 'no stack trace');
  });

  it('[H-138] with --ignore-scripts works with the shipped binary', () => {
    const { project, root } = installed(true);
    compileInto(root);
    assert.equal(node(['-e', SERVE], project).text, 'listens true\n');
  });

  it('[H-138] with --ignore-scripts and no binary says how to build it', () => {
    const { project, root } = installed(false);
    compileInto(root);
    const { status, text } = node(['-e', SERVE], project);
    assert.equal(status, 1);
    assert.match(text, /ics-wsocket: no native addon for .*It was not built at installation/);
    assert.match(text, /npx ics-wsocket-build/);
  });
});
