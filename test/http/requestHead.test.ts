// The reader of request heads: what it takes, what it refuses, and that bytes decide, not their pieces.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HeadScanner, mayBeRequest, parseRequestHead } from '../../lib/http/requestHead';
import type { RequestHead } from '../../lib/http/requestHead';

function parse(text: string): RequestHead | string {
  return parseRequestHead(Buffer.from(text, 'latin1'));
}

function parsed(text: string): RequestHead {
  const head = parse(text);
  assert.ok(typeof head !== 'string', `${JSON.stringify(text)}: ${String(head)}`);
  return head;
}

describe('parseRequestHead', () => {
  it('takes what clients send', () => {
    assert.equal(parsed('GET / HTTP/1.0\r\n\r\n').host, '');
    assert.equal(parsed('\r\n\r\nGET /a HTTP/1.1\nHost:h\n\n').hostName, 'h');
    assert.equal(parsed('GET /?x?y HTTP/1.1\r\nHost: h\r\n\r\n').params, 'x?y');
    assert.equal(parsed('GET //a/..%2f HTTP/1.1\r\nHost: h\r\n\r\n').path, '//a/..%2f');
    assert.equal(parsed('GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n').path, '/é');
    assert.equal(parsed('GET / HTTP/1.1\r\nHost: h:\r\n\r\n').hostPort, '');
    assert.equal(parsed('GET / HTTP/1.1\r\nHost: [fe80::1]\r\n\r\n').hostName, 'fe80::1');
    assert.equal(parsed('GET / HTTP/1.1\r\nX:\r\nY: a:b\r\nHost: h\r\n\r\n').host, 'h');
    assert.equal(parsed('POST / HTTP/1.1\r\nContent-Length: 007\r\n\r\n').contentLength, 7);
    assert.ok(parsed('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n').isEncoded);
  });

  const smuggling: Record<string, string> = {
    'length and encoding': 'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'two lengths': 'Content-Length: 5\r\nContent-Length: 5',
    'a list of lengths': 'Content-Length: 5, 5',
    'a length with a sign': 'Content-Length: +5',
    'a negative length': 'Content-Length: -5',
    'a hexadecimal length': 'Content-Length: 0x5',
    'an empty length': 'Content-Length: ',
    'a length beyond all bounds': 'Content-Length: 99999999999999999999',
    'a blank before the colon': 'Content-Length : 5',
    'a blank before the name': ' Content-Length: 5',
    'a folded line': 'X: a\r\n b',
    'a bare CR in a value': 'X: a\rContent-Length: 5',
    'a NUL': 'X: a\0b',
    'a control character': 'X: a\x0bb',
    'a line without a colon': 'nonsense',
    'an empty name': ': x',
    'a name that is no token': 'X(y): z',
    'two encodings': 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'two hosts': 'Host: a\r\nhost: b',
    'a host with a path': 'Host: a/b',
    'a host with a user': 'Host: u@a',
    'a host with a blank': 'Host: a b',
    'a host beyond ASCII': 'Host: \xe9',
    'a port that is none': 'Host: a:8x',
    'an open bracket': 'Host: [::1',
    'something behind a bracket': 'Host: [::1]x:80',
  };
  for (const [what, fields] of Object.entries(smuggling))
    it(`refuses ${what}`, () => {
      assert.equal(parse(`GET / HTTP/1.1\r\n${fields}\r\n\r\n`), '400 Bad Request');
    });

  it('refuses request lines of other shapes', () => {
    const lines = ['GET', 'GET /', 'GET  / HTTP/1.1', 'GET / x HTTP/1.1', 'GET / HTTP/1.1 '];
    lines.push(
      'GET / http/1.1',
      'GET / HTTP/1',
      'GET / HTTP/11.1',
      'G(T / HTTP/1.1',
      ' / HTTP/1.1',
    );
    lines.push(
      'GET x HTTP/1.1',
      'GET * HTTP/1.1',
      'GET http:///x HTTP/1.1',
      'GET ftp://a/ HTTP/1.1',
    );
    lines.push(
      'GET http://u@a/ HTTP/1.1',
      'GET /\x7f HTTP/1.1',
      'GET\t/ HTTP/1.1',
      'GET /\0 HTTP/1.1',
    );
    for (const line of lines) assert.equal(parse(`${line}\r\n\r\n`), '400 Bad Request', line);
    assert.equal(parse('PRI * HTTP/2.0\r\n\r\n'), '505 HTTP Version Not Supported');
  });

  it('never throws, whatever the bytes are', () => {
    const pieces = [
      'GET',
      ' ',
      '/',
      'HTTP/1.1',
      '\r',
      '\n',
      ':',
      'Host',
      '[',
      ']',
      '\0',
      'http://',
      '?',
    ];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
      fc.array(fc.constantFrom(...pieces)).map((parts) => Buffer.from(parts.join(''))),
    );
    fc.assert(
      fc.property(bytes, (head) => {
        const result = parseRequestHead(head);
        return typeof result === 'string' || !/[\0\r\n ]/.test(result.host + result.method);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('HeadScanner', () => {
  it('finds the same end however the bytes arrive', () => {
    const text = fc
      .array(fc.constantFrom('\r\n', '\n', '\r', 'a', '\r\n\r\n'))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(
        text,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        (head, sizes) => {
          const bytes = Buffer.from(head);
          const whole = new HeadScanner().scan(bytes);
          const scanner = new HeadScanner();
          let end = -1;
          for (let at = 0, i = 0; at < bytes.length && end < 0; i++) {
            at = Math.min(bytes.length, at + sizes[i % sizes.length]!);
            end = scanner.scan(bytes.subarray(0, at));
          }
          return end === whole;
        },
      ),
    );
  });

  it('passes over empty lines in front and takes LF for CR LF', () => {
    const ends = [
      '\r\n\r\nA\r\n\r\nB',
      '\n\nA\n\nB',
      'A\r\n\nB',
      'A\n\r\nB',
      '\r\n\r\n',
      'A\r\n\rB',
    ];
    assert.deepEqual(
      ends.map((text) => new HeadScanner().scan(Buffer.from(text))),
      [9, 5, 4, 4, -1, -1],
    );
  });
});

describe('mayBeRequest', () => {
  it('tells a request from a TLS hello by its first byte', () => {
    const wants = (text: string): boolean => mayBeRequest(Buffer.from(text, 'latin1'));
    assert.deepEqual(['GET', '\r\nG', '\r\n', 'x'].map(wants), [true, true, true, true]);
    assert.deepEqual(['\x16\x03', '\0', ' GET', '\n\x80', '"'].map(wants), [
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
