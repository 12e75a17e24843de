// Properties that hold whole numbers: every one refuses what is none, with its name and the value.

import assert from 'node:assert/strict';
import {
  ESocketException,
  TWSocket,
  TWSocketClient,
  TWSocketServer,
  TWSocketThrdServer,
} from '../../lib';
import { startServer, track } from '../support';
import { pair } from '../support/pair';
import { newMultiServer } from '../server/listeners';

/** Numbers that are enumerations, or tell and do not ask. Any other number must be in the table. */
const NO_QUANTITY = new Set([
  'AcceptFailCount',
  'CliId',
  'DroppedByteCount',
  'FClientNum',
  'HttpTunnelAuthType',
  'HSocket',
  'IcsHostIdx',
  'KeepAliveOnOff',
  'LastError',
  'LastSslError',
  'LingerOnOff',
  'MultiListenIdx',
  'SocketErrs',
  'SocketFamily',
  'SocksAuthentication',
  'SslDiscardedByteCount',
  'SslHandshakeErr',
  'SslMode',
  'SslState',
  'SslVerifyResult',
]);

const WRONG: [value: unknown, told: string][] = [
  [NaN, 'NaN'],
  [-1, '-1'],
  [1.5, '1.5'],
  [2 ** 40, '1099511627776'],
  [Infinity, 'Infinity'],
  [Symbol(), 'Symbol()'],
  ['12', "'12'"],
  [undefined, 'undefined'],
  [null, 'null'],
  [12n, '12n'],
  [{ valueOf: () => 12 }, '{ valueOf: [Function: valueOf] }'],
];

/** The names of what can be assigned and is a number now. */
function numberNames(component: object): string[] {
  const names = new Set<string>();
  for (let at = component; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { set, writable }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (/^[A-Z]/.test(name) && (set || writable)) names.add(name);
  }
  const values = component as Record<string, unknown>;
  return [...names].filter((name) => typeof values[name] === 'number' && !NO_QUANTITY.has(name));
}

const MAKERS: [name: string, make: () => object, some: string][] = [
  ['TWSocket', () => new TWSocket(), 'SendQueueLimit'],
  ['TWSocketClient', () => new TWSocketClient(), 'BandwidthLimit'],
  ['TWSocketServer', () => new TWSocketServer(), 'MaxClients'],
  ['TWSocketThrdServer', () => new TWSocketThrdServer(), 'MinThreads'],
];

describe('A property that holds a number', () => {
  for (const [className, make, some] of MAKERS) {
    it(`of ${className} refuses what is no whole number in its range, and keeps its value`, () => {
      const component = track(make() as TWSocket) as unknown as Record<string, unknown>;
      const names = numberNames(component).filter((name) => name !== 'ClientsPerThread');
      assert.ok(names.includes(some), names.join(' '));
      for (const name of names) {
        const before = component[name];
        for (const [value, told] of WRONG) {
          assert.throws(
            () => (component[name] = value),
            (error: Error) => {
              assert.ok(error instanceof ESocketException, `${name} ${error}`);
              const begin = `${name} must be an integer from `;
              assert.ok(error.message.startsWith(begin), error.message);
              assert.ok(error.message.endsWith(`, got ${told}`), error.message);
              return true;
            },
            `${name} := ${told}`,
          );
          assert.equal(component[name], before, name);
        }
      }
    });
  }

  it('is told by OnError instead of an exception where that is assigned', () => {
    const socket = track(new TWSocket());
    let errors = 0;
    socket.OnError = () => void errors++;
    socket.LineLimit = NaN;
    assert.equal(errors, 1);
    assert.equal(socket.LineLimit, 65536);
  });

  it('of an item, ListenBacklog, does the same', () => {
    const item = newMultiServer(1).items[0]!;
    for (const [value, told] of WRONG) {
      assert.throws(() => (item.ListenBacklog = value as number), {
        name: 'ESocketException',
        message: `ListenBacklog must be an integer from 0 to 2147483647, got ${told}`,
      });
    }
    assert.equal(item.ListenBacklog, 15);
  });

  it('takes its limits, which are read back', () => {
    const socket = track(new TWSocket());
    for (const [name, least, most] of [
      ['SendQueueLimit', 0, 0x7fffffff],
      ['AcceptBudget', 1, 0x7fffffff],
      ['MultiCastIpTTL', 0, 255],
    ] as const) {
      for (const value of [least, most]) {
        socket[name] = value;
        assert.equal(socket[name], value, name);
      }
      for (const value of [least - 1, most + 1]) {
        assert.throws(() => (socket[name] = value), ESocketException, `${name} := ${value}`);
        assert.equal(socket[name], most, name);
      }
    }
  });

  it('leaves a connection usable after the refusal', async () => {
    const { peer, client } = await pair(startServer());
    assert.throws(() => (client.SendQueueLimit = Symbol() as unknown as number), ESocketException);
    client.SendStr('alive');
    await peer.waitText('alive');
  });

  it('is stored in an object only when it was assigned', () => {
    const socket = track(new TWSocket());
    const before = Object.keys(socket).length;
    assert.equal(socket.SendQueueLimit, 0);
    assert.equal(Object.keys(socket).length, before);
    socket.SendQueueLimit = 7;
    assert.equal(Object.keys(socket).length, before + 1);
  });
});
