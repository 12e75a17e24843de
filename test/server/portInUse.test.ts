// Two servers on one port: the second is told so in each of the four ways ICS knows, stays closed,
// and can listen once the port is free. The first one never notices.

import assert from 'node:assert/strict';
import { ESocketException, TWSocketServer, WSAEADDRINUSE, wsClosed, wsListening } from '../../lib';
import { wsErrFriendly } from '../../lib';
import { connect, newServer, raised, record, startServer, waitFor } from '../support';

/** A listening server and a second one set to the same port. */
function rivals(): [TWSocketServer, TWSocketServer] {
  const first = startServer();
  return [first, newServer({ Port: first.BindPort })];
}

function expectClosed(server: TWSocketServer): void {
  assert.equal(server.State, wsClosed);
  assert.equal(server.HSocket, -1);
  assert.equal(server.LastError, WSAEADDRINUSE);
  assert.equal(server.BindPort, '');
}

describe('Listen on a port in use', () => {
  it('[WSS-5][H-11] raises 10048, stays closed and leaves the first server alone', async () => {
    const [first, second] = rivals();
    const events = record(second);

    const error = raised(() => second.Listen());

    assert.equal(error.message, 'Address already in use (#10048 in listen: Bind)');
    assert.equal(error.ErrorCode, 10048);
    assert.equal((error as { code?: string }).code, 'EADDRINUSE');
    expectClosed(second);
    assert.deepEqual(events, []);
    await connect(first);
    await waitFor(() => first.ClientCount === 1, 'the first server’s client');
  });

  it('[WSS-6] says it in friendly words when asked to', () => {
    const [first, second] = rivals();
    second.SocketErrs = wsErrFriendly;

    const error = raised(() => second.Listen());

    const friendly = `Another server is already listening on 127.0.0.1:${first.BindPort}`;
    assert.equal(error.message, friendly);
    assert.equal(error.FriendlyMsg, friendly);
    assert.equal(error.ErrorCode, 10048);
    expectClosed(second);
  });

  it('[WSS-7] calls OnError instead of raising', () => {
    const [, second] = rivals();
    const senders: unknown[] = [];
    second.OnError = (Sender) => {
      senders.push(Sender);
    };

    second.Listen();

    assert.deepEqual(senders, [second]);
    expectClosed(second);
  });

  it('[WSS-8] calls OnException instead of raising', () => {
    const [first, second] = rivals();
    const senders: unknown[] = [];
    const caught: ESocketException[] = [];
    second.OnException = (Sender, error) => {
      senders.push(Sender);
      caught.push(error);
    };

    second.Listen();

    assert.deepEqual(senders, [second]);
    assert.equal(caught.length, 1);
    assert.ok(caught[0] instanceof ESocketException);
    assert.equal(caught[0].ErrorCode, 10048);
    assert.equal(caught[0].IPStr, '127.0.0.1');
    assert.equal(caught[0].PortStr, first.BindPort);
    assert.equal(caught[0].ProtoStr, 'tcp');
    expectClosed(second);
  });

  it('prefers OnError when OnException is assigned too', () => {
    const [, second] = rivals();
    const fired: string[] = [];
    second.OnError = () => void fired.push('OnError');
    second.OnException = () => void fired.push('OnException');

    second.Listen();

    assert.deepEqual(fired, ['OnError']);
  });

  it('works at the next attempt when the first server has gone', async () => {
    const [first, second] = rivals();
    raised(() => second.Listen());

    first.Close();
    second.Listen();

    assert.equal(second.State, wsListening);
    assert.equal(second.LastError, 0);
    await connect(second);
    await waitFor(() => second.ClientCount === 1, 'the client of the second server');
  });
});
