// A context that goes away in an event of the handshake: nobody waits in vain, and nobody gets in
// who would have been refused. OnBgException never allows a connection to be closed here.
import assert from 'node:assert/strict';
import { type TSslWSocket, type TSslWSocketServer, TSocketState } from '../../lib';
import { waitFor } from '../support';
import { bystand } from '../support/bystander';
import { makeCert } from '../support/certificates';
import {
  clientContext,
  echoServer,
  newContext,
  recordTls,
  testCerts,
  tlsPeer,
  tlsSocket,
} from '../support/tls';

const stays: NonNullable<TSslWSocket['OnBgException']> = (_sender, _E, canClose) => {
  canClose.Value = false;
};
/** Longer than any test waits: an end by this timer is a failure. */
const SslHandshakeTimeout = 60_000;
const stranger = makeCert({ cn: 'stranger', usage: ['clientAuth'] });
const known = makeCert({ ca: testCerts().ca, cn: 'known', usage: ['clientAuth'] });

describe('A context that is freed in a handshake', () => {
  for (const how of ['Free', 'DeInitContext'] as const) {
    for (const event of [
      'OnSslSetSessionIDContext',
      'OnSslServerName',
      'OnSslAlpnSelect',
      'OnSslSvrNewSession',
      'OnSslVerifyPeer',
    ] as const)
      it(`[H-96] lets no stranger in and nobody wait (${how} in ${event})`, async () => {
        const SslContext = newContext();
        SslContext.SslCALines.Text = testCerts().ca.pem;
        SslContext.SslVerifyPeer = true;
        SslContext.InitContext();
        const server: TSslWSocketServer = echoServer({
          SslContext,
          SslHandshakeTimeout,
          OnBgException: stays,
          OnDataAvailable: () => assert.fail('data of a stranger'),
          [event]: () => SslContext[how](),
        });
        // Its session has begun with the context and keeps it.
        await bystand(server, { cert: known.pem, key: known.keyPem });
        const lines = recordTls(server);
        const peer = await tlsPeer(server, {
          servername: 'srv.test',
          ALPNProtocols: ['x'],
          cert: stranger.pem,
          key: stranger.keyPem,
        }).catch(() => null);
        peer?.write('let me in');
        await waitFor(() => lines.at(-1) === 'OnClientDisconnect 10053', lines.join());
        assert.equal(lines.at(-3), 'OnSslHandshakeDone 1');
        assert.equal(peer?.text ?? '', '');
      });
  }

  it('ends a connection whose client cannot begin', async () => {
    const server = echoServer({ SslHandshakeTimeout });
    const SslContext = clientContext();
    const socket = tlsSocket(server, { SslContext, OnBgException: stays });
    const lines: string[] = [];
    socket.OnSessionConnected = () => SslContext.Free();
    socket.OnSslHandshakeDone = (_s, code) => void lines.push(`OnSslHandshakeDone ${code}`);
    socket.OnSessionClosed = () => void lines.push('OnSessionClosed');
    socket.Connect();
    await waitFor(() => socket.State === TSocketState.wsClosed && lines.length > 0, 'the end');
    assert.deepEqual(lines, ['OnSslHandshakeDone 1', 'OnSessionClosed']);
    await waitFor(() => server.ClientCount === 0, 'the other end');
  });
});
