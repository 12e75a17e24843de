// The small server that answers challenges while nothing else listens on the port (ICS: the internal
// TSimpleWebSrv). It runs while a challenge is pending and answers nothing but challenges. Another one
// can be put in its place: see ChallengeServer.
import http from 'node:http';
import type net from 'node:net';
import tls from 'node:tls';
import { makeSelfSigned } from '../ssl/selfSigned';
import { EX509Exception, reasonOf } from '../ssl/sslErrors';

const MAX_CLIENTS = 10;
const IDLE_MS = 10_000;
export const AlpnAcmeTls1 = 'acme-tls/1';

export interface ChallengeServerOptions {
  readonly kind: 'http' | 'tls-alpn';
  /** IP addresses to listen on; at least one of them must work. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Body for the page, or null: 404. */
  readonly page: (host: string, path: string) => string | null;
  /** PEM of certificate and key for a server name, or null: refused. */
  readonly certificate: (serverName: string) => string | null;
  readonly log: (line: string) => void;
}

/** What TSslX509Certs needs of such a server. */
export interface ChallengeServer {
  readonly isRunning: boolean;
  /** Rejects when no address can be listened on. */
  start(options: ChallengeServerOptions): Promise<void>;
  /** Closes listeners and connections at once; may be called at any time. */
  stop(): void;
}

export class LocalChallengeServer implements ChallengeServer {
  #servers: net.Server[] = [];
  readonly #clients = new Set<net.Socket>();
  #generation = 0;

  get isRunning(): boolean {
    return this.#servers.length > 0;
  }

  async start(options: ChallengeServerOptions): Promise<void> {
    this.stop();
    const generation = this.#generation;
    const addresses = [...new Set(options.addresses.filter((address) => address !== ''))];
    const reasons: string[] = [];
    for (const address of addresses) {
      const server = options.kind === 'http' ? httpServer(options) : alpnServer(options);
      try {
        await listen(server, options.port, address);
        if (generation !== this.#generation) {
          server.close();
          return;
        }
        this.#keep(server);
        options.log(`Listening on ${address} port ${options.port}`);
      } catch (error) {
        reasons.push(`${address}: ${reasonOf(error)}`);
        options.log(`Can't listen on ${address} port ${options.port} - ${reasonOf(error)}`);
      }
    }
    if (!this.isRunning)
      throw new EX509Exception(`Challenge Web Server can't listen - ${reasons.join(', ')}`);
  }

  stop(): void {
    this.#generation++;
    for (const server of this.#servers) server.close();
    for (const client of this.#clients) client.destroy();
    this.#servers = [];
    this.#clients.clear();
  }

  #keep(server: net.Server): void {
    this.#servers.push(server);
    server.on('connection', (client: net.Socket) => {
      client.on('error', () => client.destroy());
      if (this.#clients.size >= MAX_CLIENTS) {
        client.destroy();
        return;
      }
      this.#clients.add(client);
      client.setTimeout(IDLE_MS, () => client.destroy());
      client.on('close', () => this.#clients.delete(client));
    });
  }
}

function listen(server: net.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: true }, () => {
      server.removeListener('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function httpServer({ page, log }: ChallengeServerOptions): net.Server {
  const server = http.createServer({ maxHeaderSize: 8192 }, (request, response) => {
    const path = request.url ?? '';
    const body = request.method === 'GET' ? page(request.headers.host ?? '', path) : null;
    log(`${request.method ?? ''} ${path.slice(0, 200)} - ${body === null ? 404 : 200}`);
    response.writeHead(body === null ? 404 : 200, {
      'content-type': 'text/html',
      connection: 'close',
    });
    response.end(body ?? 'Page not found');
  });
  server.headersTimeout = IDLE_MS;
  server.requestTimeout = IDLE_MS;
  return server;
}

/** Only challenges are served here, so the server name alone decides. */
function alpnServer({ certificate, log }: ChallengeServerOptions): net.Server {
  const { cert, key } = makeSelfSigned({ names: ['localhost'], days: 7 });
  const server = tls.createServer(
    {
      cert: cert.toString(),
      key: String(key.export({ type: 'pkcs8', format: 'pem' })),
      minVersion: 'TLSv1.2',
      ALPNProtocols: [AlpnAcmeTls1],
      handshakeTimeout: IDLE_MS,
      SNICallback: (name, done) => {
        const pem = certificate(name);
        log(`tls-alpn-01 for ${name.slice(0, 255)} - ${pem === null ? 'none' : 'answered'}`);
        if (pem === null) done(new Error('no challenge for this name'));
        else done(null, tls.createSecureContext({ cert: pem, key: pem }));
      },
    },
    (client) => client.end(),
  );
  server.on('tlsClientError', (_error, client) => client.destroy());
  return server;
}
