// One bad client costs only itself. Every test of the hostile cases [H-20] to [H-104] runs beside a
// server of ours in the same thread, thus in the same pump, with two well-behaved clients (from
// [H-90] on a third one over TLS). They exchange messages while the test runs; after it every byte
// must have come back, the connections must still work, and each must have exactly one
// OnClientConnect and, once it leaves, exactly one OnClientDisconnect.
//
// The attacked server itself has one, too: bystand() and attackedServer() connect it to a server of the
// test, bystandIn() to one in another process or worker. A test without one fails, unless
// withoutBystander.ts has the reason.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { Context, Func, RootHookObject, Suite, Test } from 'mocha';
import { TSslWSocketServer, TWSocketServer } from '../../lib';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { BYSTANDER_ADDRESS, EVENTS_FILE, takeNextClient } from './bystanderClient';
import { startServer } from './startServer';
import { testCerts } from './tls';
import { waitFor } from './waitFor';
import { mayBeWithout } from './withoutBystander';
import { wellBehaved, wellBehavedTls, type WellBehaved } from './wellBehaved';

export { visitors } from './bystanderClient';

const FIRST = 20;
const LAST = 104;
const FIRST_TLS = 90;
const CLIENTS = 2;

/** One well-behaved client and what its server tells about it so far. */
interface Witness {
  readonly peer: WellBehaved;
  readonly events: () => readonly string[];
  checked: boolean;
}

/** Checks the bystander now and lets it leave: for a server that ends before its test does. */
export type Dismiss = () => Promise<void>;

let witnesses: Witness[] | null = null;

/** Does the current test run beside bystanders? */
export function isWatched(): boolean {
  return witnesses !== null;
}

function beWatched(peer: WellBehaved, events: Witness['events']): Dismiss {
  if (!witnesses) throw new Error('bystanders are for tests of [H-20] to [H-104]');
  const witness = { peer, events, checked: false };
  witnesses.push(witness);
  return () => check([witness]);
}

export type BystanderOptions = Pick<ConnectionOptions, 'cert' | 'key'> & { port?: number };

/**
 * Adds a well-behaved client to a listening server, which serves it by an echo whatever the test's
 * handlers do; those hear nothing of it. Call it before clients of the test connect; from then on
 * ClientCount is one more (see visitors) and CliId 1 is taken. It is checked when the test is over,
 * the server must live that long. `options` are its certificate and another port.
 */
export async function bystand(
  server: TWSocketServer,
  { port = Number(server.GetXPort()), ...options }: BystanderOptions = {},
): Promise<Dismiss> {
  const events: string[] = [];
  takeNextClient(server, events);
  const to = { ...options, port, host: hostOf(server) };
  const secure = server instanceof TSslWSocketServer && server.SslEnable;
  const peer = await (secure ? wellBehavedTls(to) : wellBehaved(to));
  const dismiss = beWatched(peer, () => events);
  await peer.exchange(1);
  return dismiss;
}

/** startServer() with a bystander when the test is one of those cases. */
export async function attackedServer(props: Partial<TWSocketServer> = {}): Promise<TWSocketServer> {
  const server = startServer(props);
  if (isWatched()) await bystand(server);
  return server;
}

/**
 * The same for a server on 127.0.0.1 in another process or worker, whose program has called
 * serveBystanders(). A quiet one is only connected, until the test is over: for system calls that
 * are made to fail by their number.
 */
export async function bystandIn(port: number, how?: 'quiet'): Promise<Dismiss> {
  const quiet = how === 'quiet';
  const peer = await wellBehaved({ port, localAddress: BYSTANDER_ADDRESS, quiet });
  const file = process.env[EVENTS_FILE]!;
  const mine = `${peer.localPort} `;
  const events = (): string[] => {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line.startsWith(mine)).map((line) => line.slice(mine.length));
  };
  const dismiss = beWatched(peer, events);
  await (quiet
    ? waitFor(() => events().length > 0, 'OnClientConnect of the bystander', 20_000)
    : peer.exchange(1));
  return dismiss;
}

function hostOf(server: TWSocketServer): string {
  const bound = server.GetXAddr();
  return bound === '::' || bound === '::1' ? '::1' : '127.0.0.1';
}

/** A server of its own for this test, beside whatever the test does. */
function neighbour(secure: boolean): TWSocketServer {
  const server = secure ? new TSslWSocketServer() : new TWSocketServer();
  Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
  if (server instanceof TSslWSocketServer) {
    const context = new TSslContext(server);
    const { chainPem, keyPem } = testCerts().server;
    context.SslCertLines.Text = chainPem;
    context.SslPrivKeyLines.Text = keyPem;
    context.InitContext();
    server.SslContext = context;
  }
  server.Listen();
  return server;
}

async function startNeighbours(secure: boolean): Promise<TWSocketServer[]> {
  const plain = neighbour(false);
  for (let i = 0; i < CLIENTS; i++) await bystand(plain);
  if (!secure) return [plain];
  const overTls = neighbour(true);
  await bystand(overTls);
  return [plain, overTls];
}

const WHOLE_LIFE = 'OnClientConnect 0, OnSessionClosed 0, OnClientDisconnect 0';

async function problemsOf(witness: Witness, index: number): Promise<string[]> {
  const { peer, events } = witness;
  witness.checked = true;
  await peer.exchange();
  const { problems } = peer;
  const soFar = events().join(', ');
  if (soFar !== 'OnClientConnect 0') problems.push(`its events while it was served: ${soFar}`);
  if (problems.length === 0) {
    peer.leave();
    await waitFor(() => events().length >= 3, `the end of bystander ${index}`);
    const life = events().join(', ');
    if (life !== WHOLE_LIFE) problems.push(`its events: ${life}`);
  }
  return problems.map((problem) => `bystander ${index}: ${problem}`);
}

async function check(all: readonly Witness[]): Promise<void> {
  const problems = await Promise.all(all.filter(({ checked }) => !checked).map(problemsOf));
  if (problems.flat().length > 0) throw new Error(problems.flat().join('; '));
}

function numberIn(test: Test): number {
  const numbers = [...test.title.matchAll(/\[H-(\d+)\]/g)].map((found) => Number(found[1]));
  return Math.max(0, ...numbers.filter((number) => number >= FIRST && number <= LAST));
}

/** The test's own function between the begin and the check, so that a failure is that test's. */
function watched(test: Test, number: number, run: Func): () => Promise<void> {
  return async function (this: Context) {
    const all: Witness[] = (witnesses = []);
    let servers: TWSocketServer[] = [];
    const folder = mkdtempSync(path.join(tmpdir(), 'ics-bystander-'));
    const file = path.join(folder, 'events');
    try {
      writeFileSync(file, '');
      process.env[EVENTS_FILE] = file; // for processes and workers that the test starts
      servers = await startNeighbours(number >= FIRST_TLS);
      const neighbours = all.length;
      await (run.call(this, () => undefined) as unknown);
      if (all.length === neighbours && !mayBeWithout(test))
        throw new Error('no bystander on the attacked server: see test/support/bystander.ts');
      await check(all);
    } finally {
      witnesses = null;
      for (const { peer } of all) peer.destroy();
      for (const server of servers) server.Free();
      delete process.env[EVENTS_FILE];
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

function watch(suite: Suite): void {
  for (const test of suite.tests) {
    const number = numberIn(test);
    if (number > 0 && test.fn) test.fn = watched(test, number, test.fn);
  }
  suite.suites.forEach(watch);
}

export const mochaHooks: RootHookObject = {
  beforeAll(this: Context) {
    const root = this.test?.parent;
    if (root) watch(root);
  },
};
