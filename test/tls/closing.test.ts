// How TLS connections end: by whom, in which event, with data on its way.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { TSslWSocketClient, TSslWSocketServer } from '../../lib';
import { connect, echo, expectEcho, type Peer, waitFor } from '../support';
import { bystand, visitors } from '../support/bystander';
import {
  clientOf,
  echoServer,
  gone,
  opensslClient,
  recordTls,
  startTlsServer,
  tlsOver,
  tlsPeer,
  tlsSocket,
} from '../support/tls';

const MIB = 1024 * 1024;
const block = randomBytes(8 * MIB);
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Handlers that call `act` in the event of this name. */
function actIn(
  event: string,
  act: (client: TSslWSocketClient) => void,
): Partial<TSslWSocketServer> {
  const run = (client: unknown): void => act(client as TSslWSocketClient);
  if (event.startsWith('OnSsl') && event !== 'OnSslShutDownComplete') return { [event]: run };
  return {
    OnClientConnect: (_server, client) => {
      if (event === 'OnClientConnect') {
        run(client);
        return;
      }
      client.OnDataAvailable = () => client.SendStr(client.ReceiveStr());
      const { [event as 'OnDataAvailable']: before } = client;
      Object.assign(client, {
        [event]: () => {
          run(client);
          before?.(client, 0);
        },
      });
    },
  };
}

/** The connection below a session that both sides have: it writes around TLS. */
async function underTls(server: TSslWSocketServer): Promise<Peer> {
  const raw = await connect(server);
  await tlsOver(raw);
  await waitFor(() => visitors(server).length === 1 && clientOf(server).SslOK, 'the session');
  return raw;
}

const brokenRecord = (): Buffer =>
  Buffer.concat([Buffer.from('1703030040', 'hex'), randomBytes(64)]);

describe('A TLS connection', () => {
  it('[SSL-36] [WSS-119] ends cleanly by Close once OnDataSent has fired', async () => {
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.SendStr('all of it');
        client.OnDataSent = () => client.Close();
      },
    });
    const lines = recordTls(server);
    const peer = await tlsPeer(server);
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'all of it');
    await gone(lines);
    assert.deepEqual(lines, [
      'OnClientConnect',
      'OnSslHandshakeDone 0',
      'OnSslShutDownComplete false 0',
      'OnSessionClosed 0',
      'OnClientDisconnect 0',
    ]);
  });

  const leave: Record<string, (client: TSslWSocketClient, server: TSslWSocketServer) => void> = {
    Close: (client) => client.Close(),
    CloseDelayed: (client) => client.CloseDelayed(),
    Free: (client) => client.Free(),
    Release: (client) => client.Release(),
    Disconnect: (client, server) => server.Disconnect(client),
  };
  for (const [how, act] of Object.entries(leave))
    for (const version of ['-tls1_2', '-tls1_3'])
      it(`sends the reply and close_notify on ${how} (${version})`, async () => {
        const server = startTlsServer({
          OnClientConnect: (_server, client) => {
            client.OnDataAvailable = () => {
              client.SendStr(`echo ${client.ReceiveStr()}`);
              act(client as TSslWSocketClient, server);
            };
          },
        });
        const peer = opensslClient(server, [version, '-quiet', '-ign_eof']);
        peer.write('ping\n');
        await peer.printed('echo ping');
        // Without close_notify openssl says "unexpected eof while reading" and exits with 1.
        assert.equal(await peer.ended(), 0, peer.stderr);
        assert.doesNotMatch(peer.stderr, /unexpected eof/);
      });

  it('is reset by Abort, which the other side tells once', async () => {
    const server = echoServer();
    const lines = recordTls(server);
    const socket = tlsSocket(server);
    const ends: string[] = [];
    socket.OnSslShutDownComplete = () => void ends.push('OnSslShutDownComplete');
    socket.OnSessionClosed = (_s, code) => void ends.push(`OnSessionClosed ${code}`);
    socket.OnSslHandshakeDone = () => void socket.SendStr('x');
    socket.OnDataAvailable = () => socket.Abort();
    socket.Connect();
    await gone(lines);
    assert.deepEqual(ends, ['OnSessionClosed 0']);
    assert.deepEqual(lines.slice(2), [
      'OnSslShutDownComplete false 10054',
      'OnSessionClosed 10054',
      'OnClientDisconnect 10054',
    ]);
  });

  it("answers the peer's close_notify after the data before it", async () => {
    let got = '';
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.OnDataAvailable = () => (got += client.ReceiveStr());
      },
    });
    const lines = recordTls(server);
    const peer = await tlsPeer(server);
    peer.write('last words');
    peer.end();
    await gone(lines);
    assert.equal(got, 'last words');
    assert.deepEqual(lines.slice(2), [
      'OnSslShutDownComplete false 0',
      'OnSessionClosed 0',
      'OnClientDisconnect 0',
    ]);
  });

  it('[H-98] tells a FIN without close_notify by ErrCode 294', async () => {
    const server = echoServer();
    await bystand(server);
    const lines = recordTls(server);
    const raw = await underTls(server);
    raw.end();
    await gone(lines);
    assert.deepEqual(lines.slice(-3), [
      'OnSslShutDownComplete false 294',
      'OnSessionClosed 0',
      'OnClientDisconnect 0',
    ]);
  });

  it('tells a broken record, and closes', async () => {
    const server = echoServer();
    const lines = recordTls(server);
    const raw = await underTls(server);
    raw.write(brokenRecord());
    await gone(lines);
    assert.match(lines[3]!, /^OnSslShutDownComplete false [1-9]/);
    assert.deepEqual(lines.slice(4), ['OnSessionClosed 10053', 'OnClientDisconnect 10053']);
  });

  it('goes on in clear after a broken record with ExplizitSsl, but not after a failed handshake', async () => {
    let got = '';
    const server = echoServer({
      OnClientConnect: (_server, client) => {
        Object.assign(client, { ExplizitSsl: true });
        client.OnDataAvailable = () => (got += client.ReceiveStr());
      },
    });
    const lines = recordTls(server);
    const raw = await underTls(server);
    raw.write(brokenRecord());
    await waitFor(() => lines.length === 4, lines.join());
    assert.match(lines[3]!, /^OnSslShutDownComplete false [1-9]/);
    raw.write('in clear');
    await waitFor(() => got === 'in clear', 'the clear text');
    const stranger = await connect(server);
    stranger.write('no hello');
    await stranger.closed();
    assert.equal(got, 'in clear');
  });

  const events = [
    'OnClientConnect',
    'OnSslSetSessionIDContext',
    'OnSslServerName',
    'OnSslAlpnSelect',
    'OnSslSvrNewSession',
    'OnSslHandshakeDone',
    'OnDataAvailable',
    'OnDataSent',
    'OnSslShutDownComplete',
    'OnSessionClosed',
  ];
  for (const event of events)
    for (const how of ['Close', 'CloseDelayed', 'Abort', 'Free', 'Release'] as const)
      it(`may be ended by ${how} in ${event}, and the server goes on`, async () => {
        let armed = true;
        const server = startTlsServer({
          ...actIn(event, (client) => {
            if (armed) client[how]();
          }),
          SslHandshakeTimeout: 300,
        });
        server.OnBgException = (_sender, E) => assert.fail(E);
        const options = { servername: 'srv.test', ALPNProtocols: ['x'] };
        const peer = await tlsPeer(server, options).catch(() => null);
        peer?.socket.on('error', () => undefined);
        peer?.write('ping');
        peer?.end();
        await waitFor(() => server.ClientCount === 0, 'the end of the client');
        armed = false;
        const next = await tlsPeer(server, options);
        await waitFor(() => server.ClientCount === 1 && clientOf(server).SslOK, 'the next one');
        if (!event.startsWith('OnSsl') && event !== 'OnClientConnect') await expectEcho(next);
      });

  it('delivers 8 MB to a slow reader, then ends cleanly by CloseDelayed', async () => {
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.Send(block);
        client.CloseDelayed();
      },
    });
    const peer = await tlsPeer(server);
    peer.socket.pause();
    await waitFor(() => server.ClientCount === 1 && clientOf(server).SslOK, 'the handshake');
    assert.ok(clientOf(server).BufferedByteCount > MIB);
    peer.socket.resume();
    await peer.closed();
    assert.equal(digest(peer.bytes()), digest(block));
  });

  it('delivers what is queued when the peer has finished, and what OnDataSent adds', async () => {
    let rounds = 0;
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.OnDataAvailable = () => {
          client.ReceiveStr();
          client.OnDataSent = () => {
            if (rounds++ < 3) client.Send(block, MIB);
          };
          client.Send(block, MIB);
        };
      },
    });
    const peer = await tlsPeer(server, { allowHalfOpen: true } as object);
    peer.write('all');
    peer.end();
    await peer.closed();
    assert.equal(peer.bytes().length, 4 * MIB);
  });

  it('takes 8 MB from a peer that finishes at once, and answers', async () => {
    let size = 0;
    const hash = createHash('sha256');
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        const buffer = Buffer.alloc(10_000);
        client.OnDataAvailable = () => {
          const got = client.Receive(buffer);
          if (got <= 0) return;
          size += got;
          hash.update(buffer.subarray(0, got));
        };
        client.OnSessionClosed = () => assert.equal(size, block.length);
      },
    });
    const lines = recordTls(server);
    const peer = await tlsPeer(server);
    peer.socket.end(block);
    await gone(lines);
    assert.equal(hash.digest('hex'), digest(block));
  });

  it('stays open with HalfClose: the answer comes after the end of the question', async () => {
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        let text = '';
        client.HalfClose = true;
        client.OnDataAvailable = () => (text += client.ReceiveStr());
        client.OnPeerShutdown = () => {
          client.SendStr(`you said ${text}`);
          client.CloseDelayed();
        };
      },
    });
    const peer = await tlsPeer(server, { allowHalfOpen: true } as object);
    peer.write('question');
    peer.end();
    await peer.closed();
    assert.equal(peer.text, 'you said question');
  });

  it('ends its sending direction by Shutdown(1) with close_notify', async () => {
    let rest = '';
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.OnDataAvailable = () => {
          rest += client.ReceiveStr();
          if (rest === 'go') {
            client.SendStr('done');
            client.Shutdown(1);
          }
        };
      },
    });
    const lines = recordTls(server);
    const peer = await tlsPeer(server, { allowHalfOpen: true } as object);
    peer.write('go');
    await peer.closed();
    assert.equal(peer.text, 'done');
    peer.write(' on');
    peer.end();
    await gone(lines);
    assert.equal(rest, 'go on');
    assert.equal(lines[2], 'OnSslShutDownComplete false 0');
  });

  it('echoes after OnDataAvailable of another connection has freed its server', async () => {
    const other = echoServer();
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        echo(client);
        client.OnDataAvailable = () => server.Free();
      },
    });
    const peer = await tlsPeer(server);
    peer.write('x');
    await peer.closed();
    await expectEcho(await tlsPeer(other));
  });
});
