// Handlers a client class has of its own, and those of the server (D-06).
import assert from 'node:assert/strict';
import { teeOk, TSslWSocketClient } from '../../lib';
import { waitFor } from '../support';
import { startTlsServer, tlsPeer } from '../support/tls';

describe('Handlers of a client class of a TLS server', () => {
  for (const serverHas of [false, true]) {
    const whose = serverHas ? 'give way to those of the server' : 'stay where the server has none';
    it(whose, async () => {
      const calls: string[] = [];
      const note = (who: string, event: string) => (): void => void calls.push(`${who} ${event}`);
      class OwnClient extends TSslWSocketClient {
        override OnSslServerName = note('client', 'OnSslServerName');
        override OnSslAlpnSelect: TSslWSocketClient['OnSslAlpnSelect'] = (
          _c,
          _list,
          chosen,
          answer,
        ) => {
          calls.push('client OnSslAlpnSelect');
          chosen.Value = 'own';
          answer.Value = teeOk;
        };
        override OnSslHandshakeDone = note('client', 'OnSslHandshakeDone');
      }
      const server = startTlsServer({ ClientClass: OwnClient });
      if (serverHas) {
        server.OnSslServerName = note('server', 'OnSslServerName');
        server.OnSslAlpnSelect = note('server', 'OnSslAlpnSelect');
        server.OnSslHandshakeDone = note('server', 'OnSslHandshakeDone');
      }
      const peer = await tlsPeer(server, { servername: 'srv.test', ALPNProtocols: ['own'] });
      await waitFor(() => calls.length === 3, `three events, there were: ${calls.join()}`);
      const who = serverHas ? 'server' : 'client';
      const events = ['OnSslServerName', 'OnSslAlpnSelect', 'OnSslHandshakeDone'];
      assert.deepEqual(
        calls,
        events.map((event) => `${who} ${event}`),
      );
      assert.equal(peer.socket.alpnProtocol, serverHas ? false : 'own');
    });
  }

  it('set in OnClientConnect stay as well', async () => {
    const server = startTlsServer();
    const codes: number[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      Client.OnSslHandshakeDone = (_client, ErrCode) => void codes.push(ErrCode);
    };
    await tlsPeer(server);
    await waitFor(() => codes.length > 0, 'OnSslHandshakeDone');
    assert.deepEqual(codes, [0]);
  });
});
