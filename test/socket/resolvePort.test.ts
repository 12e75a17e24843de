// WSocketResolvePort and WSocketResolveProto: a port and a protocol as text, number or name.
import assert from 'node:assert/strict';
import { WSocketResolveHost, WSocketResolvePort, WSocketResolveProto, sfIPv4 } from '../../lib';
import { raised } from '../support';
import { longTexts } from './wrongTexts';

const MISSING = [undefined, null, {}, [], Symbol('http'), () => 'http'] as unknown as string[];
/** Names of members every JavaScript object has. */
const MEMBERS = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

describe('WSocketResolvePort', () => {
  it('[WS-90] knows the number of a service', () => {
    assert.equal(WSocketResolvePort('http', 'tcp'), 80);
    assert.equal(WSocketResolvePort('HTTPS', 'tcp'), 443);
  });

  it('[WS-90] reads the leading digits of a number', () => {
    assert.equal(WSocketResolvePort('8080', 'tcp'), 8080);
    assert.equal(WSocketResolvePort('80x', 'tcp'), 80);
    assert.equal(WSocketResolvePort('0', 'tcp'), 0);
    assert.equal(WSocketResolvePort('65535', 'udp'), 65535);
    assert.equal(WSocketResolvePort(25, 'tcp'), 25);
    assert.throws(
      () => WSocketResolvePort('65536', 'tcp'),
      /Invalid Port\. '65536' is above 65535$/,
    );
  });

  it("[WS-90] raises for ''", () => {
    assert.throws(() => WSocketResolvePort('', 'tcp'), {
      name: 'ESocketException',
      message: 'Winsock Resolve Port: Invalid Port.',
    });
    assert.throws(() => WSocketResolvePort('80', ''), {
      name: 'ESocketException',
      message: 'Winsock Resolve Port: Invalid Proto.',
    });
  });

  it('[WS-90] raises for a service nobody knows', () => {
    for (const name of ['no-such-service', '-1', 'http\0', ...MEMBERS]) {
      const error = raised(() => WSocketResolvePort(name, 'tcp'));
      assert.equal(
        error.message,
        `Winsock Resolve Port: Cannot convert port '${name}' - Service not found (#10108)`,
      );
      assert.equal(error.ErrorCode, 10108);
    }
  });

  it('[WS-90] takes what is no text for a missing one', () => {
    for (const wrong of MISSING) {
      assert.match(raised(() => WSocketResolvePort(wrong, 'tcp')).message, /Invalid Port\.$/);
      assert.match(raised(() => WSocketResolvePort('80', wrong)).message, /Invalid Proto\.$/);
      assert.match(raised(() => WSocketResolveProto(wrong)).message, /Invalid Protocol\.$/);
      assert.match(raised(() => WSocketResolveHost(wrong, sfIPv4)).message, /Invalid Hostname\.$/);
    }
  });

  it('[WS-90] quotes no more than the beginning of a long text', () => {
    for (const text of longTexts())
      for (const call of [
        () => WSocketResolveProto(text),
        () => WSocketResolveHost(text, sfIPv4),
        () => WSocketResolvePort(text.replace(/^\d+/, ''), 'tcp'),
      ])
        assert.ok(raised(call).message.length < 400);
  });
});

describe('WSocketResolveProto', () => {
  it('knows numbers and names', () => {
    assert.equal(WSocketResolveProto('tcp'), 6);
    assert.equal(WSocketResolveProto('UDP'), 17);
    assert.equal(WSocketResolveProto('raw'), 255);
    assert.equal(WSocketResolveProto('icmp'), 1);
    assert.equal(WSocketResolveProto('132'), 132);
    assert.equal(WSocketResolveProto(6), 6);
  });

  it('raises for what it does not know', () => {
    assert.throws(() => WSocketResolveProto(''), {
      name: 'ESocketException',
      message: 'Winsock Resolve Proto: Invalid Protocol.',
    });
    for (const name of ['no-such-protocol', '-6', '6x', '4294967302', ...MEMBERS])
      assert.equal(
        raised(() => WSocketResolveProto(name)).message,
        `Winsock Resolve Proto: Cannot convert protocol '${name}' - Service not found (#10108)`,
      );
  });
});
