// Wrong Addr and Port: Listen raises with the ICS text, nothing has changed, and the same server
// object listens as soon as the value is right (H-11).

import assert from 'node:assert/strict';
import { TWSocketServer, wsClosed, wsListening } from '../../lib';
import type { ESocketException } from '../../lib';
import { connect, newServer, raised, record, waitFor } from '../support';

function expectRefused(server: TWSocketServer): ESocketException {
  const { Addr, Port } = server;
  const events = record(server);

  const error = raised(() => server.Listen());

  assert.deepEqual(events, []);
  assert.equal(server.State, wsClosed);
  assert.equal(server.HSocket, -1);
  assert.equal(server.BindPort, '');
  assert.equal(server.Addr, Addr);
  assert.equal(server.Port, Port);
  return error;
}

async function expectListensWith(server: TWSocketServer, right: object): Promise<void> {
  Object.assign(server, right);
  server.Listen();

  assert.equal(server.State, wsListening);
  assert.equal(server.LastError, 0);
  await connect(server);
  await waitFor(() => server.ClientCount === 1, 'the client');
}

describe('Listen with a wrong Addr or Port', () => {
  it('[WSS-9][H-11] raises 10049 for an address this machine does not have', async () => {
    const server = newServer({ Addr: '192.0.2.1' });

    const error = expectRefused(server);

    assert.equal(error.message, 'Address not available (#10049 in listen: Bind)');
    assert.equal(error.ErrorCode, 10049);
    assert.equal(server.LastError, 10049);
    await expectListensWith(server, { Addr: '127.0.0.1' });
  });

  it('raises 10049 for an IPv6 address this machine does not have', async () => {
    const server = newServer({ Addr: '2001:db8::1' });

    const error = expectRefused(server);

    assert.equal(error.ErrorCode, 10049);
    await expectListensWith(server, { Addr: '127.0.0.1' });
  });

  it('raises for a host name nobody knows', async () => {
    // The leading hyphen makes the system refuse it without asking a name server.
    const server = newServer({ Addr: '-no-such-host.invalid' });

    const error = expectRefused(server);

    assert.match(error.message, /^listen: Winsock Resolve Host: /);
    assert.match(error.message, /-no-such-host\.invalid/);
    await expectListensWith(server, { Addr: '127.0.0.1' });
  });

  for (const port of ['70000', '65536', '99999999999999999999']) {
    it(`raises for port ${port}, which does not exist`, async () => {
      const server = newServer({ Port: port });

      const error = expectRefused(server);

      assert.match(error.message, /^listen: /);
      await expectListensWith(server, { Port: '0' });
    });
  }

  it('[WSS-12] raises for a service name nobody knows', async () => {
    const server = newServer({ Port: 'no-such-service' });

    const error = expectRefused(server);

    assert.match(error.message, /^listen: Winsock Resolve Port: Cannot convert port/);
    assert.match(error.message, /'no-such-service'/);
    await expectListensWith(server, { Port: '0' });
  });

  it('raises for a protocol nobody knows', async () => {
    const server = newServer({ Proto: 'no-such-protocol' });

    const error = expectRefused(server);

    assert.match(error.message, /^listen: Winsock Resolve Proto: Cannot convert protocol/);
    await expectListensWith(server, { Proto: 'tcp' });
  });
});
