// TSslWSocket as client: verification of servers, names, protocols, sessions, proxies.
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import { TSslState, type TSslWSocket } from '../../lib';
import type { TSslContext } from '../../lib/ssl/TSslContext';
import { onCleanup, waitFor } from '../support';
import { makeCA, makeCert, type TestCert } from '../support/certificates';
import { clientContext, newContext, opensslServer, testCerts, tlsSocket } from '../support/tls';

interface Run {
  socket: TSslWSocket;
  lines: string[];
}

/** A Node server that sends back what it receives, and what it saw. */
async function nodeServer(
  options: tls.TlsOptions = {},
  cert: TestCert = testCerts().server,
): Promise<number> {
  const server = tls.createServer(
    { cert: cert.chainPem, key: cert.keyPem, ...options },
    (socket) => {
      onCleanup(() => socket.destroy());
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => socket.write(bytes));
    },
  );
  server.on('tlsClientError', () => undefined);
  onCleanup(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

/** Connects, sends 'ping' inside OnSessionConnected, and writes down what happens. */
function run(port: number, props: Partial<TSslWSocket> = {}): Run {
  const lines: string[] = [];
  const socket = tlsSocket(port, {
    SslContext: clientContext(),
    SslServerName: 'srv.test',
    ...props,
  });
  socket.OnSessionConnected = (_s, code) => {
    lines.push(`OnSessionConnected ${code}`);
    assert.equal(socket.SslState, TSslState.sslNone);
    socket.SendStr('ping');
  };
  const { OnSslVerifyPeer } = socket;
  socket.OnSslVerifyPeer = (s, ok, cert) => {
    lines.push(`OnSslVerifyPeer ${cert.SubjectCName} ${cert.VerifyResult}`);
    OnSslVerifyPeer?.(s, ok, cert);
  };
  socket.OnSslHandshakeDone = (_s, code) => void lines.push(`OnSslHandshakeDone ${code}`);
  socket.OnDataAvailable = () => void lines.push(socket.ReceiveStr());
  socket.OnSslShutDownComplete = (_s, both, code) =>
    void lines.push(`OnSslShutDownComplete ${both} ${code}`);
  socket.OnSessionClosed = (_s, code) => void lines.push(`OnSessionClosed ${code}`);
  socket.Connect();
  return { socket, lines };
}

const has = (lines: string[], line: string): Promise<void> =>
  waitFor(() => lines.includes(line), line).catch((error: Error) => {
    throw new Error(`${error.message}; there were ${lines.join()}`);
  });

describe('TSslWSocket as client', () => {
  it('verifies the server, then says what OnSessionConnected has sent', async () => {
    const { socket, lines } = run(await nodeServer());
    await has(lines, 'ping');
    assert.deepEqual(lines, [
      'OnSessionConnected 0',
      'OnSslVerifyPeer Test Root 0',
      'OnSslVerifyPeer srv.test 0',
      'OnSslHandshakeDone 0',
      'ping',
    ]);
    assert.equal(socket.SslPeerCert.SubjectCName, 'srv.test');
    assert.equal(socket.SslVersion, 'TLSv1.3');
  });

  const bad: Record<string, { cert: TestCert; code: number; props?: Partial<TSslWSocket> }> = {
    'of an unknown authority': {
      cert: makeCert({ ca: makeCA({ cn: 'X' }), names: ['srv.test'] }),
      code: 21,
    },
    'that signs itself': { cert: makeCert({ names: ['srv.test'] }), code: 18 },
    'that is expired': {
      cert: makeCert({ ca: testCerts().ca, names: ['srv.test'], days: -1 }),
      code: 10,
    },
    'for another name': { cert: makeCert({ ca: testCerts().ca, names: ['other.test'] }), code: 62 },
    'for clients only': {
      cert: makeCert({ ca: testCerts().ca, names: ['srv.test'], usage: ['clientAuth'] }),
      code: 26,
    },
    'for another address': {
      cert: makeCert({ ca: testCerts().ca, names: ['srv.test'], ips: ['127.0.0.2'] }),
      code: 62,
      props: { SslServerName: '127.0.0.1' },
    },
  };
  for (const [what, { cert, code, props }] of Object.entries(bad))
    it(`tells nothing to a server with a certificate ${what}`, async () => {
      let heard = '';
      const server = tls.createServer({ cert: cert.chainPem, key: cert.keyPem }, (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (bytes) => (heard += bytes.toString()));
        socket.write('gotcha');
      });
      onCleanup(() => server.close());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { socket, lines } = run((server.address() as net.AddressInfo).port, props);
      await has(lines, 'OnSessionClosed 10053');
      assert.equal(lines.at(-2), 'OnSslHandshakeDone 1');
      assert.equal(lines.includes('gotcha'), false);
      assert.equal(socket.SslVerifyResult, code);
      assert.equal(heard, '');
    });

  it('accepts a server whose certificate OnSslVerifyPeer accepts', async () => {
    const cert = makeCert({ names: ['srv.test'] });
    const { lines } = run(await nodeServer({}, cert), {
      OnSslVerifyPeer: (_s, ok) => {
        ok.Value = 1;
      },
    });
    await has(lines, 'ping');
  });

  it('verifies nothing without SslVerifyPeer', async () => {
    const { lines } = run(await nodeServer({}, makeCert()), { SslContext: newContext({}, null) });
    await has(lines, 'ping');
    assert.equal(lines[1], 'OnSslHandshakeDone 0');
  });

  it('verifies an address without sending it as a name', async () => {
    let name: string | false | null = 'not called';
    const port = await nodeServer({
      SNICallback: (servername, done) => ((name = servername), done(null)),
    });
    const { lines } = run(port, { SslServerName: '127.0.0.1' });
    await has(lines, 'ping');
    assert.equal(name, 'not called');
  });

  it('sends a name outside ASCII in its ASCII form', async () => {
    let name = '';
    const cert = makeCert({ ca: testCerts().ca, names: ['xn--mnchen-3ya.test'] });
    const port = await nodeServer(
      { SNICallback: (servername, done) => ((name = servername), done(null)) },
      cert,
    );
    const { lines } = run(port, { SslServerName: 'münchen.test' });
    await has(lines, 'ping');
    assert.equal(name, 'xn--mnchen-3ya.test');
  });

  it('offers protocols and tells the one that was chosen', async () => {
    const SslContext = clientContext();
    SslContext.SslAlpnProtocols.Text = 'a\r\nb';
    const { socket, lines } = run(await nodeServer({ ALPNProtocols: ['b'] }), { SslContext });
    await has(lines, 'ping');
    assert.equal(socket.SslAlpnProto, 'b');
  });

  for (const version of [3, 4])
    it(`[SSL-31] resumes a session that OnSslCliNewSession gave (version ${version})`, async () => {
      const port = await nodeServer();
      const sessions: Buffer[] = [];
      const SslContext: TSslContext = clientContext({ SslMaxVersion: version });
      const first = run(port, {
        SslContext,
        OnSslCliNewSession: (_s, session) => void sessions.push(session),
      });
      await has(first.lines, 'ping');
      await waitFor(() => sessions.length > 0, 'a session');
      assert.equal(first.socket.SslSessionReused(), false);
      const again = run(port, {
        SslContext,
        OnSslCliGetSession: (_s, session) => {
          session.Value = sessions[0]!;
        },
      });
      await has(again.lines, 'ping');
      assert.equal(again.socket.SslSessionReused(), true);
    });

  it('goes on without a session that is damaged', async () => {
    const { lines } = run(await nodeServer(), {
      OnSslCliGetSession: (_s, session) => {
        session.Value = Buffer.from('no session');
      },
    });
    await has(lines, 'ping');
  });

  it('fails at a server that does not speak TLS', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('220 plain\r\n');
    });
    onCleanup(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { socket, lines } = run((server.address() as net.AddressInfo).port);
    await has(lines, 'OnSessionClosed 10053');
    assert.equal(lines[1], 'OnSslHandshakeDone 267', socket.SslHandshakeRespMsg);
  });

  it('fails at a server that says nothing', async () => {
    const server = net.createServer((socket) => onCleanup(() => socket.destroy()));
    onCleanup(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { lines } = run((server.address() as net.AddressInfo).port, { SslHandshakeTimeout: 50 });
    await has(lines, 'OnSessionClosed 10053');
    assert.equal(lines[1], 'OnSslHandshakeDone 1');
  });

  for (const version of ['-tls1_2', '-tls1_3'])
    it(`talks to openssl s_server with ${version}`, async () => {
      const { port, peer } = await opensslServer([version, '-rev']);
      const { socket, lines } = run(port);
      await has(lines, 'OnSslHandshakeDone 0');
      socket.SendStr('!\n');
      await has(lines, '!gnip\n');
      assert.equal(peer.exited, null);
    });

  it('begins TLS only when the tunnel of a SOCKS proxy stands', async () => {
    const port = await nodeServer();
    const heard: Buffer[] = [];
    const proxy = net.createServer((inside) => {
      inside.on('error', () => undefined);
      inside.once('data', (greeting) => {
        heard.push(greeting);
        inside.write(Buffer.from([5, 0]));
        inside.once('data', (request) => {
          heard.push(request);
          const outside = net.connect(port, '127.0.0.1', () => {
            // The answer comes in two pieces: TLS must not take the second for its own.
            inside.write(Buffer.from([5, 0, 0, 1, 127]));
            setImmediate(() => {
              inside.write(Buffer.from([0, 0, 1, 0, 80]));
              inside.pipe(outside).pipe(inside);
            });
          });
          onCleanup(() => outside.destroy());
        });
      });
      onCleanup(() => inside.destroy());
    });
    onCleanup(() => proxy.close());
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { lines } = run(port, {
      SocksLevel: '5',
      SocksServer: '127.0.0.1',
      SocksPort: String((proxy.address() as net.AddressInfo).port),
    });
    await has(lines, 'ping');
    assert.equal(lines[0], 'OnSessionConnected 0');
    assert.equal(heard[0]!.toString('hex'), '050100');
    assert.equal(heard[1]!.length, 10); // the request, and not a hello behind it
  });
});
