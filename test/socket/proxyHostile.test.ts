// Proxies that do not keep to the rules: each gives one OnSessionConnected with a code and a close,
// whatever it sends and however it cuts that up.

import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { wsClosed } from '../../lib';
import { waitFor } from '../support';
import { newProxied, outcome, plainServer } from './proxied';
import type { Proxied } from './proxied';

type Talk = (peer: Socket) => void;

const bytes = (...values: number[]): Buffer => Buffer.from(values);

/** Sends an answer to the first bytes of the client. */
const answer =
  (data: Buffer | string, end = false): Talk =>
  (peer) =>
    peer.once('data', () => {
      if (end) peer.end(data);
      else peer.write(data);
    });

/** The same in pieces of one byte, each a segment of its own. */
const dribble =
  (data: Buffer): Talk =>
  (peer) => {
    peer.setNoDelay(true);
    peer.once('data', () => {
      const next = (at: number): void => {
        if (at < data.length && !peer.destroyed)
          peer.write(data.subarray(at, at + 1), () => setImmediate(next, at + 1));
      };
      next(0);
    });
  };

const afterGreeting =
  (reply: Buffer, end = false): Talk =>
  (peer) => {
    peer.once('data', () => {
      peer.write(bytes(5, 0));
      answer(reply, end)(peer);
    });
  };

async function expectFailure(kind: 'socks5' | 'socks4' | 'http', talk: Talk): Promise<Proxied> {
  const proxy = await plainServer(talk);
  const client = newProxied(80);
  client.socket.ProxyURL = `${kind}://127.0.0.1:${proxy.port}`;
  await outcome(client);
  await waitFor(() => client.socket.State === wsClosed, 'the close');
  const { lines } = client;
  assert.equal(lines.filter((line) => line.startsWith('OnSessionConnected')).length, 1);
  assert.equal(lines.at(-1), 'OnSessionClosed 0', lines.join(' | '));
  assert.deepEqual(client.received, []);
  return client;
}

interface Case {
  what: string;
  kind: 'socks5' | 'socks4' | 'http';
  code: number;
  talk: Talk;
}

const head = 'HTTP/1.1 200 OK\r\n';
const big = Buffer.alloc(200_000, 'x: y\r\n');
const demand =
  'HTTP/1.1 407 Again\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n';

const CASES: Case[] = [
  { what: 'garbage', kind: 'socks5', code: 20002, talk: answer('GET / HTTP/1.0\r\n') },
  { what: 'data before its answer', kind: 'socks5', code: 20002, talk: (p) => p.write('hello') },
  { what: 'a method nobody offered', kind: 'socks5', code: 20003, talk: answer(bytes(5, 2)) },
  { what: 'a method nobody knows', kind: 'socks5', code: 20001, talk: answer(bytes(5, 77)) },
  { what: 'a close in the middle', kind: 'socks5', code: 20014, talk: answer(bytes(5), true) },
  { what: 'a close at once', kind: 'socks5', code: 20014, talk: (p) => p.end() },
  {
    what: 'a reset',
    kind: 'socks5',
    code: 20014,
    talk: (p) => void p.once('data', () => p.resetAndDestroy()),
  },
  {
    what: 'another version in the second reply',
    kind: 'socks5',
    code: 20002,
    talk: afterGreeting(bytes(4, 0, 0, 1, 0, 0, 0, 0, 0, 0)),
  },
  {
    what: 'an unknown address type',
    kind: 'socks5',
    code: 20011,
    talk: afterGreeting(bytes(5, 0, 0, 9, 0, 0, 0, 0, 0, 0)),
  },
  {
    what: 'an unknown reply code',
    kind: 'socks5',
    code: 20012,
    talk: afterGreeting(bytes(5, 200, 0, 1, 0, 0, 0, 0, 0, 0)),
  },
  {
    what: 'a name of 255 bytes cut off',
    kind: 'socks5',
    code: 20014,
    talk: afterGreeting(Buffer.concat([bytes(5, 0, 0, 3, 255), Buffer.alloc(200, 'n')]), true),
  },
  {
    what: 'the reply of SOCKS 5',
    kind: 'socks4',
    code: 20002,
    talk: answer(bytes(5, 0, 0, 1, 0, 0, 0, 0)),
  },
  {
    what: 'an unknown code',
    kind: 'socks4',
    code: 20012,
    talk: answer(bytes(0, 99, 0, 0, 0, 0, 0, 0)),
  },
  { what: 'garbage', kind: 'http', code: 21000, talk: answer('SSH-2.0-OpenSSH\r\n\r\n') },
  {
    what: 'an endless stream without a line',
    kind: 'http',
    code: 21000,
    talk: answer(Buffer.alloc(1_000_000, 'H')),
  },
  { what: 'an endless line', kind: 'http', code: 21000, talk: answer(head + 'x'.repeat(9000)) },
  {
    what: 'an endless head',
    kind: 'http',
    code: 21000,
    talk: answer(Buffer.concat([Buffer.from(head), big])),
  },
  {
    what: 'an empty line first',
    kind: 'http',
    code: 21000,
    talk: answer('\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
  },
  { what: 'a NUL in its head', kind: 'http', code: 21000, talk: answer(`${head}a: \0\r\n\r\n`) },
  {
    what: 'a status that is no number',
    kind: 'http',
    code: 21000,
    talk: answer('HTTP/1.1 abc\r\n\r\n'),
  },
  { what: 'the status 000', kind: 'http', code: 21000, talk: answer('HTTP/1.1 000 ?\r\n\r\n') },
  { what: 'the status 999', kind: 'http', code: 21000, talk: answer('HTTP/1.1 999 ?\r\n\r\n') },
  { what: 'a close in the head', kind: 'http', code: 21001, talk: answer(`${head}a: b\r\n`, true) },
  {
    what: 'endless interim answers',
    kind: 'http',
    code: 21000,
    talk: answer('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)),
  },
  {
    what: 'a redirection',
    kind: 'http',
    code: 21302,
    talk: answer('HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n'),
  },
];

describe('A proxy that does not keep to the rules', () => {
  for (const { what, kind, code, talk } of CASES)
    it(`${kind}: ${what} gives ${code} once, and a close`, async () => {
      const client = await expectFailure(kind, talk);
      assert.equal(client.lines.at(-2), `OnSessionConnected ${code}`, client.lines.join(' | '));
      assert.equal(client.socket.LastError, code);
    });

  it('http: refusing for ever costs three requests, not an endless loop', async () => {
    let requests = 0;
    const proxy = await plainServer((peer) => {
      peer.on('data', () => {
        requests++;
        peer.write(demand.replace('Basic', `Digest nonce="${requests}", stale=true,`));
      });
    });
    const client = newProxied(80);
    client.socket.ProxyURL = `http://user:secret@127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 21407);
    assert.equal(requests, 3);
  });

  it('http: closing after the demand and refusing the next connection is one failure', async () => {
    const proxy = await plainServer((peer) => {
      proxy.close();
      answer('HTTP/1.0 407 No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n', true)(peer);
    });
    const client = newProxied(80);
    client.socket.ProxyURL = `http://user:secret@127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 10061);
    await waitFor(() => client.lines.includes('OnSessionClosed 0'), 'the close');
    assert.deepEqual(client.lines, [
      'OnHttpTunnelConnected 0',
      'OnSessionConnected 10061',
      'OnSessionClosed 0',
    ]);
  });

  const granted5 = Buffer.concat([bytes(5, 0), bytes(5, 0, 0, 3, 4), Buffer.from('name12')]);
  const granted: { kind: string; reply: Buffer }[] = [
    { kind: 'socks5', reply: granted5 },
    { kind: 'socks4', reply: bytes(0, 90, 0, 0, 0, 0, 0, 0) },
    { kind: 'http', reply: Buffer.from(`${head}A: b\r\nTransfer-Encoding: chunked\r\n\r\n`) },
  ];

  for (const { kind, reply } of granted) {
    it(`${kind}: an answer in pieces of one byte is understood, and the rest is data`, async () => {
      const proxy = await plainServer(dribble(Buffer.concat([reply, Buffer.from('payload')])));
      const client = newProxied(80);
      client.socket.ProxyURL = `${kind}://127.0.0.1:${proxy.port}`;

      assert.equal(await outcome(client), 0);
      await waitFor(() => client.received.join('') === 'payload', 'the payload');
    });

    it(`${kind}: a second answer behind the first is data, and connects nothing twice`, async () => {
      const proxy = await plainServer(answer(Buffer.concat([reply, reply])));
      const client = newProxied(80);
      client.socket.ProxyURL = `${kind}://127.0.0.1:${proxy.port}`;
      const data: Buffer[] = [];
      client.socket.OnDataAvailable = () => void data.push(client.socket.ReceiveTB());

      assert.equal(await outcome(client), 0);
      await waitFor(() => Buffer.concat(data).length >= reply.length, 'the second answer');
      assert.deepEqual(Buffer.concat(data), reply);
      assert.equal(client.lines.filter((line) => line.startsWith('OnSessionC')).length, 1);
    });

    it(`${kind}: data and the end right behind the answer are delivered before the close`, async () => {
      const proxy = await plainServer(
        answer(Buffer.concat([reply, Buffer.from('a\r\nrest')]), true),
      );
      const client = newProxied(80);
      client.socket.LineMode = true;
      client.socket.ProxyURL = `${kind}://127.0.0.1:${proxy.port}`;

      assert.equal(await outcome(client), 0);
      await waitFor(() => client.lines.includes('OnSessionClosed 0'), 'the close');
      assert.deepEqual(client.received, ['a\r\n', 'rest']);
    });
  }
});
