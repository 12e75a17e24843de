// The server's side of a bystander: a client served by an echo whatever the handlers of its program
// do; those hear nothing of it. bystander.ts connects and checks it. A program in a process or a worker
// of its own calls serveBystanders() for its server, and the test bystandIn().

import { appendFileSync } from 'node:fs';
import type { TWSocketClient, TWSocketServer } from '../../lib';

/** Where bystanders of other processes and workers come from: so their server knows them. */
export const BYSTANDER_ADDRESS = '127.0.0.77';
/** The environment variable with the file for their events: lines of peer's port and event. */
export const EVENTS_FILE = 'ICS_BYSTANDER_EVENTS';

/** Handlers of a TLS server that its clients get. */
const TLS_EVENTS = [
  'OnSslVerifyPeer',
  'OnSslSetSessionIDContext',
  'OnSslSvrNewSession',
  'OnSslSvrGetSession',
  'OnSslHandshakeDone',
  'OnSslServerName',
  'OnSslAlpnSelect',
] as const;

type Tell = (event: string) => void;

const bystanders = new WeakMap<TWSocketClient, Tell>();

/** The clients of the server that are no bystanders, in the order of Client[]. */
export function visitors(server: TWSocketServer): TWSocketClient[] {
  return [...server.Client].filter((client) => !bystanders.has(client));
}

/** The next client that connects to the server is a bystander; its events are added to the list. */
export function takeNextClient(server: TWSocketServer, events: string[]): void {
  const { TriggerClientCreate } = server;
  let next: TWSocketClient | null = null;
  server.TriggerClientCreate = (client) => {
    server.TriggerClientCreate = TriggerClientCreate;
    next = client;
  };
  take(server, (client) => (client === next ? (event) => void events.push(event) : null));
}

/** Clients from BYSTANDER_ADDRESS are bystanders; OnClientCreate alone hears of them. */
export function serveBystanders(server: TWSocketServer): void {
  const file = process.env[EVENTS_FILE];
  if (file === undefined) return;
  take(server, ({ PeerAddr, PeerPort }) =>
    PeerAddr === BYSTANDER_ADDRESS
      ? (event) => appendFileSync(file, `${PeerPort} ${event}\n`)
      : null,
  );
}

// The triggers are replaced and not the events, so that a test may assign these at any time.
function take(server: TWSocketServer, known: (client: TWSocketClient) => Tell | null): void {
  const { TriggerClientConnect, TriggerClientDisconnect } = server;
  server.TriggerClientConnect = (client, error) => {
    const tell = known(client);
    if (!tell) return TriggerClientConnect.call(server, client, error);
    bystanders.set(client, tell);
    tell(`OnClientConnect ${error}`);
    serve(client, tell);
  };
  server.TriggerClientDisconnect = (client, error) => {
    const tell = bystanders.get(client);
    if (tell) tell(`OnClientDisconnect ${error}`);
    else TriggerClientDisconnect.call(server, client, error);
  };
}

function serve(client: TWSocketClient, tell: Tell): void {
  const block = Buffer.alloc(4096);
  client.Banner = '';
  client.LineMode = false;
  client.OnDataAvailable = () => {
    const length = client.Receive(block, block.length);
    if (length > 0) client.Send(block, length);
  };
  client.OnSessionClosed = (_client, error) => tell(`OnSessionClosed ${error}`);
  client.OnBgException = (_client, E) => tell(`OnBgException ${String(E)}`);
  // The server assigns its own ones later.
  for (const event of TLS_EVENTS)
    Object.defineProperty(client, event, { get: () => null, set: () => undefined });
}
