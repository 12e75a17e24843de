// Real TLS sessions over loopback with a context on the server's side, without socket components.
import { execFile } from 'node:child_process';
import net from 'node:net';
import tls from 'node:tls';
import type { TSslContext } from '../../lib/ssl/TSslContext';
import { onCleanup } from '../support';
import { makeCert, tempFile, type TestCert } from '../support/certificates';
import { portOf } from './sockets';

/** A server whose sessions are made from the context as it is when a client comes. */
export function serve(context: TSslContext): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const session = new tls.TLSSocket(socket, {
      isServer: true,
      server: context.engine,
      secureContext: context.secureContext(),
      requestCert: context.requestCert,
      rejectUnauthorized: context.requireCert,
    } as tls.TLSSocketOptions);
    session.on('error', () => undefined);
    session.on('secure', () => session.write(verifyText(session)));
    session.on('data', (bytes: Buffer) => session.write(bytes));
  });
  onCleanup(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(portOf(server)));
  });
}

/** What the server thinks of the client's certificate: its first line to the client. */
function verifyText(session: tls.TLSSocket): string {
  const { ssl } = session as unknown as { ssl: { verifyError(): NodeJS.ErrnoException | null } };
  return `${ssl.verifyError()?.code ?? 'OK'}\n`;
}

export interface Session {
  socket: tls.TLSSocket;
  /** The server's opinion of the client's certificate. */
  verified: string;
  /** What to resume the session with, once the server has sent it. */
  ticket: Promise<Buffer>;
}

/** A session of Node's client; rejects with the error of the handshake. */
export function session(port: number, options: tls.ConnectionOptions = {}): Promise<Session> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    onCleanup(() => socket.destroy());
    const ticket = new Promise<Buffer>((sent) => void socket.once('session', sent));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.once('data', (line: Buffer) => {
      resolve({ socket, verified: line.toString().trim(), ticket });
    });
  });
}

/** The error a session ends with. */
export async function failure(port: number, options: tls.ConnectionOptions): Promise<Error> {
  try {
    await session(port, options);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the session was made');
}

/** Assigns certificate and key as files. */
export function useFiles(context: TSslContext, cert: TestCert = makeCert()): TestCert {
  context.SslCertFile = tempFile('cert.pem', cert.chainPem);
  context.SslPrivKeyFile = tempFile('key.pem', cert.keyPem);
  return cert;
}

/** What the openssl program prints, with nothing to read. */
export function openssl(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('openssl', args, (_error, output) => resolve(output));
    child.stdin?.end();
  });
}
