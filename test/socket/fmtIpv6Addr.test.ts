// IcsFmtIpv6Addr, IcsFmtIpv6AddrPort, IcsStripIpv6Addr: brackets round IPv6 addresses.
import assert from 'node:assert/strict';
import { IcsFmtIpv6Addr, IcsFmtIpv6AddrPort, IcsStripIpv6Addr } from '../../lib';
import { NO_TEXTS } from './wrongTexts';

describe('IcsFmtIpv6AddrPort', () => {
  it('[WS-89] puts the port behind an address, IPv6 in brackets', () => {
    assert.equal(IcsFmtIpv6AddrPort('::1', '80'), '[::1]:80');
    assert.equal(IcsFmtIpv6AddrPort('1.2.3.4', '80'), '1.2.3.4:80');
    assert.equal(IcsFmtIpv6AddrPort('[::1]', '80'), '[::1]:80');
    assert.equal(IcsFmtIpv6AddrPort('host', 'http'), 'host:http');
    assert.equal(IcsFmtIpv6AddrPort('fe80::1%2', 8080), '[fe80::1%2]:8080');
  });

  it('[WS-89] has a form without port, and the way back', () => {
    for (const [plain, formatted] of [
      ['::1', '[::1]'],
      ['::', '[::]'],
      ['1.2.3.4', '1.2.3.4'],
      ['host', 'host'],
      ['', ''],
    ] as const) {
      assert.equal(IcsFmtIpv6Addr(plain), formatted);
      assert.equal(IcsFmtIpv6Addr(formatted), formatted);
      assert.equal(IcsStripIpv6Addr(formatted), plain);
      assert.equal(IcsStripIpv6Addr(plain), plain);
    }
    for (const text of ['[::1', '::1]', '[', ']', '[::1]:80'])
      assert.equal(IcsStripIpv6Addr(text), text);
  });

  it('[WS-89] takes what is no text for an empty one', () => {
    for (const wrong of NO_TEXTS) {
      assert.equal(IcsFmtIpv6Addr(wrong), '');
      assert.equal(IcsStripIpv6Addr(wrong), '');
      assert.equal(IcsFmtIpv6AddrPort(wrong, '80'), ':80');
    }
    for (const wrong of [undefined, null, {}, Symbol('80')] as unknown as string[])
      assert.equal(IcsFmtIpv6AddrPort('::1', wrong), '[::1]:');
  });
});
