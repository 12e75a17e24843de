// IPv6 literals.

import assert from 'node:assert/strict';
import { AF_INET6, sfIPv6, wsConnecting, wsoAsyncDnsLookup } from '../../lib';
import { connected, newClient, recordSocket, startTarget } from './connecting';
import { skipWithoutIPv6 } from '../support/ipv6';

describe('Connect to an IPv6 literal', () => {
  before(skipWithoutIPv6);

  for (const options of [[], [wsoAsyncDnsLookup]]) {
    const how = options.length > 0 ? 'with wsoAsyncDnsLookup' : 'without options';
    it(`[WS-35] ${how}: connects at once, without a lookup`, async () => {
      const { port } = await startTarget(undefined, '::1');
      const client = newClient(port, '::1');
      client.ComponentOptions = new Set(options);
      const lines = recordSocket(client);

      client.Connect();

      assert.equal(client.State, wsConnecting);
      assert.equal(client.SocketFamily, sfIPv6);
      await connected(client);
      assert.equal(client.AddrResolvedStr, '::1');
      assert.equal(client.AddrFormat, AF_INET6);
      assert.equal(client.PeerAddr, '::1');
      assert.deepEqual(lines, [
        'Closed Opened',
        'Opened Connecting',
        'Connecting Connected',
        'OnSessionConnected 0',
      ]);
    });
  }

  it('[WS-35] a scope is part of the address', async () => {
    const { port } = await startTarget(undefined, '::1');
    const client = newClient(port, '::1%lo');
    client.Connect();
    await connected(client);
  });

  it('[WS-35] LocalAddr6 and LocalPort choose its own end', async () => {
    const { port } = await startTarget(undefined, '::1');
    const client = newClient(port, '::1');
    client.LocalAddr6 = '::1';
    client.Connect();
    await connected(client);
    assert.equal(client.GetXAddr(), '::1');
    assert.equal(client.LocalPort, client.GetXPort());
    assert.ok(Number(client.LocalPort) > 0);
  });
});
