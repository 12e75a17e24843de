// What a client shows a server that asks for a certificate (OnSslCliCertRequest), and names of ICS
// about TLS that Node.js has no source for.
import assert from 'node:assert/strict';
import {
  ESslContextException,
  type TSslContext,
  TSslCliCertMethod,
  TSslWSocket,
  type TSslWSocketServer,
  TX509Base,
} from '../../lib';
import { track, waitFor } from '../support';
import { makeCert } from '../support/certificates';
import {
  clientContext,
  clientOf,
  echoServer,
  startTlsServer,
  testCerts,
  tlsSocket,
} from '../support/tls';

const own = makeCert({ ca: testCerts().ca, cn: 'chosen', usage: ['clientAuth'] });

function certOf(pem: string): TX509Base {
  const cert = track(new TX509Base(null));
  cert.LoadFromText(pem, 1, 1);
  return cert;
}

interface Run {
  readonly socket: TSslWSocket;
  readonly lines: string[];
}

function client(
  server: TSslWSocketServer,
  request: TSslWSocket['OnSslCliCertRequest'],
  context: TSslContext = clientContext(),
): Run {
  const lines: string[] = [];
  const socket = tlsSocket(server, {
    SslContext: context,
    OnBgException: (_s, E) => void lines.push(E.message.trim()),
  });
  socket.OnSslCliCertRequest = (sender, cert) => {
    lines.push('OnSslCliCertRequest');
    return request?.(sender, cert);
  };
  socket.OnSslHandshakeDone = (_s, code) => void lines.push(`OnSslHandshakeDone ${code}`);
  socket.OnSessionClosed = () => void lines.push('OnSessionClosed');
  socket.Connect();
  return { socket, lines };
}

const asking = (SslCliCertMethod = TSslCliCertMethod.sslCliCertRequire): TSslWSocketServer =>
  echoServer({ SslCliCertMethod, RootCA: testCerts().ca.pem });

const until = (lines: string[], line: string): Promise<void> =>
  waitFor(() => lines.includes(line), line);

describe('OnSslCliCertRequest', () => {
  it('gives the certificate of a client whose context has none', async () => {
    const server = asking();
    const { lines } = client(server, (_s, cert) => {
      assert.equal(cert.Value, null);
      cert.Value = certOf(own.bundlePem);
    });
    await until(lines, 'OnSslHandshakeDone 0');
    await waitFor(() => server.ClientCount === 1 && clientOf(server).SslOK, 'the server');
    assert.equal(clientOf(server).SslPeerCert.SubjectCName, 'chosen');
    assert.equal(lines[0], 'OnSslCliCertRequest');
  });

  it('shows nothing to a server that does not ask', async () => {
    const server = asking(TSslCliCertMethod.sslCliCertNone);
    const { lines } = client(server, (_s, cert) => (cert.Value = certOf(own.bundlePem)));
    await until(lines, 'OnSslHandshakeDone 0');
    await waitFor(() => server.ClientCount === 1 && clientOf(server).SslOK, 'the server');
    assert.equal(clientOf(server).SslPeerCert.IsCertLoaded, false);
  });

  it('does not fire when the context has a certificate', async () => {
    const server = asking();
    const context = clientContext({
      SslCertX509: certOf(own.bundlePem),
    } as Partial<TSslContext>);
    const { lines } = client(server, () => assert.fail('asked'), context);
    await until(lines, 'OnSslHandshakeDone 0');
    assert.deepEqual(lines, ['OnSslHandshakeDone 0']);
  });

  it('shows nothing without a private key', async () => {
    const server = asking(TSslCliCertMethod.sslCliCertOptional);
    const { lines } = client(server, (_s, cert) => (cert.Value = certOf(own.pem)));
    await until(lines, 'OnSslHandshakeDone 0');
    await waitFor(() => server.ClientCount === 1 && clientOf(server).SslOK, 'the server');
    assert.equal(clientOf(server).SslPeerCert.IsCertLoaded, false);
  });

  it('with the key of another certificate fails the handshake', async () => {
    const other = makeCert({ cn: 'other' });
    const { lines } = client(asking(), (_s, cert) => {
      const mixed = certOf(own.bundlePem);
      mixed.PrivateKey = certOf(other.bundlePem).PrivateKey;
      cert.Value = mixed;
    });
    await until(lines, 'OnSessionClosed');
    assert.deepEqual(lines, [
      'OnSslCliCertRequest',
      'OnSslHandshakeDone 1',
      'Certificate and private key do not match',
      'OnSessionClosed',
    ]);
  });

  for (const how of ['Close', 'Abort', 'Free', 'ResetSSL'] as const)
    it(`may be ended by ${how} inside of it`, async () => {
      const server = asking();
      const { socket, lines } = client(server, (sender, cert) => {
        cert.Value = certOf(own.bundlePem);
        (sender as TSslWSocket)[how]();
      });
      await until(lines, 'OnSslCliCertRequest');
      if (how === 'ResetSSL') socket.Abort();
      await waitFor(() => server.ClientCount === 0, 'the end');
      assert.ok(!lines.includes('OnSslHandshakeDone 0'));
    });
});

describe('OnSslProtoMsg', () => {
  it('cannot be served, and says so', () => {
    const socket = track(new TSslWSocket());
    assert.throws(
      () => (socket.OnSslProtoMsg = () => undefined),
      (error: Error) =>
        error instanceof ESslContextException && error.message.startsWith('OnSslProtoMsg: '),
    );
    socket.OnSslProtoMsg = null;
    assert.equal(socket.OnSslProtoMsg, null);
  });
});

describe('OcspStapleStatus', () => {
  it('is that of the response, -1 without a readable one', () => {
    const socket = track(new TSslWSocket());
    assert.equal(socket.OcspStapleStatus, -1);
    for (const [hex, status] of [
      ['30030a0100', 0],
      ['30030a0103', 3],
      ['30030a0106', 6],
      ['3003020100', -1],
      ['30030a01', -1],
      ['', -1],
    ] as const) {
      socket.OcspStapleRaw = Buffer.from(hex, 'hex');
      assert.equal(socket.OcspStapleStatus, status, hex);
    }
  });

  it('tells a client what its server has stapled', async () => {
    const server = startTlsServer({
      OnClientConnect: (_server, c) =>
        void Object.assign(c, { OcspStapleRaw: Buffer.from('30030a0103', 'hex') }),
    });
    const context = clientContext({ SslOcspStatus: true });
    const { socket, lines } = client(server, null, context);
    await until(lines, 'OnSslHandshakeDone 0');
    assert.equal(socket.OcspStapleStatus, 3);
  });
});
