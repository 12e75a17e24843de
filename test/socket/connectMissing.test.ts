// Connect without, or with wrong, properties: an exception at once, and nothing else has happened.

import assert from 'node:assert/strict';
import { TWSocket, wsClosed } from '../../lib';
import { raised, track } from '../support';
import { connected, newClient, recordSocket, startTarget } from './connecting';

function refusedWith(props: Partial<TWSocket>): { message: string; lastError: number } {
  const client = track(new TWSocket());
  Object.assign(client, props);
  const lines = recordSocket(client);

  const { message } = raised(() => client.Connect());

  assert.deepEqual(lines, []);
  assert.equal(client.State, wsClosed);
  assert.equal(client.HSocket, -1);
  return { message, lastError: client.LastError };
}

describe('Connect with properties missing or wrong', () => {
  it('[WS-10] names the missing property: Port, then Addr, then Proto', () => {
    assert.equal(refusedWith({ Proto: '' }).message, 'Connect: No Port Specified');
    assert.equal(
      refusedWith({ Port: '80', Proto: '' }).message,
      'Connect: No IP Address Specified',
    );
    assert.equal(
      refusedWith({ Port: '80', Addr: '127.0.0.1', Proto: '' }).message,
      'Connect: No Protocol Specified',
    );
  });

  const good = { Addr: '127.0.0.1', Port: '80' };
  const wrong: [string, Partial<TWSocket>, string][] = [
    [
      'a service nobody knows',
      { Port: 'no-such-service' },
      "Cannot convert port 'no-such-service'",
    ],
    ['a port above 65535', { Port: '65536' }, "'65536' is above 65535"],
    ['a local port nobody knows', { LocalPort: 'nowhere' }, "Cannot convert port 'nowhere'"],
    ['an address with a bad number', { Addr: '127.0.0.256' }, "'127.0.0.256' Invalid IP address"],
    ['an address with three numbers', { Addr: '1.2.3.' }, "'1.2.3.' Invalid IP address"],
    ['an unknown protocol', { Proto: 'nosuch' }, "Cannot convert protocol 'nosuch'"],
    ['a protocol without connections', { Proto: 'raw' }, "protocol 'raw' is not supported"],
  ];
  for (const [what, props, text] of wrong) {
    it(`[WS-10] ${what}: an exception that begins with "connect: "`, () => {
      const { message, lastError } = refusedWith({ ...good, ...props });
      assert.ok(message.startsWith('connect: '), message);
      assert.ok(message.includes(text), message);
      assert.notEqual(lastError, 0);
    });
  }

  it('[WS-10] connects once the property is right', async () => {
    const { port } = await startTarget();
    const client = newClient('no-such-service');
    raised(() => client.Connect());

    client.Port = String(port);
    client.Connect();
    await connected(client);

    assert.equal(client.LastError, 0);
  });
});
