// Addresses the system cannot reach. Which number it gives, and whether at once or later, differs
// between machines; that there is exactly one answer and a closed socket does not.

import assert from 'node:assert/strict';
import { ESocketException, wsClosed, wsoAsyncDnsLookup } from '../../lib';
import { drained, waitFor } from '../support';
import { connected, newClient, recordSocket, startTarget } from './connecting';

const NOWHERE = ['240.0.0.1', '255.255.255.255', '100::1', 'fe80::1'];

describe('Connect to an address without a route', () => {
  for (const address of NOWHERE) {
    it(`${address}: one error, closed, and the next attempt works`, async () => {
      const { port } = await startTarget();
      const client = newClient(port, address);
      const lines = recordSocket(client);
      let raised = 0;

      try {
        client.Connect();
      } catch (error) {
        assert.ok(error instanceof ESocketException, String(error));
        assert.notEqual(error.ErrorCode, 0);
        assert.equal(error.Func, 'Connect');
        raised = 1;
      }
      // Where packets vanish silently the attempt would last for minutes.
      const told = (): number => lines.filter((line) => line.startsWith('OnSessionConn')).length;
      await drained();
      if (raised + told() === 0) client.Close();

      assert.ok(raised + told() <= 1, lines.join(', '));
      assert.equal(client.State, wsClosed);
      assert.equal(client.HSocket, -1);
      client.Addr = '127.0.0.1';
      client.Connect();
      await connected(client);
    });
  }

  it('an error at once after a lookup is OnSessionConnected(e), then closed with OnSessionClosed', async () => {
    const client = newClient(80, 'localhost');
    client.ComponentOptions.add(wsoAsyncDnsLookup);
    client.OnDnsLookupDone = () => {
      client.DnsResult = '255.255.255.255'; // a stream to everybody is refused at once
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
