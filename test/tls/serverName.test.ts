// Name and protocols of a client's hello: OnSslServerName, OnSslAlpnSelect, CliHelloData.
import assert from 'node:assert/strict';
import { TTlsExtError } from '../../lib';
import { expectEcho, waitFor } from '../support';
import { bystand } from '../support/bystander';
import { makeCert } from '../support/certificates';
import {
  clientOf,
  echoServer,
  handshakeError,
  newContext,
  opensslClient,
  recordTls,
  testCerts,
  tlsPeer,
} from '../support/tls';

describe('The hello of a TLS client', () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`[SSL-19] fires OnSslServerName before OnSslAlpnSelect with ${maxVersion}`, async () => {
      const server = echoServer();
      const lines = recordTls(server);
      const options = { maxVersion, servername: 'srv.test', ALPNProtocols: ['h2', 'x'] };
      await expectEcho(await tlsPeer(server, options));
      assert.deepEqual(lines.slice(1), [
        'OnSslServerName srv.test',
        'OnSslAlpnSelect h2,x',
        'OnSslHandshakeDone 0',
      ]);
      assert.equal(clientOf(server).SslServerName, 'srv.test');
    });

  it('[SSL-20] without a name fires nothing, and the default context answers', async () => {
    const server = echoServer();
    const lines = recordTls(server);
    const peer = await tlsPeer(server);
    await expectEcho(peer);
    assert.deepEqual(lines.slice(1), ['OnSslHandshakeDone 0']);
    assert.equal(peer.socket.getPeerCertificate().subject.CN, 'srv.test');
  });

  it('[SSL-21] may choose another context, also when a session is resumed', async () => {
    const other = newContext({}, makeCert({ ca: testCerts().ca, names: ['other.test'] }));
    const server = echoServer({
      OnSslServerName: (client, ctx) => {
        if (client.SslServerName === 'other.test') ctx.Value = other;
      },
    });
    const peer = await tlsPeer(server, { servername: 'other.test' });
    await expectEcho(peer);
    assert.equal(peer.socket.getPeerCertificate().subject.CN, 'other.test');
    assert.equal(clientOf(server).SslContext, other);
    await waitFor(() => peer.tickets.length > 0, 'a ticket');
    const again = await tlsPeer(server, { servername: 'other.test', session: peer.tickets[0]! });
    await expectEcho(again);
    assert.equal(again.socket.isSessionReused(), true);
  });

  it('[H-99] does not resume a session of one name under another', async () => {
    const other = newContext({}, makeCert({ ca: testCerts().ca, names: ['other.test'] }));
    const server = echoServer({
      OnSslServerName: (client, ctx) => {
        if (client.SslServerName === 'other.test') ctx.Value = other;
      },
    });
    await bystand(server);
    const peer = await tlsPeer(server, { servername: 'srv.test' });
    await expectEcho(peer);
    await waitFor(() => peer.tickets.length > 0, 'a ticket');
    const again = await tlsPeer(server, { servername: 'other.test', session: peer.tickets[0]! });
    await expectEcho(again);
    assert.equal(again.socket.isSessionReused(), false);
    assert.equal(again.socket.getPeerCertificate().subject.CN, 'other.test');
  });

  it('[SSL-22] [WSS-140] is refused with alert 112 by teeAlertFatal', async () => {
    const server = echoServer({
      OnSslServerName: (_client, _ctx, answer) => {
        answer.Value = TTlsExtError.teeAlertFatal;
      },
    });
    const lines = recordTls(server);
    const error = await handshakeError(server, { servername: 'srv.test' });
    assert.match(error.message, /alert number 112/);
    await waitFor(() => lines.length === 5, lines.join());
    assert.deepEqual(lines.slice(2), [
      'OnSslHandshakeDone 1',
      'OnSessionClosed 10053',
      'OnClientDisconnect 10053',
    ]);
  });

  it('[WSS-140] [H-96] is refused when the handler throws, also if the connection may stay', async () => {
    const server = echoServer({
      OnBgException: (_sender, _E, canClose) => {
        canClose.Value = false;
      },
      OnSslServerName: () => {
        throw new Error('no such host');
      },
    });
    await bystand(server);
    const error = await handshakeError(server, { servername: 'srv.test' });
    assert.match(error.message, /alert number 112/);
  });

  it('[SSL-23] gives a name outside ASCII in both its forms', async () => {
    const server = echoServer();
    await expectEcho(
      await tlsPeer(server, { servername: 'xn--mnchen-3ya.test', rejectUnauthorized: false }),
    );
    const client = clientOf(server);
    assert.equal(client.SslServerName, 'münchen.test');
    assert.equal(client.CliHelloData?.PunyServerName, 'xn--mnchen-3ya.test');
  });

  it('[SSL-24] gets the protocol the handler chose', async () => {
    const server = echoServer({
      OnSslAlpnSelect: (_client, _list, chosen, answer) => {
        chosen.Value = 'http/1.1';
        answer.Value = TTlsExtError.teeOk;
      },
    });
    const peer = await tlsPeer(server, { ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(peer.socket.alpnProtocol, 'http/1.1');
  });

  it('[SSL-25] [H-103] succeeds without a protocol when the handler chooses none', async () => {
    const server = echoServer({ OnSslAlpnSelect: () => undefined });
    await bystand(server);
    const peer = await tlsPeer(server, { ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(peer.socket.alpnProtocol, false);
    await expectEcho(peer);
  });

  for (const [what, protocol, code] of [
    ['teeAlertFatal', '', TTlsExtError.teeAlertFatal],
    ['a protocol that was not offered', 'spdy', TTlsExtError.teeOk],
  ] as const)
    it(`is refused with alert 120 by ${what}`, async () => {
      const server = echoServer({
        OnSslAlpnSelect: (_client, _list, chosen, answer) => {
          chosen.Value = protocol;
          answer.Value = code;
        },
      });
      const error = await handshakeError(server, { ALPNProtocols: ['h2'] });
      assert.match(error.message, /alert number 120/);
    });

  it('[SSL-26] is readable in CliHelloData', async () => {
    const server = echoServer();
    await expectEcho(await tlsPeer(server, { ALPNProtocols: ['h2', 'http/1.1'] }));
    const hello = clientOf(server).CliHelloData!;
    assert.ok(hello.SuppVersions.includes(0x0304));
    assert.ok(hello.CipherSuites.length > 0);
    assert.equal(hello.AlpnList, 'h2,http/1.1');
  });

  it('is served with all its names by openssl s_client', async () => {
    const server = echoServer({
      OnSslAlpnSelect: (_client, _list, chosen, answer) => {
        chosen.Value = 'b';
        answer.Value = TTlsExtError.teeOk;
      },
    });
    const peer = opensslClient(server, ['-servername', 'srv.test', '-alpn', 'a,b', '-no_ign_eof']);
    await peer.printed('ALPN protocol: b');
    await peer.printed('Verify return code: 0 (ok)');
  });

  it('may pump in OnSslServerName while the rest of the hello arrives', async () => {
    const server = echoServer({ OnSslServerName: (client) => client.ProcessMessages() });
    await expectEcho(await tlsPeer(server, { servername: 'srv.test' }));
  });
});
