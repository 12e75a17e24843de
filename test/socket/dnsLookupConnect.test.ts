// Connect by name: the lookup is a state of its own.

import assert from 'node:assert/strict';
import { wsClosed, wsConnected, wsDnsLookup, wsoAsyncDnsLookup } from '../../lib';
import type { TWSocket } from '../../lib';
import { drained, raised, waitFor } from '../support';
import { startDnsServer, reply, recordA } from '../support/dnsServer';
import { connected, echoTarget, expectAnswer, newClient, recordSocket } from './connecting';

function byName(port: number, name = 'localhost'): TWSocket {
  const client = newClient(port, name);
  client.ComponentOptions.add(wsoAsyncDnsLookup);
  return client;
}

/** A lookup that is never answered: the server is silent. */
async function unanswered(port: number): Promise<TWSocket> {
  const { address } = await startDnsServer(() => null);
  const client = byName(port, 'silence.test');
  client.DnsServers = [address];
  return client;
}

const UNKNOWN = 'no-such-host.invalid';

describe('Connect by name', () => {
  it('[WS-29] is in wsDnsLookup at return, then OnDnsLookupDone(0), then connects', async () => {
    const { port } = await echoTarget();
    const client = byName(port);
    let result = '';
    client.OnDnsLookupDone = () => {
      result = client.DnsResult;
    };
    const lines = recordSocket(client);

    client.Connect();
    assert.equal(client.State, wsDnsLookup);
    await connected(client);
    await drained();

    assert.equal(result, '127.0.0.1');
    assert.equal(client.AddrResolvedStr, '127.0.0.1');
    assert.deepEqual(lines, [
      'Closed DnsLookup',
      'OnDnsLookupDone 0',
      'DnsLookup Opened',
      'Opened Connecting',
      'Connecting Connected',
      'OnSessionConnected 0',
    ]);
    await expectAnswer(client);
  });

  it('[WS-30] goes where the handler says', async () => {
    const { port, sockets } = await echoTarget();
    const { address } = await startDnsServer((question) => reply(question, [recordA('192.0.2.1')]));
    const client = byName(port, 'elsewhere.test');
    client.DnsServers = [address];
    client.OnDnsLookupDone = () => {
      assert.equal(client.DnsResult, '192.0.2.1');
      client.DnsResult = '127.0.0.1';
    };

    client.Connect();
    await connected(client);

    assert.equal(client.AddrResolvedStr, '127.0.0.1');
    await waitFor(() => sockets.length === 1, 'the peer');
  });

  for (const nonsense of ['', 'nonsense', '1.2.3', 'localhost', '127.0.0.1:80', '\0', '::g']) {
    it(`[WS-30] nonsense from the handler (${JSON.stringify(nonsense)}) is OnSessionConnected(11001)`, async () => {
      const { port } = await echoTarget();
      const client = byName(port);
      client.OnDnsLookupDone = () => {
        client.DnsResult = nonsense;
      };
      const lines = recordSocket(client);

      client.Connect();
      await waitFor(() => lines.includes('DnsLookup Closed'), 'the end');

      assert.deepEqual(lines, [
        'Closed DnsLookup',
        'OnDnsLookupDone 0',
        'OnSessionConnected 11001',
        'DnsLookup Closed',
      ]);
      client.OnDnsLookupDone = null;
      client.Connect();
      await connected(client);
    });
  }

  it('[WS-31] an unknown name: OnDnsLookupDone(e), OnSessionConnected(e), no socket', async () => {
    const { port } = await echoTarget();
    const { address } = await startDnsServer((question) => reply(question, [], 3));
    const client = byName(port, UNKNOWN);
    client.DnsServers = [address];
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => client.State === wsClosed, 'the end');

    assert.deepEqual(lines, [
      'Closed DnsLookup',
      'OnDnsLookupDone 11001',
      'OnSessionConnected 11001',
      'DnsLookup Closed',
    ]);
    assert.equal(client.HSocket, -1);
    assert.equal(client.LastError, 11001);
    client.Addr = 'localhost';
    client.DnsServers = null;
    client.Connect();
    await connected(client);
  });

  it('[WS-31] OnSessionConnected(e) may begin the next attempt, by name or by number', async () => {
    for (const next of ['localhost', '127.0.0.1']) {
      const { port } = await echoTarget();
      const { address } = await startDnsServer((question) => reply(question, [], 3));
      const client = byName(port, UNKNOWN);
      client.DnsServers = [address];
      client.OnSessionConnected = (_Sender, ErrCode) => {
        if (ErrCode === 0) return;
        client.Close();
        client.DnsServers = null;
        client.Addr = next;
        client.Connect();
      };
      client.Connect();
      await connected(client);
      await expectAnswer(client);
    }
  });

  it('[WS-31] OnSessionConnected(e) may call Connect at once: the name is looked up again', async () => {
    const { port } = await echoTarget();
    let asked = 0;
    const { address } = await startDnsServer((question) =>
      ++asked === 1 ? reply(question, [], 3) : reply(question, [recordA('127.0.0.1')]),
    );
    const client = byName(port, 'second-time.test');
    client.DnsServers = [address];
    client.OnSessionConnected = (_Sender, ErrCode) => {
      if (ErrCode !== 0) client.Connect();
    };
    const lines = recordSocket(client);

    client.Connect();
    await connected(client);

    assert.deepEqual(
      lines.filter((line) => line.startsWith('On')),
      [
        'OnDnsLookupDone 11001',
        'OnSessionConnected 11001',
        'OnDnsLookupDone 0',
        'OnSessionConnected 0',
      ],
    );
  });

  for (const how of ['Close', 'Abort', 'CancelDnsLookup'] as const) {
    it(`[WS-34] ${how} during the lookup: OnDnsLookupDone(10004), then closed, no more`, async () => {
      const { port } = await echoTarget();
      const client = await unanswered(port);
      const lines = recordSocket(client);
      client.Connect();

      client[how]();

      const expected = ['Closed DnsLookup', 'OnDnsLookupDone 10004', 'DnsLookup Closed'];
      assert.deepEqual(lines, expected);
      await drained();
      assert.deepEqual(lines, expected);
      client.Addr = '127.0.0.1';
      client.Connect();
      await connected(client);
    });

    it(`[WS-34] ${how} in OnDnsLookupDone: no connection, and the next Connect works`, async () => {
      const { port, sockets } = await echoTarget();
      const client = byName(port);
      let once = true;
      client.OnDnsLookupDone = () => {
        if (once) client[how]();
        once = false;
      };
      const lines = recordSocket(client);

      client.Connect();
      await waitFor(() => client.State === wsClosed, 'the end');
      await drained();

      assert.equal(
        lines.filter((line) => line.startsWith('OnSession')).length,
        0,
        lines.join(', '),
      );
      assert.equal(client.HSocket, -1);
      assert.equal(sockets.length, 0);
      client.Connect();
      await connected(client);
    });
  }

  it('Free during the lookup, or in OnDnsLookupDone, ends everything', async () => {
    const { port, sockets } = await echoTarget();
    const first = await unanswered(port);
    const lines = recordSocket(first);
    first.Connect();
    first.Free();
    assert.deepEqual(lines, ['Closed DnsLookup', 'DnsLookup Closed']);

    const second = byName(port);
    second.OnDnsLookupDone = () => second.Free();
    second.Connect();
    await waitFor(() => second.isDestroyed, 'the free');
    await drained();
    assert.equal(second.HSocket, -1);
    assert.equal(sockets.length, 0);
  });

  it('Close and Connect in OnDnsLookupDone, by name or number, connect once', async () => {
    for (const next of ['localhost', '127.0.0.1']) {
      const { port, sockets } = await echoTarget();
      const client = byName(port);
      let once = true;
      client.OnDnsLookupDone = () => {
        if (!once) return;
        once = false;
        client.Close();
        client.Addr = next;
        client.Connect();
      };
      client.Connect();
      await connected(client);
      await expectAnswer(client);
      assert.equal(sockets.length, 1);
    }
  });

  it('Connect during the lookup raises and the lookup goes on', async () => {
    const { port } = await echoTarget();
    const client = byName(port);
    client.Connect();
    assert.equal(raised(() => client.Connect()).message, 'Connect: Socket already in use');
    await connected(client);
  });

  it('DnsLookup during the lookup of Connect ends the attempt; both may begin again', async () => {
    const { port } = await echoTarget();
    const client = await unanswered(port);
    const lines = recordSocket(client);
    client.Connect();

    client.DnsLookup('127.0.0.2');

    assert.equal(client.State, wsClosed);
    assert.deepEqual(lines, ['Closed DnsLookup', 'DnsLookup Closed', 'OnDnsLookupDone 0']);
    client.Addr = '127.0.0.1';
    client.Connect();
    await connected(client);
  });

  it('a lookup beside a connection leaves the connection alone', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    client.Connect();
    await connected(client);
    const lines = recordSocket(client);

    client.DnsLookup('localhost');
    await waitFor(() => lines.length > 0, 'the answer');

    assert.deepEqual(lines, ['OnDnsLookupDone 0']);
    assert.equal(client.State, wsConnected);
    await expectAnswer(client);
  });

  it('an exception in OnDnsLookupDone goes to OnBgException; the attempt ends', async () => {
    const { port } = await echoTarget();
    const client = byName(port);
    let caught = 0;
    client.OnDnsLookupDone = () => {
      throw new Error('boom');
    };
    client.OnBgException = () => {
      caught++;
    };
    client.Connect();
    await waitFor(() => client.State === wsClosed, 'the end');

    assert.equal(caught, 1);
    client.OnDnsLookupDone = null;
    client.Connect();
    await connected(client);
  });

  it('with CanClose False the attempt goes on', async () => {
    const { port } = await echoTarget();
    const client = byName(port);
    client.OnDnsLookupDone = () => {
      throw new Error('boom');
    };
    client.OnBgException = (_Sender, _E, CanClose) => {
      CanClose.Value = false;
    };
    client.Connect();
    await connected(client);
  });
});
