// Addresses as numbers and back: WSocketStrToIPv4, WSocketIPv6ToStr and their counterparts.
import assert from 'node:assert/strict';
import {
  WSocketIPv4ToStr,
  WSocketIPv6Same,
  WSocketIPv6ToStr,
  WSocketIsIPv6,
  WSocketStrToIPv4,
  WSocketStrToIPv6,
} from '../../lib';
import { NO_TEXTS, wrongTexts } from './wrongTexts';

const NO_WORDS = [
  undefined,
  null,
  '::1',
  '12345678',
  8,
  {},
  [],
  [1, 2, 3, 4, 5, 6, 7],
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 5, 6, 7, 65536],
  [1, 2, 3, 4, 5, 6, 7, -1],
  [1, 2, 3, 4, 5, 6, 7, 0.5],
  [1, 2, 3, 4, 5, 6, 7, NaN],
  [1, 2, 3, 4, 5, 6, 7, '8'],
  { length: 1e9 },
] as unknown as number[][];

describe('IPv4 addresses as numbers', () => {
  it('have their first number in the lowest byte, as in Winsock', () => {
    const success = { Value: false };
    assert.equal(WSocketStrToIPv4('127.0.0.1', success), 0x0100007f);
    assert.equal(success.Value, true);
    assert.equal(WSocketStrToIPv4('1.2.3.200'), 0xc8030201);
    assert.equal(WSocketIPv4ToStr(0x0100007f), '127.0.0.1');
    assert.equal(WSocketIPv4ToStr(0xc8030201 | 0), '1.2.3.200');
    for (const text of ['0.0.0.0', '255.255.255.255', '10.20.30.40', '240.0.0.1'])
      assert.equal(WSocketIPv4ToStr(WSocketStrToIPv4(text)), text);
  });

  it('are 255.255.255.255 without success for what is no address', () => {
    const wrong = ['', '1.2.3', '1.2.3.', '1.2.3.256', ' 1.2.3.4', '::1', 'host'];
    for (const text of [...wrong, ...NO_TEXTS, ...wrongTexts()]) {
      const success = { Value: true };
      assert.equal(WSocketStrToIPv4(text, success), 0xffffffff);
      assert.equal(success.Value, false);
    }
  });

  it('raise a TypeError when they have no 32 bits', () => {
    for (const value of [NaN, 0.5, 0x100000000, -0x80000001, undefined, null, '1', {}])
      assert.throws(() => WSocketIPv4ToStr(value as number), TypeError);
  });
});

describe('IPv6 addresses as words', () => {
  const texts: [number[], string][] = [
    [[0x2001, 0xdb8, 0, 1, 0, 0, 0, 1], '2001:db8:0:1::1'],
    [[0, 0, 1, 0, 1, 0, 0, 0], '0:0:1:0:1::'],
    [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
    [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    [[1, 0, 0, 0, 0, 0, 0, 0], '1::'],
    [[1, 0, 0, 2, 0, 0, 3, 4], '1::2:0:0:3:4'],
    [[1, 0, 2, 3, 4, 5, 6, 7], '1::2:3:4:5:6:7'],
    [[0, 1, 2, 3, 4, 5, 6, 7], '::1:2:3:4:5:6:7'],
    [[1, 2, 3, 4, 5, 6, 7, 0], '1:2:3:4:5:6:7::'],
    [[0xabcd, 0xf, 3, 4, 5, 6, 7, 0xffff], 'abcd:f:3:4:5:6:7:ffff'],
  ];

  it('[WS-88] are written with the longest run of zeros as the only ::', () => {
    for (const [words, text] of texts) {
      assert.equal(WSocketIPv6ToStr(words), text);
      assert.equal(WSocketIPv6ToStr(Uint16Array.from(words)), text);
    }
  });

  it('[WS-88] are read back from every text that is written', () => {
    for (let pattern = 0; pattern < 256; pattern++) {
      const words = Array.from({ length: 8 }, (_, bit) => (pattern & (1 << bit) ? 0xa1 + bit : 0));
      const text = WSocketIPv6ToStr(words);
      const success = { Value: false };
      assert.deepEqual(WSocketStrToIPv6(text, success), words, text);
      assert.equal(success.Value, true);
    }
  });

  it('[WS-88] carry their scope behind a percent sign', () => {
    const scope = { Value: -1 };
    const words = WSocketStrToIPv6('FE80::1%12', undefined, scope);
    assert.deepEqual(words, [0xfe80, 0, 0, 0, 0, 0, 0, 1]);
    assert.equal(scope.Value, 12);
    assert.equal(WSocketIPv6ToStr(words, scope.Value), 'fe80::1%12');
    assert.equal(WSocketIPv6ToStr(words, 0xffffffff), 'fe80::1%4294967295');
    assert.equal(WSocketIPv6ToStr(words), 'fe80::1');
    WSocketStrToIPv6('::1', undefined, scope);
    assert.equal(scope.Value, 0);
  });

  it('[WS-88] are all zeros without success for what is no address', () => {
    const wrong = ['', '::g', '::ffff:1.2.3.4', '1::2::3', '::1%eth0', '1.2.3.4'];
    for (const text of [...wrong, ...NO_TEXTS, ...wrongTexts()]) {
      const success = { Value: true };
      const scope = { Value: 7 };
      assert.deepEqual(WSocketStrToIPv6(text, success, scope), [0, 0, 0, 0, 0, 0, 0, 0]);
      assert.equal(success.Value, false);
      assert.equal(scope.Value, 0);
      assert.equal(WSocketIsIPv6(text), false);
    }
  });

  it('[WS-88] raise a TypeError unless they are eight words', () => {
    const right = [0, 0, 0, 0, 0, 0, 0, 1];
    for (const words of NO_WORDS) {
      assert.throws(() => WSocketIPv6ToStr(words), TypeError);
      assert.throws(() => WSocketIPv6Same(words, right), TypeError);
      assert.throws(() => WSocketIPv6Same(right, words), TypeError);
    }
    for (const scope of [-1, 0x100000000, 1.5, NaN, '1' as unknown as number])
      assert.throws(() => WSocketIPv6ToStr(right, scope), TypeError);
  });

  it('[WS-88] are compared word by word', () => {
    const one = WSocketStrToIPv6('2001:db8::1');
    assert.equal(WSocketIPv6Same(one, WSocketStrToIPv6('2001:0DB8:0::0:1')), true);
    assert.equal(WSocketIPv6Same(one, WSocketStrToIPv6('2001:db8::2')), false);
    assert.equal(WSocketIPv6Same(one, WSocketStrToIPv6('2002:db8::1')), false);
  });
});
