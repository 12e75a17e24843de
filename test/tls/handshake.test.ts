// What a handshake that succeeds tells the server, against Node's client and openssl's.
import assert from 'node:assert/strict';
import { TSslState } from '../../lib';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { echo, expectEcho, waitFor } from '../support';
import {
  clientOf,
  echoServer,
  newContext,
  opensslClient,
  recordTls,
  startTlsServer,
  testCerts,
  tlsPeer,
} from '../support/tls';

describe('A TLS handshake', () => {
  it('[SSL-2] initialises the context from certificate and key, and ends in TLS 1.3', async () => {
    const SslContext = new TSslContext();
    SslContext.SslCertLines.Text = testCerts().server.chainPem;
    SslContext.SslPrivKeyLines.Text = testCerts().server.keyPem;
    const server = echoServer({ SslContext });
    const peer = await tlsPeer(server);
    assert.equal(SslContext.IsCtxInitialized, true);
    assert.equal(peer.socket.getProtocol(), 'TLSv1.3');
    SslContext.Free();
  });

  it('[SSL-11] fires OnBeforeInit once when a handshake initialises the context', async () => {
    let fired = 0;
    const SslContext = new TSslContext();
    SslContext.SslCertLines.Text = testCerts().server.chainPem;
    SslContext.SslPrivKeyLines.Text = testCerts().server.keyPem;
    SslContext.OnBeforeInit = () => void fired++;
    const server = echoServer({ SslContext });
    await expectEcho(await tlsPeer(server));
    await expectEcho(await tlsPeer(server));
    assert.equal(fired, 1);
    SslContext.Free();
  });

  it('[SSL-12] [WSS-112] comes after OnClientConnect, where SslState is still sslNone', async () => {
    const states: TSslState[] = [];
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        states.push((client as ReturnType<typeof clientOf>).SslState);
        echo(client);
      },
      OnSslHandshakeDone: (client) => {
        assert.equal(client, server.Client[0]);
        states.push(client.SslState);
      },
    });
    const lines = recordTls(server);
    const peer = await tlsPeer(server);
    await expectEcho(peer);
    assert.deepEqual(lines, ['OnClientConnect', 'OnSslHandshakeDone 0']);
    assert.deepEqual(states, [TSslState.sslNone, TSslState.sslEstablished]);
  });

  it('[SSL-13] tells version, cipher and a text about them', async () => {
    const server = echoServer();
    await expectEcho(await tlsPeer(server));
    const client = clientOf(server);
    assert.equal(client.SslVersion, 'TLSv1.3');
    assert.match(client.SslHandshakeRespMsg, /^SSL Connected OK with TLSv1\.3, cipher TLS_/);
    assert.match(client.SslHandshakeRespMsg, /encryption \S+, message auth \S+, group/);
    assert.equal(client.SslTotalBits, 256);
    assert.equal(client.SslOK, true);
    assert.equal(client.SslHandshakeErr, 0);
  });

  it('[SSL-13] tells key exchange and key authentication for TLS 1.2', async () => {
    const server = echoServer();
    await expectEcho(await tlsPeer(server, { maxVersion: 'TLSv1.2' }));
    assert.match(
      clientOf(server).SslHandshakeRespMsg,
      /^SSL Connected OK with TLSv1\.2, cipher ECDHE-ECDSA-\S+, key auth ECDSA, key exchange ECDH/,
    );
  });

  it('[SSL-10] is refused to a client that only knows older versions', async () => {
    const SslContext = newContext({ SslMinVersion: 4 });
    const server = echoServer({ SslContext });
    const lines = recordTls(server);
    await assert.rejects(tlsPeer(server, { maxVersion: 'TLSv1.2' }), /alert protocol version/);
    await waitFor(() => lines.length === 4, 'the end of the client');
    assert.match(lines[1]!, /^OnSslHandshakeDone [1-9]/);
    assert.deepEqual(lines.slice(2), ['OnSessionClosed 10053', 'OnClientDisconnect 10053']);
  });

  it('[SSL-14] [WSS-113] is over before the banner leaves, which comes first', async () => {
    const server = startTlsServer({ Banner: 'Welcome' });
    const peer = await tlsPeer(server);
    assert.equal(await peer.line(), 'Welcome');
  });

  it('[SSL-35] sends what was sent before it, complete, and then fires OnDataSent', async () => {
    const text = 'x'.repeat(1024 * 1024);
    let sent = 0;
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.OnDataSent = () => {
          assert.equal((client as ReturnType<typeof clientOf>).SslState, TSslState.sslEstablished);
          sent++;
        };
        client.SendStr(text);
        assert.equal(client.BufferedByteCount, text.length);
        assert.equal(client.AllSent, false);
      },
    });
    const peer = await tlsPeer(server);
    assert.equal((await peer.read(text.length)).toString(), text);
    await waitFor(() => sent === 1, 'OnDataSent');
    assert.equal(clientOf(server).BufferedByteCount, 0);
  });

  for (const version of ['-tls1_2', '-tls1_3'])
    it(`serves openssl s_client with ${version}, and both say goodbye`, async () => {
      const server = echoServer();
      const lines = recordTls(server);
      const peer = opensslClient(server, [
        version,
        '-quiet',
        '-no_ign_eof',
        '-servername',
        'srv.test',
      ]);
      peer.write('ping\n');
      await peer.printed('ping');
      peer.child.stdin.end();
      assert.equal(await peer.ended(), 0, peer.stderr);
      await waitFor(() => lines.length === 6, lines.join());
      assert.deepEqual(lines, [
        'OnClientConnect',
        'OnSslServerName srv.test',
        'OnSslHandshakeDone 0',
        'OnSslShutDownComplete false 0',
        'OnSessionClosed 0',
        'OnClientDisconnect 0',
      ]);
    });
});
