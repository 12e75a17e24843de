// One bad client costs only itself. Every test of the hostile cases [H-20] to [H-104] runs beside a
// server of ours in the same thread, thus in the same pump, with two well-behaved clients (from
// [H-90] on a third one over TLS). They exchange messages while the test runs; after it every byte
// must have come back, the connections must still work, and each must have exactly one
// OnClientConnect and, once it leaves, exactly one OnClientDisconnect.
//
// bystand() puts such a client on the test's own server, beside the bad one.

import type { Context, Func, RootHookObject, Suite, Test } from 'mocha';
import { TSslWSocketServer, TWSocketServer } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { testCerts } from './tls';
import { waitFor } from './waitFor';
import { wellBehaved, wellBehavedTls, type WellBehaved } from './wellBehaved';

const FIRST = 20;
const LAST = 104;
const FIRST_TLS = 90;
const CLIENTS = 2;

/** One well-behaved client and what its server tells about it. */
interface Witness {
  readonly peer: WellBehaved;
  readonly events: string[];
}

let witnesses: Witness[] | null = null;

/** Does the current test run beside bystanders? */
export function isWatched(): boolean {
  return witnesses !== null;
}

const bystanders = new WeakMap<TWSocketServer, number>();

/** How many clients of the server are bystanders. */
export function bystandersOf(server: TWSocketServer): number {
  return bystanders.get(server) ?? 0;
}

/**
 * Adds a well-behaved client to a listening server, which serves it by an echo whatever the test's
 * handlers do; those hear nothing of it. Call it before clients of the test connect; from then on
 * ClientCount is one more. It is checked when the test is over, the server must live that long.
 */
export async function bystand(server: TWSocketServer): Promise<void> {
  if (!witnesses) throw new Error('bystand() is for tests of [H-20] to [H-104]');
  const events: string[] = [];
  takeNextClient(server, events);
  const port = Number(server.GetXPort());
  const open = server instanceof TSslWSocketServer ? wellBehavedTls : wellBehaved;
  const peer = await open(port, hostOf(server));
  witnesses.push({ peer, events });
  bystanders.set(server, bystandersOf(server) + 1);
  await peer.exchange(1);
}

function hostOf(server: TWSocketServer): string {
  const bound = server.GetXAddr();
  return bound === '::' || bound === '::1' ? '::1' : '127.0.0.1';
}

// The triggers are replaced and not the events, so that a test may assign these at any time.
function takeNextClient(server: TWSocketServer, events: string[]): void {
  const { TriggerClientCreate, TriggerClientConnect, TriggerClientDisconnect } = server;
  let mine: TWSocketClient | null = null;
  server.TriggerClientCreate = (client) => {
    server.TriggerClientCreate = TriggerClientCreate;
    mine = client;
  };
  server.TriggerClientConnect = (client, error) => {
    if (client !== mine) return TriggerClientConnect.call(server, client, error);
    events.push(`OnClientConnect ${error}`);
    serve(client, events);
  };
  server.TriggerClientDisconnect = (client, error) => {
    if (client !== mine) return TriggerClientDisconnect.call(server, client, error);
    events.push(`OnClientDisconnect ${error}`);
    bystanders.set(server, bystandersOf(server) - 1);
  };
}

function serve(client: TWSocketClient, events: string[]): void {
  const block = Buffer.alloc(4096);
  client.LineMode = false;
  client.OnDataAvailable = () => {
    const length = client.Receive(block, block.length);
    if (length > 0) client.Send(block, length);
  };
  client.OnSessionClosed = (_client, error) => void events.push(`OnSessionClosed ${error}`);
  client.OnBgException = (_client, E) => void events.push(`OnBgException ${String(E)}`);
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

async function problemsOf({ peer, events }: Witness, index: number): Promise<string[]> {
  await peer.exchange();
  const { problems } = peer;
  if (events.join(', ') !== 'OnClientConnect 0')
    problems.push(`its events while it was served: ${events.join(', ')}`);
  if (problems.length === 0) {
    peer.leave();
    await waitFor(() => events.length >= 3, `the end of bystander ${index}`);
    if (events.join(', ') !== WHOLE_LIFE) problems.push(`its events: ${events.join(', ')}`);
  }
  return problems.map((problem) => `bystander ${index}: ${problem}`);
}

async function check(all: readonly Witness[]): Promise<void> {
  const problems = await Promise.all(all.map(problemsOf));
  if (problems.flat().length > 0) throw new Error(problems.flat().join('; '));
}

function numberIn(test: Test): number {
  const numbers = [...test.title.matchAll(/\[H-(\d+)\]/g)].map((found) => Number(found[1]));
  return Math.max(0, ...numbers.filter((number) => number >= FIRST && number <= LAST));
}

/** The test's own function between the begin and the check, so that a failure is that test's. */
function watched(number: number, run: Func): () => Promise<void> {
  return async function (this: Context) {
    const all: Witness[] = (witnesses = []);
    let servers: TWSocketServer[] = [];
    try {
      servers = await startNeighbours(number >= FIRST_TLS);
      await (run.call(this, () => undefined) as unknown);
      await check(all);
    } finally {
      witnesses = null;
      for (const { peer } of all) peer.destroy();
      for (const server of servers) server.Free();
    }
  };
}

function watch(suite: Suite): void {
  for (const test of suite.tests) {
    const number = numberIn(test);
    if (number > 0 && test.fn) test.fn = watched(number, test.fn);
  }
  suite.suites.forEach(watch);
}

export const mochaHooks: RootHookObject = {
  beforeAll(this: Context) {
    const root = this.test?.parent;
    if (root) watch(root);
  },
};
