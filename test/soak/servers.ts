// The servers under test: plain echo (and a bulk sender), lines, TLS, with the limits a server that
// faces strangers should have. They count what happens.
import { TSslContext, TSslWSocketServer, TWSocketServer, type TWSocketClient } from '../../lib';
import { testCerts } from '../support/tls';

export const KINDS = ['plain', 'line', 'tls'] as const;
export type Kind = (typeof KINDS)[number];

/** A plain client that sends this first is sent BULK bytes. */
export const BULK_REQUEST = 0x21;
export const BULK = 256 << 10;

const QUEUE_LIMIT = 4 << 20;
const FLUSH_MS = 2000;
const HANDSHAKE_MS = 5000;
const bulk = Buffer.alloc(BULK, 'bulk ');

export interface Counts {
  connected: number;
  disconnected: number;
  closed: number;
  exceptions: number;
}

export class Servers {
  readonly counts: Record<Kind, Counts> = { plain: none(), line: none(), tls: none() };
  readonly #servers: Record<Kind, TWSocketServer>;

  constructor() {
    const secure = new TSslWSocketServer();
    secure.SslContext = serverContext();
    this.#servers = { plain: new TWSocketServer(), line: new TWSocketServer(), tls: secure };
    for (const kind of KINDS) this.#start(kind, this.#servers[kind]);
  }

  get ports(): Record<Kind, number> {
    const port = (kind: Kind): number => Number(this.#servers[kind].BindPort);
    return { plain: port('plain'), line: port('line'), tls: port('tls') };
  }

  get clients(): number {
    return KINDS.reduce((sum, kind) => sum + this.#servers[kind].ClientCount, 0);
  }

  free(): void {
    for (const kind of KINDS) this.#servers[kind].Free();
  }

  #start(kind: Kind, server: TWSocketServer): void {
    const counts = this.counts[kind];
    Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
    server.OnClientConnect = (Sender, client) => {
      counts.connected++;
      client.SendQueueLimit = QUEUE_LIMIT;
      client.CloseFlushTimeout = FLUSH_MS;
      if ('SslHandshakeTimeout' in client) client.SslHandshakeTimeout = HANDSHAKE_MS;
      client.LineMode = kind === 'line';
      client.OnDataAvailable = () => answer(client);
      client.OnSessionClosed = () => void counts.closed++;
    };
    server.OnClientDisconnect = () => void counts.disconnected++;
    server.OnBgException = () => void counts.exceptions++;
    server.Listen();
  }
}

const none = (): Counts => ({ connected: 0, disconnected: 0, closed: 0, exceptions: 0 });

function serverContext(): TSslContext {
  const context = new TSslContext();
  const { server } = testCerts();
  context.SslCertLines.Text = server.chainPem;
  context.SslPrivKeyLines.Text = server.keyPem;
  context.InitContext();
  return context;
}

// Echo. Who does not read its answers is disconnected when its queue is full: Send raises 10055.
function answer(client: TWSocketClient): void {
  const bytes = client.ReceiveTB();
  if (bytes.length === 0) return;
  client.Send(bytes[0] === BULK_REQUEST ? bulk : bytes);
}
