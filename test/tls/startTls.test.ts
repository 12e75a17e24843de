// TLS that begins, ends and begins again on a connection that exists: both directions.
import assert from 'node:assert/strict';
import type net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import {
  ESslContextException,
  TSslState,
  TSslWSocketClient,
  type TSslWSocketServer,
} from '../../lib';
import { connect, expectEcho, waitFor } from '../support';
import { bystand, visitors } from '../support/bystander';
import {
  clientContext,
  clientOf,
  echoServer,
  newContext,
  recordTls,
  startTlsServer,
  testCerts,
  tlsOver,
  tlsSocket,
} from '../support/tls';

/** A server in clear; `STLS` begins TLS, `CCC` ends it, other lines are sent back. */
function upgrading(props: Partial<TSslWSocketServer> = {}): TSslWSocketServer {
  const context = newContext();
  return startTlsServer({
    SslContext: context,
    SslEnable: false,
    OnClientConnect: (_server, c) => {
      const client = c as TSslWSocketClient;
      client.LineMode = true;
      client.OnDataAvailable = () => {
        const line = client.ReceiveStr().trimEnd();
        if (line === 'STLS') {
          client.SendLine('go ahead');
          client.SslEnable = true;
          client.SslContext = context;
          client.AcceptSslHandshake();
        } else if (line === 'CCC') {
          client.SendLine('back to clear');
          client.SslBiShutDownAsync();
        } else {
          client.SendLine(`${client.SslOK ? 'secret' : 'clear'} ${line}`);
        }
      };
    },
    ...props,
  });
}

describe('STARTTLS', () => {
  it('[SSL-33] [WSS-120] answers in clear and goes on encrypted', async () => {
    const server = upgrading();
    const peer = await connect(server);
    peer.write('one\r\n');
    assert.equal(await peer.line(), 'clear one');
    peer.write('STLS\r\n');
    assert.equal(await peer.line(), 'go ahead');
    let done = -1;
    clientOf(server).OnSslHandshakeDone = (_client: object, code: number) => void (done = code);
    const secure = await tlsOver(peer);
    secure.write('two\r\n');
    assert.equal(await secure.line(), 'secret two');
    assert.equal(done, 0);
  });

  it('[H-102] throws away what came in clear behind the command, and counts it', async () => {
    const server = upgrading();
    await bystand(server);
    const peer = await connect(server);
    peer.write('STLS\r\nRCPT TO:<victim>\r\n');
    assert.equal(await peer.line(), 'go ahead');
    const client = clientOf(server);
    assert.equal(client.SslDiscardedByteCount, 'RCPT TO:<victim>\r\n'.length);
    const secure = await tlsOver(peer);
    secure.write('two\r\n');
    assert.equal(await secure.line(), 'secret two');
    assert.equal(secure.text.includes('victim'), false);
  });

  it('[H-102] fails when more of it is on its way', async () => {
    const server = upgrading();
    await bystand(server);
    const lines = recordTls(server);
    const peer = await connect(server);
    peer.write('STLS\r\n');
    assert.equal(await peer.line(), 'go ahead');
    clientOf(server).OnSslHandshakeDone = (_client: object, code: number) =>
      void lines.push(`OnSslHandshakeDone ${code}`);
    peer.write('RCPT TO:<victim>\r\n');
    await peer.closed();
    assert.equal(peer.text, 'go ahead\r\n');
    await waitFor(() => lines.length === 4, lines.join());
    assert.deepEqual(lines.slice(1, 3), ['OnSslHandshakeDone 267', 'OnSessionClosed 10053']);
  });

  it('[H-102] throws away the rest of a read in raw mode, too', async () => {
    const context = newContext();
    const server = startTlsServer({
      SslEnable: false,
      OnClientConnect: (_server, c) => {
        const client = c as TSslWSocketClient;
        client.OnDataAvailable = () => {
          const first = Buffer.alloc(4);
          client.Receive(first);
          client.PeekData(Buffer.alloc(100));
          client.SslEnable = true;
          client.SslContext = context;
          client.OnDataAvailable = () => client.SendStr(client.ReceiveStr());
          client.AcceptSslHandshake();
        };
      },
    });
    await bystand(server);
    const peer = await connect(server);
    peer.write('STLSinjected');
    await waitFor(
      () => visitors(server).length === 0 || clientOf(server).SslState !== TSslState.sslNone,
      'TLS',
    );
    await peer.closed(); // the kernel's bytes belong to TLS, which they break
    assert.equal(peer.text, '');
  });

  it('goes back to clear and to TLS again', async () => {
    const server = upgrading();
    const ends: string[] = [];
    const peer = await connect(server);
    for (let round = 0; round < 3; round++) {
      peer.write('STLS\r\n');
      assert.equal(await peer.line(), 'go ahead');
      const client = clientOf(server);
      client.OnSslShutDownComplete = (_c: object, both: boolean, code: number) =>
        void ends.push(`${both} ${code}`);
      const secure = new ManualTls(peer.socket);
      await secure.ready;
      secure.send('hidden\r\n');
      assert.equal(await secure.line(), 'secret hidden');
      secure.send('CCC\r\n');
      assert.equal(await secure.line(), 'back to clear');
      secure.close();
      await waitFor(() => ends.length === round + 1, 'the end of TLS');
      assert.equal(client.SslEnable, false);
      assert.equal(client.SslState, TSslState.sslNone);
      secure.detach();
      peer.socket.on('data', (bytes: Buffer) => peer.receive(bytes));
      peer.write('plain\r\n');
      assert.equal(await peer.line(), 'clear plain');
    }
    assert.deepEqual(ends, ['true 0', 'true 0', 'true 0']);
  });

  it('takes plain text that comes in the same segment as the end of TLS', async () => {
    const server = upgrading();
    const peer = await connect(server);
    peer.write('STLS\r\n');
    await peer.line();
    const secure = new ManualTls(peer.socket);
    await secure.ready;
    secure.send('CCC\r\n');
    assert.equal(await secure.line(), 'back to clear');
    secure.close(Buffer.from('plain\r\n'));
    secure.detach();
    peer.socket.on('data', (bytes: Buffer) => peer.receive(bytes));
    assert.equal(await peer.line(), 'clear plain');
  });

  it('ends TLS again in OnSslHandshakeDone, behind what was sent there', async () => {
    const server = upgrading();
    const peer = await connect(server);
    peer.write('STLS\r\n');
    assert.equal(await peer.line(), 'go ahead');
    const client = clientOf(server);
    const events: string[] = [];
    client.OnSslHandshakeDone = () => {
      client.SendLine('known');
      client.SslBiShutDownAsync();
      events.push(TSslState[client.SslState]);
    };
    client.OnSslShutDownComplete = (_client, both, code) => void events.push(`${both} ${code}`);
    const secure = new ManualTls(peer.socket);
    await secure.ready;
    assert.equal(await secure.line(), 'known');
    secure.close(Buffer.from('plain\r\n'));
    secure.detach();
    peer.socket.on('data', (bytes: Buffer) => peer.receive(bytes));
    assert.equal(await peer.line(), 'clear plain');
    assert.deepEqual(events, ['sslInShutdown', 'true 0']);
  });

  it('[SSL-34] needs a context, and does nothing with SslEnable False', async () => {
    const server = echoServer({ SslEnable: false });
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client');
    const client = clientOf(server);
    client.AcceptSslHandshake();
    await expectEcho(peer);
    client.SslEnable = true;
    client.SslContext = null;
    assert.throws(
      () => client.AcceptSslHandshake(),
      (E) => E instanceof ESslContextException && E.message === 'SSL requires a context object',
    );
    client.SslEnable = false;
    await expectEcho(peer);
  });

  it('[SSL-34] tells a context that cannot be initialised, and stays plain', async () => {
    const server = echoServer({ SslEnable: false });
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client');
    const client = clientOf(server);
    const context = newContext();
    context.DeInitContext();
    context.SslCipherList = '';
    client.SslEnable = true;
    client.SslContext = context;
    const done: number[] = [];
    client.OnSslHandshakeDone = (_c: object, code: number) => void done.push(code);
    assert.throws(() => client.AcceptSslHandshake(), ESslContextException);
    assert.deepEqual(done, [1]);
    assert.equal(client.SslState, TSslState.sslNone);
    client.SslEnable = false;
    await expectEcho(peer);
  });

  it('works for a client with StartSslHandshake', async () => {
    const server = upgrading();
    const socket = tlsSocket(server, { SslContext: null, SslEnable: false, LineMode: true });
    const lines: string[] = [];
    socket.OnSessionConnected = () => void socket.SendLine('STLS');
    socket.OnSslHandshakeDone = (_s, code) => {
      lines.push(`done ${code}`);
      socket.SendLine('two');
    };
    socket.OnDataAvailable = () => {
      const line = socket.ReceiveStr().trimEnd();
      lines.push(line);
      if (line !== 'go ahead') return;
      socket.SslContext = clientContext();
      socket.SslServerName = 'srv.test';
      socket.SslEnable = true;
      socket.StartSslHandshake();
    };
    socket.Connect();
    await waitFor(() => lines.length === 3, lines.join());
    assert.deepEqual(lines, ['go ahead', 'done 0', 'secret two']);
  });
});

/** TLS over a socket whose bytes go through our hands, so that it can end and the socket lives. */
class ManualTls {
  readonly #under: net.Socket;
  readonly #session: tls.TLSSocket;
  readonly #pipe: Duplex;
  #text = '';
  #behind: Buffer | null = null;
  readonly ready: Promise<void>;

  constructor(under: net.Socket) {
    this.#under = under;
    under.removeAllListeners('data');
    this.#pipe = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        under.write(this.#behind ? Buffer.concat([chunk, this.#behind]) : chunk);
        this.#behind = null;
        done();
      },
    });
    under.on('data', (bytes: Buffer) => this.#pipe.push(bytes));
    this.#session = tls.connect({
      socket: this.#pipe,
      ca: testCerts().ca.pem,
      servername: 'srv.test',
    });
    this.#session.on('data', (bytes: Buffer) => (this.#text += bytes.toString()));
    this.#session.on('error', () => undefined);
    this.ready = new Promise((resolve) => this.#session.once('secureConnect', () => resolve()));
  }

  send(text: string): void {
    this.#session.write(text);
  }

  async line(): Promise<string> {
    await waitFor(() => this.#text.includes('\r\n'), 'a line');
    const [line, ...rest] = this.#text.split('\r\n');
    this.#text = rest.join('\r\n');
    return line!;
  }

  /** close_notify, with `behind` in the same write. */
  close(behind: Buffer | null = null): void {
    this.#behind = behind;
    this.#session.end();
  }

  detach(): void {
    this.#under.removeAllListeners('data');
  }
}
