// Servers with hosts, and TLS clients that tell what they were served.
import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import { TSslWSocketServer, type TIcsHost } from '../../lib';
import { freePort, onCleanup, track } from '../support';
import {
  makeCA,
  makeCert,
  tempFile,
  type TestCert,
  type TestCertOptions,
} from '../support/certificates';

/** The authority whose certificates the servers of these tests trust. */
export const ca = makeCA({ cn: 'Hosts Test Root' });

/** A file with key, certificate and intermediates, signed by `ca`. */
export function certFile(names: string[], options: TestCertOptions = {}): string {
  return tempFile('cert.pem', leaf(names, options).bundlePem);
}

export function leaf(names: string[], options: TestCertOptions = {}): TestCert {
  return makeCert({ ca, names, ...options });
}

/** A server without banner that trusts `ca`; freed after the test. */
export function hostServer(): TSslWSocketServer {
  const server = track(new TSslWSocketServer());
  server.Banner = '';
  server.RootCA = ca.pem;
  return server;
}

/** A host on 127.0.0.1; its name is the first of its names. */
export function addHost(
  server: TSslWSocketServer,
  names: string[],
  props: Partial<TIcsHost> = {},
): TIcsHost {
  const host = server.IcsHosts.Add();
  host.HostNames.Assign(names);
  Object.assign(host, { BindIpAddr: '127.0.0.1', HostTag: names[0] }, props);
  return host;
}

export { freePort };

export interface Served {
  readonly socket: tls.TLSSocket;
  readonly cert: X509Certificate | null;
  /** First DNS name of the certificate. */
  readonly name: string;
  /** Common name of the certificate sent behind it. */
  readonly issuer: string;
  readonly alpn: string | false | null;
}

/** A completed handshake with the server; `servername` '' sends no name. */
export function handshake(
  port: number | string,
  servername: string,
  options: tls.ConnectionOptions = {},
): Promise<Served> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: '127.0.0.1',
      port: Number(port),
      rejectUnauthorized: false,
      servername,
      ...options,
    });
    onCleanup(() => socket.destroy());
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed before the handshake')));
    socket.on('secureConnect', () => {
      const peer = socket.getPeerCertificate(true);
      // A resumed session of TLS 1.3 may bring none.
      const cert = peer.raw ? new X509Certificate(peer.raw) : null;
      const name = /DNS:([^,]*)/.exec(cert?.subjectAltName ?? '')?.[1] ?? '';
      resolve({
        socket,
        cert,
        name,
        issuer: String(peer.issuer?.CN),
        alpn: socket.alpnProtocol,
      });
    });
  });
}

/** Why a handshake fails. */
export async function refusal(
  port: number | string,
  servername: string,
  options: tls.ConnectionOptions = {},
): Promise<string> {
  try {
    await handshake(port, servername, options);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the handshake succeeded');
}

/** Host 0 as given, and a good host on the same listener. */
export async function withGoodHost(
  props: Partial<TIcsHost>,
  names = ['bad.test'],
): Promise<{ server: TSslWSocketServer; host: TIcsHost; port: number }> {
  const server = hostServer();
  const port = await freePort();
  const host = addHost(server, names, { BindSslPort: port, ...props });
  addHost(server, ['good.test'], { BindSslPort: port, SslCert: certFile(['good.test']) });
  return { server, host, port };
}
