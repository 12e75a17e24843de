// Options of an outgoing connection, asked of the kernel.

import assert from 'node:assert/strict';
import {
  wsKeepAliveOnCustom,
  wsLingerOff,
  wsLingerOn,
  wsoTcpNoDelay,
  type TWSocket,
} from '../../lib';
import { pythonWithDescriptor, skipWithoutPython } from '../support/python';
import { skipUnless } from '../support/skipTest';
import { connected, newClient, startTarget } from './connecting';

const READ_OPTIONS = `
import json, socket, struct
s = socket.socket(fileno=3)
def get(level, name): return s.getsockopt(level, name)
print(json.dumps({
    'keepAlive': get(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    'idle': get(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    'interval': get(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    'noDelay': 1 if get(socket.IPPROTO_TCP, socket.TCP_NODELAY) else 0,
    'linger': list(struct.unpack('ii', s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))),
    'reuse': get(socket.SOL_SOCKET, socket.SO_REUSEADDR),
}))
`;

async function optionsAfter(prepare: (client: TWSocket) => void): Promise<Record<string, unknown>> {
  const { port } = await startTarget();
  const client = newClient(port);
  prepare(client);
  client.Connect();
  await connected(client);
  return JSON.parse(pythonWithDescriptor(READ_OPTIONS, client.HSocket)) as Record<string, unknown>;
}

describe('Socket options of an outgoing connection', function () {
  this.timeout(20_000);
  before(skipUnless(process.platform === 'linux', 'these option names are Linux ones'));
  before(skipWithoutPython);

  it('[WS-92] nothing is touched by default, but a local port may be used again at once', async () => {
    const { keepAlive, noDelay, linger, reuse } = await optionsAfter(() => undefined);
    assert.deepEqual(
      { keepAlive, noDelay, linger, reuse },
      { keepAlive: 0, noDelay: 0, linger: [0, 0], reuse: 1 },
    );
  });

  it('[WS-92] wsoTcpNoDelay, keep-alive with its times', async () => {
    const { keepAlive, idle, interval, noDelay } = await optionsAfter((client) => {
      client.ComponentOptions.add(wsoTcpNoDelay);
      client.KeepAliveOnOff = wsKeepAliveOnCustom;
      client.KeepAliveTime = 30_000;
      client.KeepAliveInterval = 1500;
    });
    assert.deepEqual(
      { keepAlive, idle, interval, noDelay },
      { keepAlive: 1, idle: 30, interval: 2, noDelay: 1 },
    );
  });

  it('[WS-92] LingerOnOff wsLingerOn with time 0 makes Close a reset', async () => {
    const { linger } = await optionsAfter((client) => {
      client.LingerOnOff = wsLingerOn;
    });
    assert.deepEqual(linger, [1, 0]);
  });

  it('[WS-92] LingerOnOff wsLingerOff, and a positive time, leave the ordinary close', async () => {
    for (const [how, seconds] of [
      [wsLingerOff, 0],
      [wsLingerOn, 5],
    ] as const) {
      const { linger } = await optionsAfter((client) => {
        client.LingerOnOff = how;
        client.LingerTimeout = seconds;
      });
      assert.equal((linger as number[])[0], 0);
    }
  });
});
