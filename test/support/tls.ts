// TLS servers and peers for tests: a server of the package with a certificate, Node's client, and
// the openssl command as client and as server.

import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import tls from 'node:tls';
import { TSslWSocket, TSslWSocketClient, TSslWSocketServer } from '../../lib';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { visitors } from './bystanderClient';
import { makeCA, makeCert, tempFile, type TestCert } from './certificates';
import { freePort } from './freePort';
import { onCleanup, track } from './cleanup';
import { Peer } from './peer';
import { portOf, startServer } from './startServer';
import { waitFor } from './waitFor';

interface TestCerts {
  readonly ca: TestCert;
  readonly server: TestCert;
}

let certs: TestCerts | undefined;

/** An authority and a certificate for `srv.test` and 127.0.0.1; the same for all tests. */
export function testCerts(): TestCerts {
  if (!certs) {
    const ca = makeCA({ cn: 'Test Root' });
    certs = {
      ca,
      server: makeCert({ ca, cn: 'srv.test', names: ['srv.test'], ips: ['127.0.0.1'] }),
    };
  }
  return certs;
}

/** An initialised context, freed after the test. */
export function newContext(
  props: Partial<TSslContext> = {},
  cert: TestCert | null = testCerts().server,
): TSslContext {
  const context = track(new TSslContext());
  if (cert) {
    context.SslCertLines.Text = cert.chainPem;
    context.SslPrivKeyLines.Text = cert.keyPem;
  }
  Object.assign(context, props);
  context.InitContext();
  return context;
}

/** A context of a client that trusts the test authority and verifies servers. */
export function clientContext(props: Partial<TSslContext> = {}): TSslContext {
  const context = track(new TSslContext());
  context.SslCALines.Text = testCerts().ca.pem;
  context.SslVerifyPeer = true;
  Object.assign(context, props);
  context.InitContext();
  return context;
}

/** A listening TLS server with the test certificate, unless `props` has another context. */
export function startTlsServer(props: Partial<TSslWSocketServer> = {}): TSslWSocketServer {
  const SslContext = props.SslContext === undefined ? newContext() : props.SslContext;
  return startServer({ ...props, SslContext }, TSslWSocketServer);
}

/** Clients of the server send back what they receive. */
export function echoServer(props: Partial<TSslWSocketServer> = {}): TSslWSocketServer {
  return startTlsServer({
    OnClientConnect: (_server, client) => {
      client.OnDataAvailable = () => {
        client.SendStr(client.ReceiveStr());
      };
    },
    ...props,
  });
}

/** A client before Connect; it verifies nothing unless `props` has another context. */
export function tlsSocket(target: TlsTarget, props: Partial<TSslWSocket> = {}): TSslWSocket {
  const SslContext = props.SslContext === undefined ? newContext({}, null) : props.SslContext;
  const to = { Addr: '127.0.0.1', Port: String(portOfTarget(target)), SslEnable: true };
  return Object.assign(track(new TSslWSocket()), { ...to, ...props, SslContext });
}

/** All events of the server's clients, one line each, in their order. */
export function recordTls(server: TSslWSocketServer): string[] {
  const lines: string[] = [];
  const { OnClientConnect } = server;
  server.OnClientConnect = (sender, client, error) => {
    lines.push('OnClientConnect');
    client.OnSslShutDownComplete = (_c: object, both: boolean, code: number) =>
      void lines.push(`OnSslShutDownComplete ${both} ${code}`);
    client.OnSessionClosed = (_c: object, code: number) =>
      void lines.push(`OnSessionClosed ${code}`);
    return OnClientConnect?.(sender, client, error);
  };
  const { OnSslHandshakeDone, OnSslServerName, OnSslAlpnSelect, OnSslVerifyPeer } = server;
  server.OnSslServerName = (client, ctx, answer) => {
    lines.push(`OnSslServerName ${client.SslServerName}`);
    return OnSslServerName?.(client, ctx, answer);
  };
  server.OnSslAlpnSelect = (client, list, chosen, answer) => {
    lines.push(`OnSslAlpnSelect ${list.toArray().join(',')}`);
    return OnSslAlpnSelect?.(client, list, chosen, answer);
  };
  server.OnSslVerifyPeer = (client, ok, cert) => {
    lines.push(`OnSslVerifyPeer ${cert.SubjectCName} ${cert.VerifyResult}`);
    return OnSslVerifyPeer?.(client, ok, cert);
  };
  server.OnSslHandshakeDone = (client, code, cert, disconnect) => {
    lines.push(`OnSslHandshakeDone ${code}`);
    return OnSslHandshakeDone?.(client, code, cert, disconnect);
  };
  server.OnClientDisconnect = (_server, _client, code) =>
    void lines.push(`OnClientDisconnect ${code}`);
  return lines;
}

/** Until the last of the lines of recordTls is the end of a client. */
export async function gone(lines: readonly string[]): Promise<void> {
  await waitFor(
    () => lines.at(-1)?.startsWith('OnClientDisconnect') ?? false,
    'OnClientDisconnect',
  );
}

/** So often has each event fired. */
export interface EventCount {
  connected: number;
  done: number;
  closed: number;
  gone: number;
}

/** Each client must have one of each event. */
export function countTls(server: TSslWSocketServer): EventCount {
  const count: EventCount = { connected: 0, done: 0, closed: 0, gone: 0 };
  const { OnClientConnect } = server;
  server.OnClientConnect = (sender, client, error) => {
    count.connected++;
    client.OnSessionClosed = () => void count.closed++;
    return OnClientConnect?.(sender, client, error);
  };
  server.OnSslHandshakeDone = () => void count.done++;
  server.OnClientDisconnect = () => void count.gone++;
  return count;
}

/** The only client of the server, or the first. */
export function clientOf(server: TSslWSocketServer): TSslWSocketClient {
  const [client] = visitors(server);
  if (!(client instanceof TSslWSocketClient)) throw new Error('no TLS client is connected');
  return client;
}

export type TlsTarget = TSslWSocketServer | number;

const portOfTarget = (target: TlsTarget): number =>
  typeof target === 'number' ? target : portOf(target);

/** A peer over TLS: what `peer.ts` offers, and the session itself. */
export class TlsPeer extends Peer {
  declare readonly socket: tls.TLSSocket;
  readonly tickets: Buffer[] = [];

  constructor(socket: tls.TLSSocket) {
    super(socket);
    socket.on('session', (ticket: Buffer) => this.tickets.push(ticket));
  }
}

/** Node's client, connected; rejects with the error of its handshake. */
export function tlsPeer(target: TlsTarget, options: tls.ConnectionOptions = {}): Promise<TlsPeer> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      port: portOfTarget(target),
      host: '127.0.0.1',
      ca: testCerts().ca.pem,
      ...options,
    });
    onCleanup(() => socket.destroy());
    const peer = new TlsPeer(socket);
    const early = (): void => reject(new Error('closed before the handshake was done'));
    socket.once('error', reject);
    socket.once('close', early);
    socket.once('secureConnect', () => {
      socket.off('error', reject).off('close', early);
      resolve(peer);
    });
  });
}

/** Begins TLS on a connection in clear, which stays with `peer`. */
export function tlsOver(peer: Peer): Promise<TlsPeer> {
  peer.socket.removeAllListeners('data');
  const socket = tls.connect({
    socket: peer.socket,
    ca: testCerts().ca.pem,
    servername: 'srv.test',
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(new TlsPeer(socket)));
  });
}

/** The error of a handshake that must fail. */
export async function handshakeError(
  target: TlsTarget,
  options: tls.ConnectionOptions = {},
): Promise<NodeJS.ErrnoException> {
  try {
    await tlsPeer(target, options);
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('the handshake succeeded');
}

/** A running openssl command. */
export class OpensslPeer {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  exited: number | NodeJS.Signals | null = null;

  constructor(args: string[]) {
    this.child = spawn('openssl', args);
    this.child.stdout.on('data', (bytes: Buffer) => (this.stdout += bytes.toString('latin1')));
    this.child.stderr.on('data', (bytes: Buffer) => (this.stderr += bytes.toString('latin1')));
    this.child.on('close', (code, signal) => (this.exited = code ?? signal));
    this.child.stdin.on('error', () => undefined);
    onCleanup(() => this.child.kill('SIGKILL'));
  }

  write(text: string): void {
    this.child.stdin.write(text);
  }

  async printed(text: string): Promise<void> {
    await this.#fact(() => this.stdout.includes(text), `openssl to print ${JSON.stringify(text)}`);
  }

  /** The exit code, when it has ended by itself. */
  async ended(): Promise<number | NodeJS.Signals> {
    await this.#fact(() => this.exited !== null, 'the end of openssl');
    return this.exited!;
  }

  async #fact(fact: () => boolean, what: string): Promise<void> {
    try {
      await waitFor(fact, what, 10_000);
    } catch (error) {
      const said = `${this.stdout}${this.stderr}`;
      throw new Error(`${(error as Error).message}; it said ${said}`, { cause: error });
    }
  }
}

/** openssl s_client against the target; it sends what is written to it. */
export function opensslClient(target: TlsTarget, args: string[] = []): OpensslPeer {
  const ca = tempFile('ca.pem', testCerts().ca.pem);
  const to = `127.0.0.1:${portOfTarget(target)}`;
  return new OpensslPeer(['s_client', '-connect', to, '-CAfile', ca, ...args]);
}

export interface OpensslServer {
  readonly port: number;
  readonly peer: OpensslPeer;
}

/** openssl s_server with the test certificate, ready for connections. */
export async function opensslServer(
  args: string[] = [],
  cert: TestCert = testCerts().server,
): Promise<OpensslServer> {
  const port = await freePort();
  const file = tempFile('server.pem', cert.bundlePem);
  const peer = new OpensslPeer(['s_server', '-accept', `${port}`, '-cert', file, ...args]);
  await peer.printed('ACCEPT');
  return { port, peer };
}
