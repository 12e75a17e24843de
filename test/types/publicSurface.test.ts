// The types a user sees: no `any` anywhere in the declarations, and a strict program that uses them
// compiles, for require and for import; wrong uses do not.

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../support/compiled';
import { builtPackage } from '../support/builtPackage';

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noImplicitAny: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node20,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  typeRoots: [path.join(ROOT, 'node_modules/@types')],
};

const CONSUMER = `
import { ESocketException, TWSocketClient, TWSocketServer, wsClosed, wsoTcpNoDelay } from 'ics-wsocket';
import type { TSocketState, TVar } from 'ics-wsocket';

class TMyClient extends TWSocketClient {
  Lines = 0;
  override TriggerDataSent(ErrCode: number): void {
    super.TriggerDataSent(ErrCode);
  }
}

const server: TWSocketServer = new TWSocketServer(null);
server.Addr = '127.0.0.1';
server.Port = '0';
server.ClientClass = TMyClient;
server.ComponentOptions.add(wsoTcpNoDelay);
server.OnClientConnect = (Sender, Client, Err) => {
  const count: number = Sender.ClientCount + Err;
  Client.OnDataAvailable = (Socket) => {
    const text: string = Socket.ReceiveStr() + count;
    const sent: number = Client.SendStr(text);
    return void sent;
  };
};
server.OnClientCreate = (_Sender, Client: TMyClient) => void Client.Lines++;
server.OnBgException = (_Sender, E: Error, CanClose: TVar<boolean>) => {
  CanClose.Value = E instanceof ESocketException && E.ErrorCode === 10054;
};
server.OnClientDisconnect = async (_Sender, Client) => {
  const id: number = Client.CliId;
  await Promise.resolve(id);
};
const state: TSocketState = server.State;
const first: TWSocketClient | null = server.Client[0] ?? null;
if (state === wsClosed && first) first.Close();

// @ts-expect-error a number is no handler
server.OnClientConnect = 1;
// @ts-expect-error no such member
server.Lissen();
// @ts-expect-error State is read only
server.State = wsClosed;
// @ts-expect-error text goes to SendStr
first?.Send('text');
// @ts-expect-error LineEnd is text
if (first) first.LineEnd = 13;
`;

function declarations(): string[] {
  const dist = path.join(builtPackage(), 'node_modules/ics-wsocket/dist');
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => path.join(dist, name));
}

/** "file:line" of every `any` that is written as a type. */
function anyKeywords(program: ts.Program, file: string): string[] {
  const source = program.getSourceFile(file)!;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push(`${path.basename(file)}:${line + 1}`);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

/** Declarations show no types for what is private. */
function isPrivate(member: ts.Symbol): boolean {
  const [declaration] = member.declarations ?? [];
  if (!declaration) return false;
  const flags = ts.getCombinedModifierFlags(declaration);
  return (flags & ts.ModifierFlags.Private) !== 0 || member.name.includes('#');
}

/** Public members of the exported classes whose type the compiler takes for `any`. */
function anyMembers(program: ts.Program, index: string): string[] {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(index)!)!;
  const found: string[] = [];
  for (const exported of checker.getExportsOfModule(module)) {
    const target =
      exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const types = [
      checker.getTypeOfSymbol(target),
      ...(target.flags & ts.SymbolFlags.Type ? [checker.getDeclaredTypeOfSymbol(target)] : []),
    ];
    if (target.flags & ts.SymbolFlags.Value && types[0]!.flags & ts.TypeFlags.Any)
      found.push(exported.name);
    if (!(target.flags & ts.SymbolFlags.Class)) continue;
    for (const member of types[1]!.getProperties()) {
      const type = checker.getTypeOfSymbol(member);
      if (type.flags & ts.TypeFlags.Any && !isPrivate(member))
        found.push(`${exported.name}.${member.name}`);
    }
  }
  return found;
}

function problems(program: ts.Program): string[] {
  return ts.getPreEmitDiagnostics(program).map((problem) => {
    const where = problem.file ? path.basename(problem.file.fileName) : '';
    return `${where}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`;
  });
}

describe('The types of the built package', function () {
  this.timeout(90_000);

  it('contain no any', () => {
    const files = declarations();
    assert.ok(files.length > 10, `${files.length} declaration files`);
    const program = ts.createProgram(files, { ...OPTIONS, skipLibCheck: true });
    assert.deepEqual(
      files.flatMap((file) => anyKeywords(program, file)),
      [],
    );
    const index = files.find((file) => path.basename(file) === 'index.d.ts')!;
    assert.deepEqual(anyMembers(program, index), []);
  });

  it('let a strict program compile, and refuse wrong uses', () => {
    const files = ['consumer.mts', 'consumer.cts'].map((name) => path.join(builtPackage(), name));
    for (const file of files) writeFileSync(file, CONSUMER);
    assert.deepEqual(problems(ts.createProgram(files, { ...OPTIONS, skipLibCheck: true })), []);
  });

  it('are without errors themselves', () => {
    const program = ts.createProgram(declarations(), OPTIONS);
    const own = problems(program).filter((problem) => !problem.startsWith('lib.'));
    assert.deepEqual(own, []);
  });
});
