// The package as a user installs it: compiled with the build's own settings into a folder under
// build/, from where the name ics-wsocket resolves to it.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from './compiled';

const BUILD = path.join(ROOT, 'build');

let folder: string | undefined;

function compile(outDir: string): void {
  const configFile = path.join(ROOT, 'tsconfig.build.json');
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: report };
  const config = ts.getParsedCommandLineOfConfigFile(configFile, { inlineSources: false }, host)!;
  const options = { ...config.options, outDir, incremental: false, sourceMap: false };
  delete options.tsBuildInfoFile;
  const program = ts.createProgram(config.fileNames, options);
  program.emit();
}

function report(diagnostic: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}

/** A folder in whose files `import 'ics-wsocket'` finds the built package. Made once per run. */
export function builtPackage(): string {
  if (folder !== undefined) return folder;

  mkdirSync(BUILD, { recursive: true });
  const made = mkdtempSync(path.join(BUILD, 'test-package-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  // A package of its own: inside ours the name would mean the folder above.
  writeFileSync(path.join(made, 'package.json'), '{ "private": true }');
  const root = path.join(made, 'node_modules/ics-wsocket');
  mkdirSync(path.join(root, 'build'), { recursive: true });
  cpSync(path.join(ROOT, 'package.json'), path.join(root, 'package.json'));
  symlinkSync(path.join(BUILD, 'Release'), path.join(root, 'build/Release'));
  compile(path.join(root, 'dist'));
  folder = made;
  return made;
}
