// WSocketIsIP and its relatives: is a text an address, and of which family?
import assert from 'node:assert/strict';
import {
  WSocketIsDottedIP,
  WSocketIsIP,
  WSocketIsIPEx,
  WSocketIsIPv4,
  WSocketIsIPv6,
  sfAny,
  sfAnyIPv4,
  sfAnyIPv6,
  sfIPv4,
  sfIPv6,
} from '../../lib';
import { NO_TEXTS, wrongTexts } from './wrongTexts';

/** The function's answer and its ASocketFamily, which begins with a value that is none. */
function asked(call: typeof WSocketIsIP, text: string): [boolean, number] {
  const family = { Value: -1 };
  return [call(text, family), family.Value];
}

const RIGHT_V6 = [
  '::',
  '::1',
  '1::',
  'fe80::1%3',
  'fe80::1%4294967295',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '::2:3:4:5:6:7:8',
  'ABCD:ef01::9',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '2001:0db8:0000:0000:0000:0000:0000:0001%4294967295',
];
const WRONG_V6 = [
  '',
  ':',
  ':::',
  '::1::',
  '1:',
  ':1',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4::5:6:7:8',
  '1:2:3:4:5:6:7:8::',
  '::12345',
  '::g',
  'z::1',
  '::ffff:1.2.3.4',
  ' ::1',
  '::1 ',
  '[::1]',
  '::1%',
  '::1%eth0',
  '::1%-1',
  '::1%4294967296',
  '::1%1%2',
  '%1',
  '::-1',
  '::0x1',
];

describe('WSocketIsIP', () => {
  it('[WS-87] knows the family of an address and refuses everything else', () => {
    assert.deepEqual(asked(WSocketIsIP, '1.2.3.4'), [true, sfIPv4]);
    assert.deepEqual(asked(WSocketIsIP, '::1'), [true, sfIPv6]);
    for (const text of ['1.2.3.', '300.1.1.1', 'host', '', '1.2.3.4 '])
      assert.deepEqual(asked(WSocketIsIP, text), [false, sfAny], text);
  });

  it('[WS-87] answers without the second argument', () => {
    assert.equal(WSocketIsIP('1.2.3.4'), true);
    assert.equal(WSocketIsIP('host'), false);
    assert.equal(WSocketIsIPEx('::'), true);
  });

  it('[WS-87] names the two addresses for all interfaces in its Ex form', () => {
    assert.deepEqual(asked(WSocketIsIPEx, '0.0.0.0'), [true, sfAnyIPv4]);
    assert.deepEqual(asked(WSocketIsIPEx, '::'), [true, sfAnyIPv6]);
    assert.deepEqual(asked(WSocketIsIPEx, '127.0.0.1'), [true, sfIPv4]);
    assert.deepEqual(asked(WSocketIsIPEx, '::1'), [true, sfIPv6]);
    assert.deepEqual(asked(WSocketIsIPEx, 'host'), [false, sfAny]);
    assert.deepEqual(asked(WSocketIsIP, '0.0.0.0'), [true, sfIPv4]);
    assert.deepEqual(asked(WSocketIsIP, '::'), [true, sfIPv6]);
  });

  it('[WS-87] takes exactly four numbers for IPv4', () => {
    for (const text of ['0.0.0.0', '255.255.255.255', '01.002.3.0004'])
      assert.equal(WSocketIsIPv4(text), true, text);
    for (const text of [
      '1.2.3.',
      '1.2.3',
      '1.2.3.4.',
      '1.2.3.4.5',
      '.1.2.3',
      '1..2.3',
      '1.2.3.256',
    ])
      assert.equal(WSocketIsIPv4(text), false, text);
    for (const text of [
      '',
      ' 1.2.3.4',
      '1.2.3.4 ',
      '-1.2.3.4',
      '0x1.2.3.4',
      '1.2.3.4%1',
      '1,2,3,4',
    ])
      assert.equal(WSocketIsIPv4(text), false, text);
  });

  it('[WS-87] lets WSocketIsDottedIP have blanks around the address only', () => {
    for (const text of ['1.2.3.4', ' 1.2.3.4', '1.2.3.4  ', '  01.2.3.255 '])
      assert.equal(WSocketIsDottedIP(text), true, text);
    for (const text of ['1 .2.3.4', '1.2.3. 4', '1.2.3.', ' ', '', '\t1.2.3.4', '1.2.3.256', '::1'])
      assert.equal(WSocketIsDottedIP(text), false, text);
  });

  it('[WS-87] takes eight groups, or fewer and one ::, for IPv6', () => {
    for (const text of RIGHT_V6) assert.equal(WSocketIsIPv6(text), true, text);
    for (const text of WRONG_V6) assert.equal(WSocketIsIPv6(text), false, text);
  });

  it('[WS-87] answers False for what is no text, in time that grows with the length', () => {
    for (const text of [...NO_TEXTS, ...wrongTexts()])
      for (const call of [
        WSocketIsDottedIP,
        WSocketIsIPv4,
        WSocketIsIPv6,
        WSocketIsIP,
        WSocketIsIPEx,
      ])
        assert.equal(call(text), false, `${call.name}(${String(text).slice(0, 20)})`);
  });
});
