// Keep-alive and no-delay, asked of the kernel: a Python program gets the connection's descriptor
// and reads the options.

import assert from 'node:assert/strict';
import { wsKeepAliveOnCustom, wsKeepAliveOnSystem, wsoTcpNoDelay } from '../../lib';
import type { TWSocket } from '../../lib';
import { pythonWithDescriptor, skipWithoutPython } from '../support/python';
import { skipUnless } from '../support/skipTest';
import { accepted, acceptedByHand } from './accepted';

const READ_OPTIONS = `
import json, socket
s = socket.socket(fileno=3)
tcp = socket.IPPROTO_TCP
print(json.dumps({
    'keepAlive': s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0,
    'idle': s.getsockopt(tcp, socket.TCP_KEEPIDLE),
    'interval': s.getsockopt(tcp, socket.TCP_KEEPINTVL),
    'noDelay': s.getsockopt(tcp, socket.TCP_NODELAY) != 0,
}))
`;

interface Options {
  keepAlive: boolean;
  idle: number;
  interval: number;
  noDelay: boolean;
}

function optionsOf(socket: TWSocket): Options {
  return JSON.parse(pythonWithDescriptor(READ_OPTIONS, socket.HSocket)) as Options;
}

/** The options of a connection of a TWSocketServer, prepared in OnClientCreate. */
async function optionsAfter(prepare: (client: TWSocket) => void): Promise<Options> {
  const { client } = await accepted(undefined, {
    OnClientCreate: (_Sender, Client) => prepare(Client),
  });
  return optionsOf(client);
}

describe('Socket options of a connection', function () {
  this.timeout(20_000);
  before(skipUnless(process.platform === 'linux', 'these option names are Linux ones'));
  before(skipWithoutPython);

  it('[WS-92] keep-alive and no-delay are off by default', async () => {
    const { keepAlive, noDelay } = await optionsAfter(() => undefined);
    assert.deepEqual({ keepAlive, noDelay }, { keepAlive: false, noDelay: false });
  });

  it('[WS-92] KeepAliveOnOff wsKeepAliveOnSystem: SO_KEEPALIVE is on, with the system’s times', async () => {
    const plain = await optionsAfter(() => undefined);
    const options = await optionsAfter((client) => {
      client.KeepAliveOnOff = wsKeepAliveOnSystem;
      client.KeepAliveTime = 5000; // counts only for wsKeepAliveOnCustom
    });
    assert.deepEqual(options, { ...plain, keepAlive: true });
  });

  it('wsKeepAliveOnCustom: on, with the times in milliseconds rounded up to seconds', async () => {
    const { keepAlive, idle, interval } = await optionsAfter((client) => {
      client.KeepAliveOnOff = wsKeepAliveOnCustom;
      client.KeepAliveTime = 30_000;
      client.KeepAliveInterval = 1500;
    });
    assert.deepEqual({ keepAlive, idle, interval }, { keepAlive: true, idle: 30, interval: 2 });
  });

  it('[WS-92] wsoTcpNoDelay in ComponentOptions: TCP_NODELAY is on', async () => {
    const { noDelay } = await optionsAfter((client) => client.ComponentOptions.add(wsoTcpNoDelay));
    assert.equal(noDelay, true);
  });

  it('[WS-92] both, for a descriptor assigned to HSocket', async () => {
    const { client } = await acceptedByHand((socket) => {
      socket.KeepAliveOnOff = wsKeepAliveOnSystem;
      socket.ComponentOptions = new Set([wsoTcpNoDelay]);
    });
    const { keepAlive, noDelay } = optionsOf(client);
    assert.deepEqual({ keepAlive, noDelay }, { keepAlive: true, noDelay: true });
  });

  it('[WS-92] SetKeepAliveOption and SetTcpNoDelayOption apply to the live connection', async () => {
    const { client } = await accepted();
    client.KeepAliveOnOff = wsKeepAliveOnSystem;
    client.ComponentOptions.add(wsoTcpNoDelay);
    assert.deepEqual(
      [optionsOf(client).keepAlive, optionsOf(client).noDelay],
      [false, false],
      'assigning alone changes nothing',
    );

    client.SetKeepAliveOption();
    client.SetTcpNoDelayOption();
    assert.deepEqual([optionsOf(client).keepAlive, optionsOf(client).noDelay], [true, true]);

    client.ComponentOptions.delete(wsoTcpNoDelay);
    client.SetTcpNoDelayOption();
    assert.equal(optionsOf(client).noDelay, false);
  });
});
