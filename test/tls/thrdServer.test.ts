// TSslWSocketThrdServer: TLS in worker threads.
import assert from 'node:assert/strict';
import { threadId } from 'node:worker_threads';
import { TSslMode, TSslWSocketThrdServer, type TWSocketThrdServer } from '../../lib';
import { connect, track, waitFor } from '../support';
import { makeCert } from '../support/certificates';
import { startThrdServer } from '../support/thrdServer';
import { handshakeError, newContext, testCerts, tlsPeer, type TlsPeer } from '../support/tls';

function start(props: Partial<TWSocketThrdServer> = {}): TSslWSocketThrdServer {
  const all = { SslContext: newContext(), ...props };
  return startThrdServer(all, 'tlsThrdModule', TSslWSocketThrdServer) as TSslWSocketThrdServer;
}

const peerOf = (server: TWSocketThrdServer, options = {}): Promise<TlsPeer> =>
  tlsPeer(Number(server.BindPort), { servername: 'srv.test', ...options });

async function ask(peer: TlsPeer, text: string): Promise<string> {
  peer.write(`${text}\n`);
  return peer.line('\n');
}

describe('TSslWSocketThrdServer', function () {
  this.timeout(60_000);

  it('has the defaults of TSslWSocketServer', () => {
    const { SslEnable, Port, Addr, Proto, SslMode } = track(new TSslWSocketThrdServer());
    assert.deepEqual([SslEnable, Port, Addr, Proto], [true, '443', '0.0.0.0', 'tcp']);
    assert.equal(SslMode, TSslMode.sslModeServer);
  });

  it('handshakes, banner and data are those of the worker, nothing goes out in clear', async () => {
    const log: string[] = [];
    const server = start({
      Banner: 'welcome',
      OnClientConnect: (_Sender, Client) => {
        log.push('connect');
        Client.SendStr('early\n');
      },
      OnClientDisconnect: (_Sender, _Client, ErrCode) => void log.push(`disconnect ${ErrCode}`),
    });
    const peer = await peerOf(server);
    assert.equal(await peer.line('\n'), 'early');
    assert.equal(await peer.line('\r\n'), 'welcome');
    const facts = JSON.parse(await ask(peer, 'facts')) as Record<string, unknown>;
    assert.notEqual(facts['threadId'], threadId);
    assert.deepEqual(
      [facts['handshake'], facts['SslServerName'], facts['SslEnable']],
      [0, 'srv.test', true],
    );
    const long = 'x'.repeat(60_000);
    assert.equal(await ask(peer, long), long);
    peer.write('bye\n');
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => log.length === 2, log.join());
    assert.deepEqual(log, ['connect', 'disconnect 0']);
  });

  it('clients have their workers, and a session of one is resumed by another', async () => {
    const server = start({ ClientsPerThread: 1 });
    const first = await peerOf(server);
    await ask(first, 'hello');
    await waitFor(() => first.tickets.length > 0, 'a ticket');
    const second = await peerOf(server, { session: first.tickets[0] });
    assert.equal(server.ThreadCount, 2);
    assert.ok(second.socket.isSessionReused());
    assert.equal(await ask(second, 'second'), 'second');
    assert.equal(await ask(first, 'first'), 'first');
  });

  it('a new certificate is served to new clients of old workers, open sessions go on', async () => {
    const context = newContext();
    const server = start({ SslContext: context, ClientsPerThread: 10 });
    const old = await peerOf(server);
    const next = makeCert({ ca: testCerts().ca, cn: 'srv.test', names: ['srv.test'] });
    context.SslCertLines.Text = next.chainPem;
    context.SslPrivKeyLines.Text = next.keyPem;
    context.InitContext();
    const fresh = await peerOf(server);
    assert.equal(server.ThreadCount, 1);
    assert.equal(fresh.socket.getPeerCertificate().serialNumber, next.cert.serialNumber);
    assert.equal(await ask(old, 'still here'), 'still here');
  });

  it('without a context the client is dropped, and the next one is served', async () => {
    const server = start({ SslContext: null, ClientsPerThread: 10 });
    const peer = await connect(server);
    await peer.closed();
    assert.equal(peer.text, '');
    await waitFor(() => server.ClientCount === 0, 'the end of the client');
    server.SslContext = newContext();
    assert.equal(await ask(await peerOf(server), 'served'), 'served');
  });

  it('a context that cannot be made drops the client and is reported in the main thread', async () => {
    const said: string[] = [];
    const server = start();
    server.OnClientConnect = (_Sender, Client) => {
      Client.OnBgException = (_client, E) => void said.push(E.message);
    };
    server.SslContext!.SslCipherList = 'no such cipher';
    server.SslContext!.DeInitContext();
    const peer = await connect(server).catch(() => null); // the reset may be faster
    await peer?.closed();
    await waitFor(() => said.length === 1, 'OnBgException');
    await waitFor(() => server.ClientCount === 0, 'the end of the client');
  });

  it('a handshake begun in OnClientConnect cannot move: the client is dropped and that is told', async () => {
    const said: string[] = [];
    const server = start();
    server.OnClientConnect = (_Sender, Client) => {
      Client.OnBgException = (_client, E) => void said.push(E.message);
      Client.SslContext = server.SslContext;
      Client.AcceptSslHandshake();
    };
    await assert.rejects(peerOf(server));
    await waitFor(() => server.ClientCount === 0 && said.length > 0, 'the end of the client');
    assert.match(said.join(), /10045/);
  });

  it('who does not begin the handshake is closed after SslHandshakeTimeout', async () => {
    const server = start({ SslHandshakeTimeout: 300 });
    const peer = await connect(server);
    await peer.closed();
    assert.equal(peer.text, '');
    await waitFor(() => server.ClientCount === 0, 'the end of the client');
  });

  it('garbage in place of a handshake ends that client only', async () => {
    const server = start({ ClientsPerThread: 10 });
    const good = await peerOf(server);
    const bad = await connect(server);
    bad.write('GET / HTTP/1.1\r\n\r\n');
    await bad.closed();
    await waitFor(() => server.ClientCount === 1, 'the end of the client');
    assert.equal(await ask(good, 'still here'), 'still here');
  });

  it('one client too many is closed without a word', async () => {
    const server = start({ MaxClients: 1 });
    const first = await peerOf(server);
    await assert.rejects(peerOf(server));
    assert.ok(await handshakeError(Number(server.BindPort)));
    assert.equal(await ask(first, 'still here'), 'still here');
  });

  it('SslEnable taken back in OnClientConnect: the client is served in clear', async () => {
    const server = start({
      OnClientConnect: (_Sender, Client) => {
        Client.SendStr('early\n');
        Client.SslEnable = false;
      },
    });
    const peer = await connect(server);
    assert.equal(await peer.line('\n'), 'early');
    peer.write('facts\n');
    const facts = JSON.parse(await peer.line('\n')) as Record<string, unknown>;
    assert.deepEqual([facts['SslEnable'], facts['handshake']], [false, -1]);
  });
});
