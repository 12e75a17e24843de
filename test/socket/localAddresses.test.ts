// The name and the addresses of this machine. What the system answers is replaced where the
// answer of the machine that runs the tests would prove nothing.
import assert from 'node:assert/strict';
import os, { type NetworkInterfaceInfo } from 'node:os';
import {
  GetLocalIPList,
  IcsAddrSameSubNet,
  IcsGetInterfaceList,
  IcsIsIpPrivate,
  LocalHostName,
  LocalIPList,
  TStringList,
  type TSocketFamily,
  WSocketIsIP,
  WSocketStrToIPv4,
  sfAny,
  sfAnyIPv4,
  sfAnyIPv6,
  sfIPv4,
  sfIPv6,
} from '../../lib';
import { raised } from '../support';
import { NO_TEXTS, wrongTexts } from './wrongTexts';

function four(address: string, netmask: string, internal = false): NetworkInterfaceInfo {
  return { family: 'IPv4', address, netmask, internal, mac: '', cidr: null };
}

function six(address: string, scopeid = 0, internal = false): NetworkInterfaceInfo {
  return { family: 'IPv6', address, netmask: '', internal, mac: '', cidr: null, scopeid };
}

const LOOPBACK = [four('127.0.0.1', '255.0.0.0', true), six('::1', 0, true)];
const LAN = [
  six('fe80::1', 2),
  four('10.1.2.3', '255.255.255.0'),
  six('2001:db8::1'),
  four('172.20.0.1', '255.255.240.0'),
];

const real = { networkInterfaces: os.networkInterfaces, hostname: os.hostname };

function system(...interfaces: NetworkInterfaceInfo[][]): void {
  os.networkInterfaces = () =>
    Object.fromEntries(interfaces.map((addresses, index) => [`if${index}`, addresses]));
}

function refuses(call: 'networkInterfaces' | 'hostname', errno?: number): void {
  os[call] = () => {
    throw Object.assign(new Error(`no ${call}`), errno === undefined ? {} : { errno });
  };
}

function listed(family?: TSocketFamily): string[] {
  return LocalIPList(family).toArray();
}

describe('LocalIPList', () => {
  afterEach(() => void Object.assign(os, real));

  it('gives the addresses of this machine', () => {
    for (const address of LocalIPList(sfAny)) assert.equal(WSocketIsIP(address), true, address);
    assert.ok(LocalIPList(sfAny).Count > 0);
    assert.equal(LocalHostName(), os.hostname());
  });

  it('gives IPv4 addresses when not asked for others, loopback left out', () => {
    system(LOOPBACK, LAN);
    assert.deepEqual(listed(), ['10.1.2.3', '172.20.0.1']);
    assert.deepEqual(listed(sfIPv4), listed());
    assert.deepEqual(listed(sfIPv6), ['fe80::1%2', '2001:db8::1']);
    assert.deepEqual(GetLocalIPList(sfIPv4, 'udp').toArray(), listed());
  });

  it('gives the preferred family first', () => {
    system(LOOPBACK, LAN);
    const v4 = ['10.1.2.3', '172.20.0.1'];
    const v6 = ['fe80::1%2', '2001:db8::1'];
    assert.deepEqual(listed(sfAnyIPv4), [...v4, ...v6]);
    assert.deepEqual(listed(sfAnyIPv6), [...v6, ...v4]);
    assert.deepEqual(listed(sfAny), ['fe80::1%2', '10.1.2.3', '2001:db8::1', '172.20.0.1']);
    for (const wrong of [-1, 5, 0.5, null, 'sfIPv4'] as unknown as TSocketFamily[])
      assert.deepEqual(listed(wrong), listed(sfAny));
  });

  it('gives loopback addresses when there are no others', () => {
    system(LOOPBACK);
    assert.deepEqual(listed(), ['127.0.0.1']);
    assert.deepEqual(listed(sfAnyIPv6), ['::1', '127.0.0.1']);
    system([]);
    assert.deepEqual(listed(sfAny), []);
  });

  it('gives a list of its own every time', () => {
    system(LAN);
    LocalIPList().Clear();
    assert.equal(LocalIPList().Count, 2);
  });

  it('raises for an unknown protocol and when the system refuses', () => {
    assert.match(raised(() => LocalIPList(sfIPv4, 'x')).message, /^Winsock Resolve Proto: Cannot /);
    os.hostname = () => 'box';
    refuses('networkInterfaces', -13);
    const error = raised(() => LocalIPList());
    const text = "Winsock GetAddrInfo: Cannot convert host address 'box' - Permission denied";
    assert.equal(error.message, `${text} (#10013)`);
    assert.equal(error.ErrorCode, 10013);
    refuses('networkInterfaces');
    assert.equal(raised(() => IcsGetInterfaceList()).ErrorCode, 10050);
    refuses('hostname');
    assert.equal(raised(() => LocalHostName()).message, 'Winsock Get Host Name failed');
  });
});

describe('IcsGetInterfaceList', () => {
  afterEach(() => void Object.assign(os, real));

  it('fills a list with the addresses of all interfaces', () => {
    system(LOOPBACK, LAN);
    const list = new TStringList();
    list.Add('old');
    assert.equal(IcsGetInterfaceList(list), list);
    assert.deepEqual(list.toArray(), [
      '127.0.0.1',
      '::1',
      'fe80::1%2',
      '10.1.2.3',
      '2001:db8::1',
      '172.20.0.1',
    ]);
    IcsGetInterfaceList(list, true);
    assert.deepEqual(list.toArray(), ['127.0.0.1', '10.1.2.3', '172.20.0.1']);
    assert.equal(IcsGetInterfaceList(null).Count, 6);
  });

  it('leaves the list as it is when the system refuses', () => {
    refuses('networkInterfaces', -13);
    const list = new TStringList();
    list.Add('old');
    const error = raised(() => IcsGetInterfaceList(list));
    assert.equal(error.message, 'IcsGetInterfaceList: Permission denied (#10013)');
    assert.deepEqual(list.toArray(), ['old']);
  });
});

describe('IcsAddrSameSubNet', () => {
  beforeEach(() => system(LOOPBACK, LAN));
  afterEach(() => void Object.assign(os, real));

  it('is true when both addresses are in the network of one interface', () => {
    for (const [one, other, same] of [
      ['10.1.2.3', '10.1.2.200', true],
      ['10.1.2.7', '10.1.2.200', true],
      ['10.1.2.3', '10.1.3.3', false],
      ['10.1.3.3', '10.1.3.4', false],
      ['172.20.0.1', '172.20.15.255', true],
      ['172.20.0.1', '172.20.16.0', false],
      ['127.0.0.1', '127.9.9.9', true],
      ['10.1.2.3', '172.20.0.1', false],
    ] as const) {
      assert.equal(IcsAddrSameSubNet(one, other), same, `${one} ${other}`);
      assert.equal(IcsAddrSameSubNet(other, one), same, `${other} ${one}`);
      assert.equal(IcsAddrSameSubNet(WSocketStrToIPv4(one), WSocketStrToIPv4(other)), same);
    }
  });

  it('is false for what is no IPv4 address', () => {
    for (const wrong of ['', '::1', '10.1.2', NaN, 0.5, ...NO_TEXTS.slice(0, 3), ...wrongTexts()]) {
      assert.equal(IcsAddrSameSubNet(wrong, '10.1.2.3'), false);
      assert.equal(IcsAddrSameSubNet('10.1.2.3', wrong), false);
    }
  });
});

describe('IcsIsIpPrivate', () => {
  it('knows the three private networks to their last address', () => {
    for (const [address, isPrivate] of [
      ['9.255.255.255', false],
      ['10.0.0.0', true],
      ['10.255.255.255', true],
      ['11.0.0.0', false],
      ['172.15.255.255', false],
      ['172.16.0.0', true],
      ['172.17.0.1', true],
      ['172.31.255.255', true],
      ['172.32.0.0', false],
      ['192.167.255.255', false],
      ['192.168.0.0', true],
      ['192.168.255.255', true],
      ['192.169.0.0', false],
      ['127.0.0.1', false],
      ['0.0.0.0', false],
    ] as const) {
      assert.equal(IcsIsIpPrivate(address), isPrivate, address);
      assert.equal(IcsIsIpPrivate(WSocketStrToIPv4(address)), isPrivate, address);
      assert.equal(IcsIsIpPrivate(WSocketStrToIPv4(address) | 0), isPrivate, address);
    }
  });

  it('is false for what is no IPv4 address', () => {
    for (const wrong of ['', 'fd00::1', '10.', ...NO_TEXTS, ...wrongTexts()])
      assert.equal(IcsIsIpPrivate(wrong), false);
    for (const wrong of [NaN, 0.5, 2 ** 33]) assert.equal(IcsIsIpPrivate(wrong), false);
  });
});
