// Names a client may send: whatever it is, the host is the one named or the default, and nothing
// breaks.
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type * as ics from '../../lib';
import { connect, waitFor } from '../support';
import { bystand, visitors } from '../support/bystander';
import { addHost, certFile, freePort, hostServer } from './hosts';

/** A client's first flight with this name in it, byte for byte. */
function helloWith(name: Buffer | null): Promise<Buffer> {
  const placeholder = 'p'.repeat(name?.length ?? 1);
  return new Promise((resolve) => {
    const pipe = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer) => {
        const hello = Buffer.from(chunk);
        if (name) name.copy(hello, hello.indexOf(placeholder));
        resolve(hello);
        pipe.destroy();
      },
    });
    const options = name === null ? {} : { servername: placeholder };
    tls.connect({ socket: pipe, ...options }).on('error', () => undefined);
  });
}

interface Case {
  readonly what: string;
  readonly name: Buffer | null;
  /** Host that answers: 0 is the default. */
  readonly host: number;
  /** What OnSslServerName sees; null: it does not fire. */
  readonly seen: string | null;
}

const IDN = 'xn--mnchen-3ya.test';
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const LONG = `${'a.'.repeat(124)}b.test.`; // 255 bytes
const CASES: readonly Case[] = [
  { what: 'unknown', name: latin1('unknown.test'), host: 0, seen: 'unknown.test' },
  { what: 'none', name: null, host: 0, seen: null },
  { what: '255 bytes', name: latin1(LONG), host: 0, seen: LONG },
  { what: 'an address', name: latin1('127.0.0.1'), host: 0, seen: '127.0.0.1' },
  { what: 'a NUL', name: latin1('b.test\0.evil'), host: 0, seen: null },
  { what: 'upper case', name: latin1('B.TEST'), host: 1, seen: 'B.TEST' },
  { what: 'a trailing dot', name: latin1('b.test.'), host: 1, seen: 'b.test.' },
  { what: 'IDN', name: latin1(IDN), host: 2, seen: 'münchen.test' },
];

describe('A name sent by a client', () => {
  it('[H-95] leads to its host or to the default one, whatever it is', async () => {
    const server = hostServer();
    const port = await freePort();
    for (const names of [['a.test'], ['b.test'], [IDN]])
      addHost(server, names, { BindSslPort: port, SslCert: certFile(names) });
    const seen: string[] = [];
    const clients: ics.TSslWSocketClient[] = [];
    server.OnClientConnect = (_s, client) => void clients.push(client as ics.TSslWSocketClient);
    server.OnSslServerName = (client) => void seen.push(client.SslServerName);
    server.Listen();
    await bystand(server, { port });
    const found = [];
    for (const { what, name } of CASES) {
      seen.length = 0;
      const peer = await connect(port);
      peer.write(await helloWith(name));
      const client = (): ics.TSslWSocketClient => clients.at(-1)!;
      await waitFor(() => peer.text.length > 0 || peer.isClosed, `an answer to ${what}`);
      found.push({ what, name, host: Math.max(client().IcsHostIdx, 0), seen: seen[0] ?? null });
      peer.reset();
      await waitFor(() => visitors(server).length === 0, 'its end');
    }
    assert.deepEqual(found, CASES);
  });
});
