// ClientHello: whatever a peer sends first, the parser answers, depends on nothing outside the bytes
// it was given, and never changes its mind when more of them arrive.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseClientHello } from '../../lib/ssl/clientHello';
import { helloWith, nodeHello, programHello, record, serverNameBody, told } from '../ssl/hellos';
import { always, PARSING_TIMEOUT_MS, surrounded, variantsOf } from './parsing';

async function samples(): Promise<Buffer[]> {
  const openssl = programHello('openssl', (port) => [
    's_client',
    ...['-connect', `127.0.0.1:${port}`],
    ...['-servername', 'ossl.test', '-alpn', 'h2,http/1.1'],
  ]);
  return Promise.all([
    nodeHello({ servername: 'srv.test', ALPNProtocols: ['h2', 'http/1.1'] }),
    nodeHello({ maxVersion: 'TLSv1.2', servername: 'old.test' }),
    openssl,
    helloWith([0, serverNameBody('made.test')], [16, Buffer.from([0, 3, 2, 0x68, 0x32])]),
  ]);
}

describe('Property: a ClientHello changed at random', () => {
  let hellos: Buffer[];
  before(async () => {
    hellos = await samples();
  });

  it('[H-90] gives the same result whatever lies around the bytes', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    const bytes = fc.oneof(
      variantsOf(...hellos),
      fc.uint8Array().map((some) => Buffer.from(some)),
    );
    always(bytes, 1000, (hello) => {
      const alone = told(parseClientHello(hello));
      assert.deepEqual(told(parseClientHello(surrounded(hello, 0))), alone);
      assert.deepEqual(told(parseClientHello(surrounded(hello, 0xff))), alone);
    });
  });

  it('[H-90] is "more" for each prefix until the answer is there, which then stays', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(variantsOf(...hellos), 25, (hello) => {
      const whole = told(parseClientHello(hello));
      let answered = false;
      for (let size = 0; size <= hello.length; size++) {
        const now = told(parseClientHello(hello.subarray(0, size)));
        if (now === 'more') assert.ok(!answered, `it knew the answer before byte ${size}`);
        else assert.deepEqual(now, whole);
        answered ||= now !== 'more';
      }
    });
  });

  it('[H-90] is the same in one record and in one per byte', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(variantsOf(hellos[3]!.subarray(5)), 300, (message) => {
      if (message.length === 0 || message.length > 250) return;
      const split = Buffer.concat([...message].map((byte) => record(Uint8Array.of(byte))));
      const whole = told(parseClientHello(record(message)));
      assert.deepEqual(told(parseClientHello(split)), whole);
    });
  });
});
