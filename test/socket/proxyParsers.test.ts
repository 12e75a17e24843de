// The pure parts of the proxy protocols: how a head is cut up must not matter, nothing they are
// given may throw or take long, and the bytes are those of the RFCs.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  MAX_HEAD,
  TunnelHead,
  authority,
  tunnelRequest,
} from '../../lib/socket/httpTunnelProtocol';
import {
  basicAuthorization,
  digestAuthorization,
  digestChallenge,
  offeredTypes,
  parseChallenges,
} from '../../lib/socket/proxyAuth';
import { parseProxyUrl } from '../../lib/socket/proxyUrl';
import * as S from '../../lib/socket/socksProtocol';

const HEAD =
  'HTTP/1.1 407 Proxy Authentication Required\r\nConnection: keep-alive\r\n' +
  'Proxy-Authenticate: Basic realm="a, b=c"\r\nContent-Length: 12\r\n\r\n';

describe('Head of an HTTP proxy’s answer', () => {
  it('reads the same however it is cut, and takes not one byte more', () => {
    const bytes = Buffer.from(`${HEAD}rest`);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 })), (sizes) => {
        const head = new TunnelHead();
        let at = 0;
        for (let i = 0; !head.complete; i++) {
          const size = sizes[i] ?? 1000;
          at += head.feed(bytes.subarray(at, at + size));
        }
        assert.equal(at, HEAD.length);
        const answer = head.parse()!;
        assert.equal(answer.status, 407);
        assert.equal(answer.bodyLength, 12);
        assert.equal(answer.closes, false);
        assert.deepEqual(answer.challenges, ['Basic realm="a, b=c"']);
      }),
    );
  });

  it('never throws and stays below its limit, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
        const head = new TunnelHead();
        head.feed(Buffer.from('HTTP/1.1 200 '));
        for (const chunk of chunks) if (!head.bad && !head.complete) head.feed(chunk);
        head.parse();
      }),
    );
  });

  it('gives up on lines of nothing but CR without trying every one of them', () => {
    const head = new TunnelHead();
    head.feed(Buffer.from('HTTP/1.1 200 OK\r\n'));
    const taken = head.feed(Buffer.alloc(10 * MAX_HEAD, '\r'));

    assert.ok(head.bad);
    assert.ok(taken <= MAX_HEAD);
  });

  it('says that HTTP/1.0 closes, unless it says otherwise', () => {
    const closes = (text: string): boolean => {
      const head = new TunnelHead();
      head.feed(Buffer.from(text));
      return head.parse()!.closes;
    };
    assert.equal(closes('HTTP/1.0 407 x\r\n\r\n'), true);
    assert.equal(closes('HTTP/1.0 407 x\r\nProxy-Connection: Keep-Alive\r\n\r\n'), false);
    assert.equal(closes('HTTP/1.1 407 x\nconnection: foo, CLOSE\n\n'), true);
  });
});

describe('Challenges of an HTTP proxy', () => {
  it('are found in one line and in several', () => {
    const found = parseChallenges([
      'Negotiate, NTLM, Basic realm="say \\"hi\\", you"',
      'Digest realm=plain, nonce="n", qop="auth"',
    ]);

    assert.deepEqual(
      found.map(({ scheme }) => scheme),
      ['negotiate', 'ntlm', 'basic', 'digest'],
    );
    assert.equal(found[2]!.params.get('realm'), 'say "hi", you');
    assert.equal(offeredTypes(found).size, 3);
    assert.equal(digestChallenge(found)!.params.get('nonce'), 'n');
  });

  it('of an unknown algorithm or quality are not answered', () => {
    const one = (text: string): unknown => digestChallenge(parseChallenges([text]));
    assert.equal(one('Digest nonce="n", algorithm=toString'), null);
    assert.equal(one('Digest nonce="n", qop="auth-int"'), null);
    assert.equal(one('Digest realm="no nonce"'), null);
  });

  it('never throw, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 200 })), (values) => {
        const challenge = digestChallenge(parseChallenges(values));
        if (challenge) digestAuthorization(challenge, 'u', 'p', 'h:1');
      }),
    );
  });

  it('are answered as RFC 2617 and RFC 7617 say', () => {
    // The old form without quality; the response was computed with md5sum.
    const [challenge] = parseChallenges(['Digest realm="r", nonce="n"']);
    assert.equal(
      digestAuthorization(challenge!, 'u', 'p', 'h:1'),
      'Digest username="u", realm="r", nonce="n", uri="h:1", response="535c81f86d94a8556918012a89718e8e"',
    );
    assert.equal(
      basicAuthorization('Aladdin', 'open sesame'),
      'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    );
  });
});

describe('Bytes of a proxy request', () => {
  it('HTTP: names, addresses and the proof', () => {
    assert.equal(authority('::1', 80), '[::1]:80');
    assert.equal(authority('fe80::1%lo', 80), '[fe80::1]:80');
    assert.equal(
      tunnelRequest(authority('host', 443), 'Basic eA=='),
      'CONNECT host:443 HTTP/1.1\r\nHost: host:443\r\nProxy-Connection: Keep-Alive\r\n' +
        'Proxy-Authorization: Basic eA==\r\n\r\n',
    );
  });

  it('SOCKS: as RFC 1928, RFC 1929 and the papers on SOCKS 4 and 4A have them', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    assert.equal(hex(S.socks4Request('1.2.3.4', '', 80, 'me')), '04010050010203046d6500');
    assert.equal(hex(S.socks4Request('', 'ab', 258, '')), '0401010200000001006162' + '00');
    assert.equal(hex(S.socks5Greeting(false)), '050100');
    assert.equal(hex(S.socks5Greeting(true)), '05020002');
    assert.equal(hex(S.socks5Credentials('me', 'pw')), '01026d65027077');
    assert.equal(hex(S.socks5Request('1.2.3.4', true, 80)), '05010001010203040050');
    assert.equal(hex(S.socks5Request('ab', false, 80)), '05010003026162' + '0050');
    assert.equal(hex(S.socks5Request('::1', true, 80)), `05010004${'00'.repeat(15)}010050`);
  });

  it('a proxy URL of any text is parsed or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseProxyUrl(text);
        parseProxyUrl(`http://${text}`);
      }),
    );
  });
});
