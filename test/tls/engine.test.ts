// The engine of servers that drives Node's TLS without its streams (lib/ssl/directFilter.ts).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { TSslWSocketClient, TSslWSocketServer } from '../../lib';
import { nodeTls } from '../../lib/ssl/nodeTls';
import { expectEcho, onCleanup, waitFor } from '../support';
import { memoryInUse, openDescriptors } from '../support/memory';
import { portOf } from '../support/startServer';
import { skipUnless } from '../support/skipTest';
import {
  echoServer,
  newContext,
  recordTls,
  startTlsServer,
  testCerts,
  tlsPeer,
} from '../support/tls';
import { type SessionWatch, watchSessions } from '../support/tlsWatch';

const MIB = 1024 * 1024;
const RECORD_HEADER = 5;

let options: tls.ConnectionOptions | undefined;

/** One context for all clients: making one takes longer than a handshake. */
function clientOptions(): tls.ConnectionOptions {
  const { server: cert } = testCerts();
  options ??= {
    secureContext: tls.createSecureContext({ cert: cert.pem, key: cert.keyPem }),
    rejectUnauthorized: false,
  };
  return options;
}

type Act = (client: TSslWSocketClient) => void;
type Event = 'OnSslHandshakeDone' | 'OnDataAvailable' | 'OnSslVerifyPeer' | 'OnSslShutDownComplete';

/** An echo server that asks for certificates; its clients do `act` in the event, behind a Send. */
function actingServer(event: Event, act: Act): TSslWSocketServer {
  const run = (sender: object): void => {
    const client = sender as TSslWSocketClient;
    client.SendStr('last');
    act(client);
  };
  return startTlsServer({
    SslContext: newContext({ SslVerifyPeer: true }),
    OnSslVerifyPeer: (client, ok) => {
      ok.Value = 1;
      if (event === 'OnSslVerifyPeer') run(client);
    },
    OnSslHandshakeDone: (client) => {
      if (event === 'OnSslHandshakeDone') run(client);
    },
    OnClientConnect: (_server, sender) => {
      const client = sender as TSslWSocketClient;
      client.OnDataAvailable = () => {
        const text = client.ReceiveStr();
        if (event === 'OnDataAvailable') run(client);
        else client.SendStr(text);
      };
      client.OnSslShutDownComplete = () => {
        if (event === 'OnSslShutDownComplete') run(client);
      };
    },
  });
}

async function nothingLeft(watch: SessionWatch, descriptors: number): Promise<void> {
  assert.ok(watch.direct.made > 0);
  assert.equal(watch.streamed.made, 0);
  await waitFor(() => openDescriptors() <= descriptors, 'the descriptors');
  await watch.direct.settled();
}

/** A client whose ciphertext passes a hand that may keep or cut it. */
interface Tapped {
  readonly session: tls.TLSSocket;
  readonly under: net.Socket;
  /** What the client has written while `held`; it was not passed on. */
  readonly written: Buffer[];
  held: boolean;
}

// The end of the connection is not passed on: the session ends by close_notify only.
function tapped(server: TSslWSocketServer): Tapped {
  const under = net.connect({ port: portOf(server), host: '127.0.0.1', noDelay: true });
  onCleanup(() => under.destroy());
  const pipe = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      if (state.held) state.written.push(Buffer.from(chunk));
      else under.write(chunk);
      done();
    },
  });
  const state = { held: false, written: [] as Buffer[] };
  under.on('error', () => undefined).on('data', (bytes: Buffer) => pipe.push(bytes));
  const session = tls.connect({ socket: pipe, ...clientOptions() });
  session.on('error', () => under.destroy());
  return Object.assign(state, { session, under });
}

async function openTap(server: TSslWSocketServer): Promise<Tapped> {
  const tap = tapped(server);
  await once(tap.session, 'secureConnect');
  return tap;
}

interface Ending {
  text: string;
  /** Ended by the server's close_notify. */
  clean: boolean;
}

/** Sends at once, in two records, and ends with the server, or first. */
async function talk(server: TSslWSocketServer, ends: boolean): Promise<Ending> {
  const ending: Ending = { text: '', clean: false };
  const { session, under } = tapped(server);
  session.on('secureConnect', () => {
    session.write('first ');
    session.write('second');
    if (ends) session.end();
  });
  session.on('data', (bytes: Buffer) => (ending.text += bytes.toString()));
  session.on('end', () => (ending.clean = true));
  await new Promise((resolve) => under.on('close', resolve)); // also behind an error
  session.destroy();
  return ending;
}

/** Ciphertext of one record with `size` bytes, which the server has not seen. */
async function heldRecord(tap: Tapped, size: number): Promise<Buffer> {
  tap.held = true;
  tap.session.write('x'.repeat(size));
  await waitFor(() => tap.written.length > 0, 'the record');
  return Buffer.concat(tap.written.splice(0));
}

const gone = (lines: string[]): Promise<void> =>
  waitFor(() => lines.at(-1)?.startsWith('OnClientDisconnect') ?? false, 'OnClientDisconnect');

describe('TLS without the streams of Node', () => {
  before(skipUnless(nodeTls() !== null, 'this Node, or the environment, has TLS over streams'));

  before(() => {
    net
      .connect({ port: 1, host: '127.0.0.1' })
      .on('error', () => undefined)
      .destroy(); // opens what Node keeps
  });

  it('runs the sessions of a server, and not where events of Node are wanted', async () => {
    const watch = watchSessions();
    await expectEcho(await tlsPeer(echoServer()));
    assert.deepEqual([watch.direct.made, watch.streamed.made], [1, 0]);
    const storing = echoServer({ OnSslSvrNewSession: () => undefined });
    await expectEcho(await tlsPeer(storing));
    assert.deepEqual([watch.direct.made, watch.streamed.made], [1, 1]);
  });

  for (const coalesce of [true, false])
    it(`keeps the order of a megabyte in many small Sends (CoalesceSends ${coalesce})`, async () => {
      const block = randomBytes(MIB);
      const server = startTlsServer({
        OnClientConnect: (_server, client) => {
          client.CoalesceSends = coalesce;
          client.OnDataAvailable = () => {
            client.ReceiveStr();
            for (let at = 0; at < MIB;) {
              const size = 1 + ((at * 7) % 997);
              client.Send(block.subarray(at, at + size));
              at += size;
            }
          };
        },
      });
      const peer = await tlsPeer(server);
      peer.write('go');
      assert.ok((await peer.read(MIB)).equals(block));
    });

  const events: Event[] = [
    'OnSslHandshakeDone',
    'OnDataAvailable',
    'OnSslVerifyPeer',
    'OnSslShutDownComplete',
  ];
  for (const event of events)
    for (const how of ['Close', 'Abort', 'Free'] as const)
      it(`lives through ${how} in ${event} with data in both directions`, async () => {
        const watch = watchSessions();
        const server = actingServer(event, (client) => client[how]());
        server.OnBgException = (_sender, E) => assert.fail(E);
        const descriptors = openDescriptors();
        const endings: Ending[] = [];
        for (let i = 0; i < 5; i++)
          endings.push(await talk(server, event === 'OnSslShutDownComplete'));
        await waitFor(() => server.ClientCount === 0, 'the ends');
        await nothingLeft(watch, descriptors);
        if (event === 'OnDataAvailable' && how !== 'Abort')
          for (const ending of endings) assert.deepEqual(ending, { text: 'last', clean: true });
        if (event === 'OnSslShutDownComplete' && how !== 'Abort')
          for (const ending of endings) assert.equal(ending.text, 'first secondlast');
        // What is sent before the end of OnSslHandshakeDone waits for it, and goes with the Close.
        if (event === 'OnSslHandshakeDone' && how !== 'Abort')
          for (const ending of endings) assert.deepEqual(ending, { text: '', clean: true });
        if (event === 'OnSslVerifyPeer')
          // nobody was accepted yet: nothing is said
          for (const ending of endings) assert.equal(ending.text, '');
      });

  it('tells a record that is cut by the FIN as an end without close_notify', async () => {
    for (const part of [1, RECORD_HEADER, RECORD_HEADER + 1, -1]) {
      const server = echoServer();
      const lines = recordTls(server);
      const tap = await openTap(server);
      const record = await heldRecord(tap, 500);
      await waitFor(() => lines.includes('OnSslHandshakeDone 0'), 'the handshake');
      tap.under.end(record.subarray(0, part));
      await gone(lines);
      assert.deepEqual(lines.slice(2), [
        'OnSslShutDownComplete false 294',
        'OnSessionClosed 0',
        'OnClientDisconnect 0',
      ]);
    }
  });

  for (const where of ['between two records', 'inside a record'])
    it(`tells a reset ${where} by its number, behind the data before it`, async () => {
      const watch = watchSessions();
      let got = 0;
      const server = startTlsServer({
        OnClientConnect: (_server, client) => {
          client.OnDataAvailable = () => (got += client.ReceiveStr().length);
        },
      });
      const lines = recordTls(server);
      const descriptors = openDescriptors();
      const tap = await openTap(server);
      const first = await heldRecord(tap, 500);
      const second = await heldRecord(tap, 500);
      tap.under.write(first);
      if (where === 'inside a record') tap.under.write(second.subarray(0, 100));
      await waitFor(() => got === 500, 'the first record');
      tap.under.resetAndDestroy();
      await gone(lines);
      assert.equal(got, 500);
      assert.deepEqual(lines.slice(2), [
        'OnSslShutDownComplete false 10054',
        'OnSessionClosed 10054',
        'OnClientDisconnect 10054',
      ]);
      tap.session.destroy();
      await nothingLeft(watch, descriptors);
    });

  it('[SSL-47] holds nothing of 2,000 connections that end in all ways', async () => {
    const watch = watchSessions();
    const ways: Act[] = [
      (c) => c.Close(),
      (c) => c.Abort(),
      (c) => c.Free(),
      (c) => c.CloseDelayed(),
    ];
    let turn = 0;
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.OnDataAvailable = () => {
          client.SendStr(client.ReceiveStr());
          ways[turn++ % ways.length]!(client as TSslWSocketClient);
        };
      },
    });
    const one = (): Promise<void> =>
      new Promise((resolve) => {
        const target = { port: portOf(server), host: '127.0.0.1', ...clientOptions() };
        const session = tls.connect(target, () => session.write('x'));
        session.on('error', () => undefined).on('close', () => resolve());
        session.resume();
      });
    const burst = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, one));
      await waitFor(() => server.ClientCount === 0, 'the ends');
    };
    await burst(200);
    const descriptors = openDescriptors();
    const handles = process.getActiveResourcesInfo().length;
    const before = await memoryInUse();
    await burst(2000);
    await nothingLeft(watch, descriptors);
    assert.equal(watch.direct.made, 2200);
    const after = await memoryInUse();
    assert.ok(process.getActiveResourcesInfo().length <= handles, 'active handles');
    assert.ok(after.heap - before.heap < 6, `heap grew by ${after.heap - before.heap} MiB`);
    assert.ok(after.external - before.external < 8, `${after.external - before.external} MiB`);
  }).timeout(60_000);
});
