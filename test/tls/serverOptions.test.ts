// TSslWSocketServer: defaults, what its properties mean for clients, several listeners.
import assert from 'node:assert/strict';
import { TSslMode, TSslWSocketClient, TSslWSocketServer } from '../../lib';
import { connect, echo, expectEcho, track, waitFor } from '../support';
import {
  clientOf,
  echoServer,
  newContext,
  recordTls,
  startTlsServer,
  testCerts,
  tlsPeer,
} from '../support/tls';
import { makeCert } from '../support/certificates';

describe('TSslWSocketServer', () => {
  it('[WSS-111] has the defaults of ICS', () => {
    const server = track(new TSslWSocketServer());
    assert.equal(server.SslEnable, true);
    assert.equal(server.Port, '443');
    assert.equal(server.Addr, '0.0.0.0');
    assert.equal(server.Proto, 'tcp');
    assert.equal(server.SslMode, TSslMode.sslModeServer);
    assert.equal(server.SslHandshakeTimeout, 30000);
    assert.equal(server.NoSSL, false);
    assert.equal(server.ClientClass, TSslWSocketClient);
  });

  it('[WSS-114] drops a client without SslContext, tells why, and keeps listening', async () => {
    const server = echoServer({ SslContext: null });
    const said: string[] = [];
    server.OnBgException = (sender, E) => {
      assert.ok(sender instanceof TSslWSocketClient);
      said.push(E.message);
    };
    const peer = await connect(server).catch(() => null);
    if (peer) await peer.closed();
    await waitFor(() => said.length > 0 && server.ClientCount === 0, 'the end of the client');
    assert.deepEqual(said, ['SSL requires a context object']);
    server.SslContext = newContext();
    await expectEcho(await tlsPeer(server));
  });

  it('[SSL-15] [WSS-116] closes with close_notify when OnSslHandshakeDone sets Disconnect', async () => {
    const server = echoServer({
      Banner: 'for friends only',
      OnSslHandshakeDone: (_client, _code, _cert, disconnect) => {
        disconnect.Value = true;
      },
    });
    const lines = recordTls(server);
    const peer = await tlsPeer(server);
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, '');
    await waitFor(() => lines.length === 5, lines.join());
    assert.deepEqual(lines.slice(1), [
      'OnSslHandshakeDone 0',
      'OnSslShutDownComplete false 0',
      'OnSessionClosed 0',
      'OnClientDisconnect 0',
    ]);
  });

  it('[SSL-32] [WSS-117] leaves a client plain whose SslEnable OnClientConnect has cleared', async () => {
    const server = startTlsServer({
      Banner: 'in clear',
      OnClientConnect: (_server, client) => {
        client.SendStr('first\r\n');
        client.SslEnable = false;
        echo(client);
      },
    });
    const peer = await connect(server);
    assert.equal(await peer.line(), 'first');
    assert.equal(await peer.line(), 'in clear');
    await expectEcho(peer);
  });

  it('never sends in clear what OnClientConnect sends', async () => {
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.SendStr('secret');
      },
    });
    const peer = await connect(server);
    peer.write('no hello');
    await peer.closed();
    assert.equal(peer.text, '');
    assert.equal((await (await tlsPeer(server)).read(6)).toString(), 'secret');
  });

  it('[WSS-118] serves plain and TLS items', async () => {
    const server = track(new TSslWSocketServer());
    Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '', SslContext: newContext() });
    server.OnClientConnect = (_server, client) => echo(client);
    for (const ssl of [false, true]) {
      const item = server.MultiListenSockets.Add();
      Object.assign(item, { Addr: '127.0.0.1', Port: '0', SslEnable: ssl });
    }
    server.MultiListen();
    const [plain, secure] = [...server.MultiListenSockets].map((item) => Number(item.BindPort));
    await expectEcho(await connect(plain!));
    await expectEcho(await tlsPeer(secure!));
    await expectEcho(await tlsPeer(server));
  });

  it('is plain altogether with NoSSL', async () => {
    const server = echoServer({ NoSSL: true });
    await expectEcho(await connect(server));
  });

  it('[H-10] closes a client above MaxClients before any handshake, and says nothing', async () => {
    const server = echoServer({ MaxClients: 1, BannerTooBusy: 'busy' });
    await expectEcho(await tlsPeer(server));
    const lines = recordTls(server);
    const peer = await connect(server);
    await peer.closed();
    assert.equal(peer.text, '');
    await waitFor(() => lines.length === 3, lines.join());
    assert.deepEqual(lines, ['OnClientConnect', 'OnSessionClosed 0', 'OnClientDisconnect 0']);
  });

  it('[SSL-46] gives a new certificate to new sessions, old ones go on', async () => {
    const server = echoServer();
    const old = await tlsPeer(server);
    await expectEcho(old);
    const context = server.SslContext!;
    const fresh = makeCert({ ca: testCerts().ca, cn: 'fresh', names: ['srv.test'] });
    context.SslCertLines.Text = fresh.chainPem;
    context.SslPrivKeyLines.Text = fresh.keyPem;
    context.InitContext();
    const next = await tlsPeer(server, { servername: 'srv.test' });
    assert.equal(next.socket.getPeerCertificate().subject.CN, 'fresh');
    await expectEcho(old);
    await expectEcho(next);
  });

  it('[SSL-38] SetAcceptableHostsList takes names separated by semicolons', () => {
    const server = track(new TSslWSocketServer());
    server.SetAcceptableHostsList(' a ; ;b');
    assert.deepEqual(server.SslAcceptableHosts.toArray(), ['a', 'b']);
  });

  it('copies SslAcceptableHosts to its clients', async () => {
    const server = echoServer();
    server.SetAcceptableHostsList('a;b');
    await expectEcho(await tlsPeer(server));
    assert.deepEqual(clientOf(server).SslAcceptableHosts.toArray(), ['a', 'b']);
  });
});
