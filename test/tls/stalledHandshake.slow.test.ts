// The thread stands still for longer than SslHandshakeTimeout while a handshake is under way. What the
// peer has sent meanwhile counts before the timeout, and the peer gets the time to answer once more.
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import type { TSslWSocketServer } from '../../lib';
import { connect, onCleanup, portOf, waitFor } from '../support';
import { nodeHello } from '../ssl/hellos';
import { echoServer, recordTls, testCerts, tlsSocket } from '../support/tls';

const TIMEOUT_MS = 300;
const STALL_MS = 700;

// Other threads, so that they go on while ours stands still.
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads');
const { port, gate, options } = workerData;
const socket = require('node:net').connect(port, '127.0.0.1', () => {
  Atomics.wait(gate, 0, 0); // until the other side stands still
  const session = require('node:tls').connect({ ...options, socket });
  session.on('error', (error) => parentPort.postMessage(String(error)));
  session.on('secureConnect', () => session.write('ping'));
  session.on('data', (bytes) => parentPort.postMessage(String(bytes)));
});
`;
const SERVER = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:tls').createServer(workerData, (session) => {
  session.on('error', () => undefined);
  session.pipe(session);
});
server.on('tlsClientError', () => undefined);
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

interface Thread {
  said: unknown[];
  /** What it said first. */
  first(): Promise<unknown>;
}

function start(code: string, workerData: object): Thread {
  const worker = new Worker(code, { eval: true, workerData });
  onCleanup(() => void worker.terminate());
  const said: unknown[] = [];
  worker.on('message', (message) => void said.push(message));
  const first = async (): Promise<unknown> => {
    await waitFor(() => said.length > 0, 'a word of the other thread');
    return said[0];
  };
  return { said, first };
}

function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
}

/** A client whose hello comes as soon as `go` is called. */
async function waitingClient(
  server: TSslWSocketServer,
  maxVersion: string,
): Promise<Thread & { go: () => void }> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const options = { maxVersion, servername: 'srv.test', rejectUnauthorized: false };
  const thread = start(CLIENT, { port: portOf(server), gate, options });
  await waitFor(() => server.ClientCount === 1, 'the client');
  const go = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return { ...thread, go };
}

describe('A handshake during which the thread stands still', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`[H-136] goes on with a client that has begun meanwhile (${version})`, async () => {
      const server = echoServer({ SslHandshakeTimeout: TIMEOUT_MS });
      const lines = recordTls(server);
      const client = await waitingClient(server, version);
      client.go();
      standStill();
      assert.equal(await client.first(), 'ping', lines.join());
    });

    it(`[H-136] goes on when the time was lost in OnSslServerName (${version})`, async () => {
      const server = echoServer({
        SslHandshakeTimeout: TIMEOUT_MS,
        OnSslServerName: () => standStill(),
      });
      const client = await waitingClient(server, version);
      client.go();
      assert.equal(await client.first(), 'ping');
    });

    it(`[H-136] goes on with a server that has answered meanwhile (${version})`, async () => {
      const { chainPem: cert, keyPem: key } = testCerts().server;
      const port = await start(SERVER, { cert, key, maxVersion: version }).first();
      const socket = tlsSocket(Number(port), { SslHandshakeTimeout: TIMEOUT_MS });
      let got = '';
      const codes: number[] = [];
      socket.OnSessionConnected = () => {
        socket.SendStr('ping');
        setImmediate(standStill); // behind the hello
      };
      socket.OnSslHandshakeDone = (_socket, code) => void codes.push(code);
      socket.OnDataAvailable = () => (got += socket.ReceiveStr());
      socket.Connect();
      await waitFor(() => codes.length > 0, 'the end of the handshake');
      assert.deepEqual(codes, [0], socket.SslHandshakeRespMsg);
      await waitFor(() => got === 'ping', 'the echo');
    });
  }

  it('[H-136] ends at once for a peer that was silent', async () => {
    const server = echoServer({ SslHandshakeTimeout: TIMEOUT_MS });
    const lines = recordTls(server);
    const peer = await connect(server);
    peer.write((await nodeHello({})).subarray(0, 50));
    await waitFor(() => server.ClientCount === 1, 'the client');
    standStill();
    const began = performance.now();
    await peer.closed();
    assert.ok(performance.now() - began < TIMEOUT_MS, 'it got no more time');
    assert.equal(lines.includes('OnSslHandshakeDone 1'), true);
  });

  it('[H-136] ends once more SslHandshakeTimeout later for a peer that has only begun', async () => {
    const server = echoServer({ SslHandshakeTimeout: TIMEOUT_MS });
    const lines = recordTls(server);
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client');
    peer.write(await nodeHello({}));
    standStill();
    const began = performance.now();
    await peer.closed();
    assert.ok(performance.now() - began >= TIMEOUT_MS - 1, 'it got the time once more');
    assert.equal(lines.includes('OnSslHandshakeDone 1'), true);
  });
});
