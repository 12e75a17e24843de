// TLS inside the synchronous pump: handshakes, data and ends without a turn of Node's loop.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TSslWSocket, TSslWSocketServer } from '../../lib';
import { isLean } from '../../lib/ssl/carrier';
import { waitFor } from '../support';
import { tempFile } from '../support/certificates';
import { firstMessage, runScript, startWorker } from '../support/runScript';
import { skipUnless } from '../support/skipTest';
import {
  echoServer,
  newContext,
  opensslClient,
  testCerts,
  tlsPeer,
  tlsSocket,
} from '../support/tls';

interface Client {
  socket: TSslWSocket;
  got: string;
  closed: boolean;
}

/** A client in this thread that sends `text` as soon as its handshake is done. */
function localClient(server: TSslWSocketServer, text: string): Client {
  const socket = tlsSocket(server);
  const client: Client = { socket, got: '', closed: false };
  socket.OnSslHandshakeDone = (_s, code) => {
    assert.equal(code, 0);
    socket.SendStr(text);
  };
  socket.OnDataAvailable = () => (client.got += socket.ReceiveStr());
  socket.OnSessionClosed = () => (client.closed = true);
  return client;
}

/** Pumps until the fact holds; Node's loop does not turn meanwhile. */
function pumpUntil(server: TSslWSocketServer, fact: () => boolean): void {
  const deadline = Date.now() + 5000;
  while (!fact()) {
    assert.ok(Date.now() < deadline, 'the pump does not get on');
    server.ProcessMessages();
  }
}

function session(server: TSslWSocketServer): void {
  let turned = false;
  setImmediate(() => (turned = true));
  const client = localClient(server, 'hello');
  client.socket.Connect();
  pumpUntil(server, () => client.got === 'hello');
  client.socket.Close();
  pumpUntil(server, () => server.ClientCount === 0);
  assert.equal(client.closed, true);
  assert.equal(turned, false);
}

describe('TLS in the synchronous pump', () => {
  before(skipUnless(isLean(), 'the public carrier needs turns of the loop of Node'));

  it('makes handshake, echo and end inside ProcessMessages', () => {
    const server = echoServer();
    for (let i = 0; i < 5; i++) session(server);
  });

  it('does so inside a handler of another connection', async () => {
    const inner = echoServer();
    let pumped = false;
    const outer = echoServer({
      OnClientConnect: (_server, client) => {
        client.OnDataAvailable = () => {
          client.ReceiveStr();
          session(inner);
          pumped = true;
          client.SendStr('done');
        };
      },
    });
    const peer = await tlsPeer(outer);
    peer.write('x');
    assert.equal((await peer.read(4)).toString(), 'done');
    assert.equal(pumped, true);
  });

  for (const event of [
    'OnSslServerName',
    'OnSslHandshakeDone',
    'OnSslVerifyPeer',
    'OnSslSvrNewSession',
  ] as const)
    it(`does so inside ${event}`, async () => {
      const inner = echoServer();
      let pumped = 0;
      const context = newContext({ SslVerifyPeer: event === 'OnSslVerifyPeer' });
      const server = echoServer({
        SslContext: context,
        [event]: (...args: unknown[]) => {
          session(inner);
          pumped++;
          const [, ok] = args as [unknown, { Value: number }];
          if (event === 'OnSslVerifyPeer') ok.Value = 1;
        },
      });
      const { server: cert } = testCerts();
      const peer = await tlsPeer(server, {
        servername: 'srv.test',
        cert: cert.pem,
        key: cert.keyPem,
      });
      peer.write('x');
      assert.equal((await peer.read(1)).toString(), 'x');
      assert.ok(pumped > 0);
    });

  it('does so inside OnDataAvailable of the same connection', async () => {
    const server = echoServer({
      OnClientConnect: (_server, client) => {
        let depth = 0;
        client.OnDataAvailable = () => {
          const text = client.ReceiveStr();
          if (++depth < 20) client.ProcessMessages();
          client.SendStr(text);
        };
      },
    });
    const peer = await tlsPeer(server);
    for (let i = 0; i < 50; i++) peer.write('0123456789');
    await peer.read(500);
  });

  for (const how of ['pump', 'loop'])
    it(`serves at CommonJS top level (${how})`, async () => {
      const file = tempFile('server.pem', testCerts().server.bundlePem);
      const script = runScript('tlsPumpAtTop', { args: [file, how] });
      const port = Number(await script.printed('port'));
      const first = await tlsPeer(port);
      assert.equal(await first.line(), 'ready');
      first.write('one\r\n');
      assert.equal(await first.line(), 'echo one');
      const second = opensslClient(port, ['-quiet', '-crlf']);
      second.write('quit\n');
      await second.printed('echo quit');
      await script.printed('returned');
      assert.equal(await script.ended(), 0);
    });

  it('serves by MessageLoop in a worker', async () => {
    const file = tempFile('server.pem', testCerts().server.bundlePem);
    const worker = startWorker('tlsMessageLoopWorker', file);
    const port = (await firstMessage(worker)) as number;
    for (let i = 0; i < 3; i++) {
      const peer = await tlsPeer(port);
      peer.write('one\r\n');
      assert.equal(await peer.line(), 'echo one');
    }
    const last = await tlsPeer(port);
    last.write('quit\r\n');
    assert.equal(await firstMessage(worker), true);
    await once(worker, 'exit');
  });

  it('lives through a worker that is terminated with sessions open', async () => {
    const file = tempFile('server.pem', testCerts().server.bundlePem);
    const worker = startWorker('tlsMessageLoopWorker', file);
    const port = (await firstMessage(worker)) as number;
    const peer = await tlsPeer(port);
    peer.write('one\r\n');
    await peer.line();
    await worker.terminate();
    await waitFor(() => peer.isClosed, 'the end of the connection');
  });
});
