// Hellos changed at random: the parser answers, and never overlooks a server name OpenSSL would see.
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import fc from 'fast-check';
import { MAX_HELLO_RECORDS, parseClientHello } from '../../lib/ssl/clientHello';
import { helloWith, nodeHello, parsed, record, serverNameBody, told } from './hellos';

const WORDS = ['more', 'notTls', 'sslv2', 'tooLong'];
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('set', 'insert', 'delete'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 3 }),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutated(bytes: Buffer, { at, kind, bytes: change }: Mutation): Buffer {
  const place = Math.floor(at * bytes.length);
  const skipped = kind === 'insert' ? 0 : change.length;
  const put = kind === 'delete' ? Buffer.alloc(0) : change;
  return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + skipped)]);
}

/** The server name OpenSSL reads from these bytes; undefined when it refuses them or waits. */
function nameSeenByOpenssl(bytes: Buffer): Promise<string | undefined> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(),
    });
    const socket = new tls.TLSSocket(wire, {
      isServer: true,
      SNICallback: (name) => finish(name),
    });
    const finish = (name?: string): void => {
      resolve(name);
      setImmediate(() => socket.destroy());
    };
    socket.on('error', () => finish());
    socket.on('end', () => finish());
    socket.resume();
    wire.push(bytes);
    wire.push(null);
  });
}

describe('A hello changed at random', () => {
  it('always gets an answer', async () => {
    const base = await nodeHello({ servername: 'srv.test', ALPNProtocols: ['h2', 'http/1.1'] });
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 6 }), (mutations) => {
        const result = parseClientHello(mutations.reduce(mutated, base));
        if (typeof result === 'string') return WORDS.includes(result);
        return result.ExtnTotal === result.ExtnList.length && result.ServerName.length <= 255;
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const result = parseClientHello(Buffer.from(bytes));
        return typeof result === 'object' || WORDS.includes(result);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows the same server name as to OpenSSL', async () => {
    const base = helloWith(
      [0, serverNameBody('abc.srv.test')],
      [10, Buffer.from([0, 2, 0, 29])],
      [13, Buffer.from([0, 2, 8, 4])],
    );
    assert.equal(await nameSeenByOpenssl(base), 'abc.srv.test', 'the comparison sees names');
    const inExtensions = mutation.map((change) => ({ ...change, at: 0.4 + change.at * 0.6 }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutation, inExtensions), async (change) => {
        const bytes = mutated(base, change);
        const seen = await nameSeenByOpenssl(bytes);
        if (seen === undefined || !/^[!-~]+$/.test(seen)) return;
        assert.equal(parsed(bytes).PunyServerName, seen);
      }),
      { numRuns: 400 },
    );
  });

  it('is the same however it is cut into records', async () => {
    const whole = await nodeHello({ servername: 'srv.test', ALPNProtocols: ['h2'] });
    const message = whole.subarray(5);
    const cuts = fc.array(fc.nat(message.length), { maxLength: MAX_HELLO_RECORDS - 1 });
    fc.assert(
      fc.property(cuts, fc.nat(3000), (places, received) => {
        const sorted = [0, ...places.sort((a, b) => a - b), message.length];
        const records = sorted.slice(1).map((end, i) => record(message.subarray(sorted[i], end)));
        const bytes = Buffer.concat(records);
        assert.deepEqual(told(parsed(bytes)), told(parsed(whole)));
        const prefix = parseClientHello(bytes.subarray(0, received));
        assert.ok(prefix === 'more' || typeof prefix === 'object');
      }),
      { numRuns: 300 },
    );
  });
});
