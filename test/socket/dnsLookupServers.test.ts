// DnsServers: lookups at a server the application names, against one that answers well, badly or not
// at all. Whatever comes back, there is one answer, in time, and the process lives.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { TWSocket, sfAny, sfAnyIPv4, sfAnyIPv6, sfIPv4, sfIPv6 } from '../../lib';
import type { TSocketFamily } from '../../lib';
import { onCleanup, raised, track, waitFor } from '../support';
import {
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_PTR,
  nameBytes,
  recordA,
  recordAAAA,
  reply,
  startDnsServer,
} from '../support/dnsServer';
import type { DnsServer, Question } from '../support/dnsServer';

const DEADLINE_MS = 25_000;

interface Outcome {
  error: number;
  results: string[];
}

async function lookUp(
  servers: readonly string[],
  host: string,
  family: TSocketFamily = sfIPv4,
  reverse = false,
): Promise<Outcome> {
  const socket = Object.assign(track(new TWSocket()), {
    SocketFamily: family,
    DnsServers: servers,
  });
  let error: number | undefined;
  socket.OnDnsLookupDone = (_Sender, ErrCode) => {
    assert.equal(error, undefined, 'answered once');
    error = ErrCode;
  };
  if (reverse) socket.ReverseDnsLookup(host);
  else socket.DnsLookup(host);
  await waitFor(() => error !== undefined, 'the answer', DEADLINE_MS);
  const results = Array.from(
    { length: socket.DnsResultList.Count },
    (_, i) => socket.DnsResultList.Strings[i]!,
  );
  assert.equal(socket.DnsResult, results[0] ?? '');
  return { error: error!, results };
}

/** Both kinds of addresses for every name. */
function both(question: Question): Buffer {
  if (question.type === TYPE_A)
    return reply(question, [recordA('192.0.2.1'), recordA('192.0.2.2')]);
  return reply(question, question.type === TYPE_AAAA ? [recordAAAA(1)] : []);
}

describe('DnsServers', function () {
  this.timeout(DEADLINE_MS + 5000);

  const families: [string, TSocketFamily, string[]][] = [
    ['sfIPv4', sfIPv4, ['192.0.2.1', '192.0.2.2']],
    ['sfIPv6', sfIPv6, ['2001:db8::1']],
    ['sfAny', sfAny, ['192.0.2.1', '192.0.2.2', '2001:db8::1']],
    ['sfAnyIPv4', sfAnyIPv4, ['192.0.2.1', '192.0.2.2', '2001:db8::1']],
    ['sfAnyIPv6', sfAnyIPv6, ['2001:db8::1', '192.0.2.1', '192.0.2.2']],
  ];
  for (const [name, family, expected] of families) {
    it(`${name}: asks for what the family wants and sorts by it`, async () => {
      const server = await startDnsServer(both);
      const { error, results } = await lookUp([server.address], 'host.test', family);
      assert.equal(error, 0);
      assert.deepEqual(results, expected);
      const types = new Set(server.questions.map(({ type }) => type));
      assert.equal(types.has(TYPE_A), family !== sfIPv6);
      assert.equal(types.has(TYPE_AAAA), family !== sfIPv4);
    });
  }

  it('one kind of address is enough for sfAny, whatever the other question brings', async () => {
    for (const flags of [0, 2, 3]) {
      const onlyFour = await startDnsServer((q) =>
        q.type === TYPE_A ? reply(q, [recordA('192.0.2.1')]) : reply(q, [], flags),
      );
      assert.deepEqual((await lookUp([onlyFour.address], 'host.test', sfAny)).results, [
        '192.0.2.1',
      ]);
      const onlySix = await startDnsServer((q) =>
        q.type === TYPE_AAAA ? reply(q, [recordAAAA(6)]) : reply(q, [], flags),
      );
      assert.deepEqual((await lookUp([onlySix.address], 'host.test', sfAny)).results, [
        '2001:db8::6',
      ]);
    }
  });

  it('ReverseDnsLookup asks for PTR records', async () => {
    const server = await startDnsServer((question) =>
      reply(question, [{ type: TYPE_PTR, data: nameBytes('host.test') }]),
    );
    assert.deepEqual(await lookUp([server.address], '192.0.2.7', sfIPv4, true), {
      error: 0,
      results: ['host.test'],
    });
    assert.equal(server.questions[0]!.name, '7.2.0.192.in-addr.arpa');
    assert.equal(server.questions[0]!.type, TYPE_PTR);
    assert.equal((await lookUp([server.address], '2001:db8::7', sfIPv6, true)).error, 0);
  });

  const errors: [string, number, number][] = [
    ['NXDOMAIN', 3, 11001],
    ['SERVFAIL', 2, 11003],
    ['REFUSED', 5, 11003],
    ['no record of that kind', 0, 11004],
  ];
  for (const [name, flags, expected] of errors) {
    it(`${name} is ${expected}`, async () => {
      const server = await startDnsServer((question) => reply(question, [], flags));
      assert.deepEqual(await lookUp([server.address], 'host.test'), {
        error: expected,
        results: [],
      });
    });
  }

  const loop = Buffer.from([0xc0, 0x0c]);
  const hostile: [string, (question: Question) => Buffer | Buffer[]][] = [
    ['garbage', () => Buffer.from('this is no DNS message at all, not even close')],
    ['a header cut short', (q) => reply(q).subarray(0, 7)],
    ['an answer cut short', (q) => reply(q, [recordA('192.0.2.1')]).subarray(0, -3)],
    [
      'a name that points to itself',
      (q) => {
        const raw = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1]);
        return reply({ ...q, raw }, [recordA('192.0.2.66')]);
      },
    ],
    ['a CNAME that points to itself', (q) => reply(q, [{ type: TYPE_CNAME, data: loop }])],
    ['a record with the wrong length', (q) => reply(q, [{ type: TYPE_A, data: Buffer.alloc(3) }])],
    ['an empty record', (q) => reply(q, [{ type: TYPE_A, data: Buffer.alloc(0) }])],
    [
      '65,535 records announced and none there',
      (q) => {
        const message = reply(q);
        message.writeUInt16BE(65535, 6);
        return message;
      },
    ],
    ['200 datagrams of noise', () => Array.from({ length: 200 }, () => Buffer.from('noise'))],
  ];
  for (const [name, answer] of hostile) {
    it(`${name}: an error in time, and no address`, async () => {
      const server = await startDnsServer(answer);
      const { error, results } = await lookUp([server.address], 'host.test');
      assert.ok(error >= 11001 && error <= 11004, String(error));
      assert.deepEqual(results, []);
    });
  }

  it('an answer of 500 records is complete', async () => {
    const server = await startDnsServer((question) =>
      reply(
        question,
        Array.from({ length: 500 }, (_, i) => recordA(`10.0.${i >> 8}.${i & 255}`)),
      ),
    );
    const { error, results } = await lookUp([server.address], 'host.test');
    // A resolver may insist on TCP for what is larger than it has announced.
    if (error === 0) assert.equal(new Set(results).size, 500);
    else assert.ok(error >= 11001 && error <= 11004, String(error));
  });

  it('a truncated answer is asked for again over TCP', async () => {
    const { address } = await truncatingServer();
    assert.deepEqual(await lookUp([address], 'host.test'), {
      error: 0,
      results: ['192.0.2.9'],
    });
  });

  it('a truncated answer of a server without TCP is an error, in time', async () => {
    const server = await startDnsServer((question) => reply(question, [], 0x200));
    const { error } = await lookUp([server.address], 'host.test');
    assert.notEqual(error, 0);
  });

  const ignored: [string, (question: Question) => Buffer | null][] = [
    ['silence', () => null],
    ['an empty datagram', () => Buffer.alloc(0)],
    ['the wrong id', (q) => reply({ ...q, id: q.id ^ 0x5555 }, [recordA('192.0.2.66')])],
    [
      'the wrong question',
      (q) => {
        const raw = Buffer.from(q.raw);
        raw[1] = raw[1]! ^ 1;
        return reply({ ...q, raw }, [recordA('192.0.2.66')]);
      },
    ],
  ];
  it('what is no answer is waited out, asked for again, and 11002 in time', async () => {
    const ends = ignored.map(async ([name, answer]) => {
      const server = await startDnsServer(answer);
      const { error, results } = await lookUp([server.address], 'host.test');
      assert.equal(error, 11002, name);
      assert.deepEqual(results, [], name);
      assert.ok(server.questions.length >= 2, `${name}: asked again`);
    });
    await Promise.all(ends);
  });

  it('the second server answers when the first is silent', async () => {
    const first = await startDnsServer(() => null);
    const second = await startDnsServer(both);
    const { error } = await lookUp([first.address, second.address], 'host.test');
    assert.equal(error, 0);
  });

  it('nobody there is an error, in time', async () => {
    const server = await startDnsServer(() => null);
    const gone = server.address;
    server.socket.close();
    server.socket.close = () => server.socket;
    assert.notEqual((await lookUp([gone], 'host.test')).error, 0);
  });

  it('a list that names no server raises and changes nothing', () => {
    for (const servers of [['not an address'], [42 as unknown as string]]) {
      const socket = track(new TWSocket());
      socket.DnsServers = servers;
      socket.Addr = 'host.test';
      socket.Port = '80';
      const done: number[] = [];
      socket.OnDnsLookupDone = (_Sender, ErrCode) => {
        done.push(ErrCode);
      };
      assert.match(raised(() => socket.Connect()).message, /can't start DNS lookup - DnsServers: /);
      assert.deepEqual(done, [10022]);
      assert.match(raised(() => socket.Connect()).message, /can't start DNS lookup/, 'not in use');
    }
  });

  it('an empty list means the system', async () => {
    assert.equal((await lookUp([], 'localhost')).error, 0);
  });

  it('CancelDnsLookup and Free stop asking', async () => {
    const server = await startDnsServer(() => null);
    const sockets = [1, 2].map(() =>
      Object.assign(track(new TWSocket()), { DnsServers: [server.address] }),
    );
    const done: number[] = [];
    for (const socket of sockets) {
      socket.OnDnsLookupDone = (_Sender, ErrCode) => {
        done.push(ErrCode);
      };
      socket.DnsLookup('host.test');
    }
    await waitFor(() => server.questions.length >= 2, 'the questions');

    sockets[0]!.CancelDnsLookup();
    sockets[1]!.Free();

    assert.deepEqual(done, [10004]);
  });
});

/** A server whose answer is complete over TCP only. */
async function truncatingServer(): Promise<DnsServer> {
  for (;;) {
    const server = await startDnsServer((question) => reply(question, [], 0x200));
    if (await answerOverTcp(server)) return server;
  }
}

/** False when the port belongs to somebody else, which a number free for UDP may. */
async function answerOverTcp({ port }: DnsServer): Promise<boolean> {
  const tcp = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.on('data', (data) => {
      if (data.length < 14) return;
      const id = data.readUInt16BE(2);
      const raw = data.subarray(14);
      const end = raw.indexOf(0) + 5;
      const question = { id, name: '', type: TYPE_A, raw: raw.subarray(0, end) };
      const message = reply(question, [recordA('192.0.2.9')]);
      const size = Buffer.alloc(2);
      size.writeUInt16BE(message.length);
      connection.end(Buffer.concat([size, message]));
    });
  });
  tcp.listen(port, '127.0.0.1');
  const error = await once(tcp, 'listening').then(
    () => null,
    (reason: unknown) => reason as NodeJS.ErrnoException,
  );
  if (error !== null && error.code !== 'EADDRINUSE') throw error;
  if (error === null) onCleanup(() => tcp.close());
  return error === null;
}
