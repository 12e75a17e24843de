// The four ways in which a TWSocket reports an error, shown with a busy port.

import assert from 'node:assert/strict';
import { ESocketException, wsClosed, wsErrFriendly } from '../../lib';
import type { TWSocket } from '../../lib';
import { raised } from '../support';
import { newListener, startListener } from './listening';

function rival(): { socket: TWSocket; port: string } {
  const port = startListener().GetXPort();
  return { socket: newListener(port), port };
}

describe('TWSocket.Listen on a busy port', () => {
  it('[WS-12] raises the technical text and changes nothing', () => {
    const { socket } = rival();
    let changes = 0;
    socket.OnChangeState = () => {
      changes++;
    };

    const error = raised(() => socket.Listen());

    assert.equal(error.message, 'Address already in use (#10048 in listen: Bind)');
    assert.equal(error.Func, 'listen: Bind');
    assert.equal(changes, 0);
    assert.equal(socket.State, wsClosed);
    assert.equal(socket.HSocket, -1);
    assert.equal(socket.LastError, 10048);
  });

  it('[WS-13] raises the friendly text when asked to', () => {
    const { socket, port } = rival();
    socket.SocketErrs = wsErrFriendly;

    const error = raised(() => socket.Listen());

    assert.equal(error.message, `Another server is already listening on 127.0.0.1:${port}`);
    assert.equal(error.ErrorMessage, 'Address already in use');
    assert.equal(error.ErrorCode, 10048);
  });

  it('[WS-14] calls OnError once instead of raising', () => {
    const { socket } = rival();
    const senders: unknown[] = [];
    socket.OnError = (Sender) => {
      senders.push(Sender);
    };

    socket.Listen();

    assert.deepEqual(senders, [socket]);
    assert.equal(socket.LastError, 10048);
    assert.equal(socket.State, wsClosed);
  });

  it('[WS-15] calls onException with the details instead of raising', () => {
    const { socket, port } = rival();
    const calls: [unknown, ESocketException][] = [];
    socket.onException = (Sender, error) => {
      calls.push([Sender, error]);
    };

    socket.Listen();

    assert.equal(calls.length, 1);
    const [Sender, caught] = calls[0]!;
    assert.equal(Sender, socket);
    assert.ok(caught instanceof ESocketException);
    assert.equal(caught.IPStr, '127.0.0.1');
    assert.equal(caught.PortStr, port);
    assert.equal(caught.ProtoStr, 'tcp');
    assert.equal(caught.ErrorCode, 10048);
  });
});
