// Compiles lib, the examples and the programs of tests once, in memory, for processes and workers that
// tests start: with a compiler in each of them a start would take ten times as long.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';

export const ROOT = path.resolve(__dirname, '../..');

const FOLDERS = ['lib', 'test/fixtures', 'test/support', 'examples'];
/** Folders in which only `*.child.ts` is a program. */
const CHILD_FOLDERS = ['test/hostile', 'test/server', 'test/socket'];

const PRELOAD = `
const Module = require('node:module');
const sources = require('./sources.json');
Module._extensions['.ts'] = (module, file) => module._compile(sources[file], file);
`;

function compile(file: string): string {
  return ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  }).outputText;
}

function filesIn(folder: string, ending: string): string[] {
  const names = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(ending)).map((name) => path.join(ROOT, folder, name));
}

function compileAll(): Record<string, string> {
  const files = [
    ...FOLDERS.flatMap((folder) => filesIn(folder, '.ts')),
    ...CHILD_FOLDERS.flatMap((folder) => filesIn(folder, '.child.ts')),
  ];
  return Object.fromEntries(files.map((file) => [file, compile(file)]));
}

let preloadFile: string | undefined;

/** A file for node's option -r: after it `require` finds the compiled form of every .ts file. */
export function preload(): string {
  if (preloadFile === undefined) {
    const folder = mkdtempSync(path.join(tmpdir(), 'ics-wsocket-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, 'sources.json'), JSON.stringify(compileAll()));
    preloadFile = path.join(folder, 'preload.js');
    writeFileSync(preloadFile, PRELOAD);
  }
  return preloadFile;
}
