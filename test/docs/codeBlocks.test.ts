// Every TypeScript block of README.md and docs/ is a real program: it is compiled with the rules of
// the repository against the package as a user installs it, and run. Comments in it are promises:
// `// prints: text` is a line of its output, `// try: text → answer` what a peer of its last server
// gets back for a line. A server is ended with SIGTERM when all that has come true.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { documents, programs, readDocument, root, type Program } from './markdown';
import { runProgram } from './runProgram';

const folder = path.join(root, 'build', 'docs-test');
const installed = path.join(folder, 'node_modules', 'ics-wsocket');

interface Case extends Program {
  readonly title: string;
  readonly source: string;
}

const cases: Case[] = documents().flatMap((name) =>
  programs(readDocument(name)).map((program) => {
    const source = path.join(folder, `${name.replace(/\W+/g, '-')}-${program.line}.ts`);
    return { ...program, title: `${name} line ${program.line}`, source };
  }),
);

function compilerOptions(config: string, changes: ts.CompilerOptions): ts.ParsedCommandLine {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
  const parsed = ts.getParsedCommandLineOfConfigFile(path.join(root, config), changes, host)!;
  delete parsed.options.tsBuildInfoFile;
  return parsed;
}

/** A user's project: lib as node_modules/ics-wsocket, with the addon of this repository. */
function installPackage(): void {
  mkdirSync(installed, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  copyFileSync(path.join(root, 'package.json'), path.join(installed, 'package.json'));
  symlinkSync(path.join(root, 'build'), path.join(installed, 'build'));
  const changes = { outDir: path.join(installed, 'dist'), incremental: false, noCheck: true };
  const { fileNames, options } = compilerOptions('tsconfig.build.json', changes);
  ts.createProgram(fileNames, options).emit();
}

/** Compiles all programs; the answer is what the compiler has to say. */
function compile(): string[] {
  rmSync(folder, { recursive: true, force: true });
  installPackage();
  for (const { source, text } of cases) {
    const anyPort = text.replace(/\.Port = '\d+'/g, ".Port = '0'"); // nobody else's port
    writeFileSync(source, `${anyPort}\nexport {};\n`);
  }
  const changes = { noEmit: false, rootDir: folder, declaration: false };
  const { options } = compilerOptions('tsconfig.json', changes);
  const sources = cases.map(({ source }) => source);
  const program = ts.createProgram(sources, options);
  program.emit();
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const title = cases.find(({ source }) => source === file?.fileName)?.title ?? file?.fileName;
    const line = file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
    return `${title} + ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

describe('The TypeScript blocks of README and docs', function () {
  this.timeout(120_000);
  let problems: string[] = [];

  before(() => {
    problems = compile();
  });

  it('compile with the strict rules of the repository', () => {
    assert.deepEqual(problems, []);
  });

  for (const item of cases) {
    it(`run: ${item.title}`, async () => {
      const file = item.source.replace(/\.ts$/, '.js');
      assert.equal(await runProgram(file, item, installed), '');
    });
  }

  it('include examples/echo.ts as it is, but for the name of the package', () => {
    const example = readFileSync(path.join(root, 'examples', 'echo.ts'), 'utf8');
    const code = example.replace(/^\/\/.*\n/, '').replace("'../lib'", "'ics-wsocket'");
    const quoted = programs(readDocument('README.md')).map(({ text }) => `${text}\n`);
    assert.ok(quoted.includes(code));
  });
});
