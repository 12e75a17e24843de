// Addresses the system cannot reach: one answer, a closed socket, and the next attempt works. They are
// tried in a network namespace, where the routes are the test's own.
import assert from 'node:assert/strict';
import { wsClosed, wsoAsyncDnsLookup } from '../../lib';
import { waitFor } from '../support';
import { runInNamespace, skipWithoutNamespace } from '../support/namespace';
import { newClient, recordSocket, startTarget } from './connecting';

const ROUTES = ['ip route add prohibit 240.0.0.0/8', 'ip route add unreachable 241.0.0.0/8'];

const EXPECTED: [address: string, code: number, reason: string][] = [
  ['240.0.0.1', 10013, 'a route that prohibits it'],
  ['241.0.0.1', 10065, 'a route that knows it cannot be reached'],
  ['242.0.0.1', 10051, 'no route'],
  ['255.255.255.255', 10051, 'a stream to everybody'],
  ['100::1', 10051, 'no IPv6 route'],
  ['fe80::1', 10022, 'a link address without its interface'],
];

describe('Connect to an address without a route', () => {
  describe('in a network namespace', () => {
    before(skipWithoutNamespace);

    it('raises once, is closed with OnSessionClosed(0), and the next attempt works', async () => {
      const args = EXPECTED.map(([address]) => address);
      const script = runInNamespace('unreachable', ROUTES, { args });
      await script.printed('done');
      for (const [address, code, reason] of EXPECTED) {
        assert.deepEqual(
          JSON.parse(await script.printed(address)),
          { code, func: 'Connect', events: ['OnSessionClosed 0'], state: 'Closed', descriptor: -1 },
          reason,
        );
      }
    });
  });

  it('an error at once after a lookup is OnSessionConnected(e), then closed with OnSessionClosed', async () => {
    const client = newClient(80, 'localhost');
    client.ComponentOptions.add(wsoAsyncDnsLookup);
    client.OnDnsLookupDone = () => {
      client.DnsResult = '255.255.255.255'; // no kernel ever sends a stream to everybody
    };
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => lines.includes('OnSessionClosed 0'), 'the end');

    assert.equal(lines.filter((line) => /^OnSessionConnected 1\d{4}$/.test(line)).length, 1);
    assert.deepEqual(lines.slice(-2), ['Connecting Closed', 'OnSessionClosed 0']);
  });

  it('a local address that cannot be had, after a lookup, is told the same way', async () => {
    const { port } = await startTarget();
    const client = newClient(port, 'localhost');
    client.LocalAddr = '203.0.113.77';
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => lines.includes('OnSessionClosed 0'), 'the end');

    assert.ok(lines.includes('OnSessionConnected 10049'), lines.join(', '));
    assert.equal(client.State, wsClosed);
  });
});
