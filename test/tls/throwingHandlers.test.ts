// Handlers that throw around a TLS session: nothing goes on in clear, nobody keeps a connection that
// can never speak, and the process lives.
import assert from 'node:assert/strict';
import { TSslWSocketThrdServer, type TSslWSocketServer } from '../../lib';
import { connect, waitFor } from '../support';
import { startThrdServer } from '../support/thrdServer';
import { clientContext, echoServer, newContext, startTlsServer, tlsSocket } from '../support/tls';

const thrown = (): never => {
  throw new Error('thrown');
};

/** A stranger who speaks in clear; resolves when the server has ended the connection. */
async function speakInClear(server: TSslWSocketServer): Promise<void> {
  const peer = await connect(server).catch(() => null); // reset so early that connect tells it
  peer?.write('in clear');
  await peer?.closed();
  assert.equal(peer?.text ?? '', '');
}

describe('A handler that throws', () => {
  it('in OnClientConnect ends the client of a TLS server, whatever OnBgException says', async () => {
    const said: string[] = [];
    const server: TSslWSocketServer = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.OnDataAvailable = () => assert.fail('data in clear');
        client.SendStr('for the one with a session');
        thrown();
      },
      OnBgException: (_sender, E, canClose) => {
        said.push(E.message);
        canClose.Value = false;
      },
    });
    await speakInClear(server);
    await waitFor(() => server.ClientCount === 0, 'the end of the client');
    assert.deepEqual(said, ['thrown']);
  });

  it('in OnClientConnect ends the client of a threaded TLS server', async () => {
    const said: string[] = [];
    const props = {
      OnClientConnect: thrown,
      OnBgException: (_sender: object, E: Error) => void said.push(E.message),
    };
    const all = { SslContext: newContext(), ...props };
    const server = startThrdServer(all, 'tlsThrdModule', TSslWSocketThrdServer);
    const peer = await connect(Number(server.BindPort)).catch(() => null);
    peer?.write('in clear');
    const over = (): boolean => said.length > 0 && server.ClientCount === 0;
    await waitFor(over, 'the end of the client', 20_000); // a worker starts
    assert.deepEqual(said, ['thrown']);
    assert.equal(peer?.text ?? '', '');
  });

  it('in OnSessionConnected of a client, which OnBgException lets live, goes on with TLS', async () => {
    const server = echoServer();
    const socket = tlsSocket(server, { SslContext: clientContext(), SslServerName: 'srv.test' });
    let got = '';
    socket.OnSessionConnected = () => {
      socket.SendStr('ping');
      thrown();
    };
    socket.OnBgException = (_socket, _E, canClose) => {
      canClose.Value = false;
    };
    socket.OnDataAvailable = () => (got += socket.ReceiveStr());
    socket.Connect();
    await waitFor(() => got === 'ping', 'the echo');
    assert.equal(socket.SslOK, true);
  });

  it('and aborts before its handshake has begun gets no OnSslHandshakeDone', async () => {
    const server = echoServer();
    const socket = tlsSocket(server);
    const lines: string[] = [];
    socket.OnSslCliGetSession = () => {
      socket.Abort();
      thrown();
    };
    socket.OnSslHandshakeDone = (_socket, code) => void lines.push(`OnSslHandshakeDone ${code}`);
    socket.OnSessionClosed = (_socket, code) => void lines.push(`OnSessionClosed ${code}`);
    socket.OnBgException = (_socket, E) => void lines.push(E.message);
    socket.Connect();
    await waitFor(() => lines.includes('thrown'), 'the exception');
    assert.deepEqual(lines, ['OnSessionClosed 0', 'thrown']);
  });

  it('in OnSendData is told to OnBgException', async () => {
    const said: string[] = [];
    const server = echoServer({
      OnSslHandshakeDone: (client) => {
        client.OnBgException = (_client, E) => void said.push(E.message);
      },
    });
    const { OnClientConnect } = server;
    server.OnClientConnect = (sender, client, error) => {
      OnClientConnect?.(sender, client, error);
      client.OnSendData = thrown;
    };
    const socket = tlsSocket(server);
    socket.OnSslHandshakeDone = () => void socket.SendStr('ping');
    socket.Connect();
    await waitFor(() => said.length > 0 && server.ClientCount === 0, 'the end of the client');
    assert.deepEqual(said, ['thrown']);
  });
});
