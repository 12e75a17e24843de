// A new TWSocket: the values ICS gives it, and what it answers while it has no socket.

import assert from 'node:assert/strict';
import { sfAny, sfIPv4, sfIPv6, TWSocket, wsClosed, wsErrTech } from '../../lib';
import { track } from '../support';

function newSocket(): TWSocket {
  return track(new TWSocket());
}

describe('A new TWSocket', () => {
  it('[WS-1] has the defaults of ICS', () => {
    const socket = newSocket();

    assert.equal(socket.State, wsClosed);
    assert.equal(socket.Proto, 'tcp');
    assert.equal(socket.LocalPort, '0');
    assert.equal(socket.LocalAddr, '0.0.0.0');
    assert.equal(socket.LocalAddr6, '::');
    assert.equal(socket.ListenBacklog, 15);
    assert.equal(socket.BufSize, 1460);
    assert.equal(socket.LineEnd, '\r\n');
    assert.equal(socket.LineLimit, 65536);
    assert.equal(socket.LineMode, false);
    assert.equal(socket.SocketErrs, wsErrTech);
    assert.equal(socket.SocketFamily, sfIPv4);
    assert.equal(socket.Addr, '');
    assert.equal(socket.Port, '');
    assert.equal(socket.ComponentOptions.size, 0);
  });

  it('[WS-2] is empty and unconnected', () => {
    const socket = newSocket();

    assert.equal(socket.AllSent, true);
    assert.equal(socket.LastError, 0);
    assert.equal(socket.ReadCount, 0);
    assert.equal(socket.WriteCount, 0);
    assert.equal(socket.BufferedByteCount, 0);
    assert.equal(socket.HSocket, -1);
    assert.equal(socket.PeerAddr, 'error');
    assert.equal(socket.PeerPort, 'error');
    assert.equal(socket.GetXAddr(), 'error');
    assert.equal(socket.GetXPort(), 'error');
  });

  it('has no event assigned', () => {
    const socket = newSocket();

    assert.equal(socket.OnDataAvailable, null);
    assert.equal(socket.OnSessionClosed, null);
    assert.equal(socket.OnChangeState, null);
    assert.equal(socket.OnError, null);
    assert.equal(socket.OnBgException, null);
  });

  it('[WS-5] takes its family from a literal address and gives it back for a name', () => {
    const socket = newSocket();
    socket.SocketFamily = sfAny;

    socket.Addr = '::1';
    assert.equal(socket.SocketFamily, sfIPv6);
    socket.Addr = '127.0.0.1';
    assert.equal(socket.SocketFamily, sfIPv4);
    socket.Addr = 'localhost';
    assert.equal(socket.SocketFamily, sfAny);
  });

  it('[WS-6] trims Addr and Port', () => {
    const socket = newSocket();

    socket.Addr = '  127.0.0.1 ';
    socket.Port = ' 80  ';

    assert.equal(socket.Addr, '127.0.0.1');
    assert.equal(socket.Port, '80');
    assert.equal(socket.SocketFamily, sfIPv4);
  });

  it('[WS-7] reads an emptied LocalAddr as the default', () => {
    const socket = newSocket();
    Object.assign(socket, { LocalAddr: '127.0.0.1', LocalAddr6: '::1' });
    assert.equal(socket.LocalAddr, '127.0.0.1');

    socket.LocalAddr = '';
    socket.LocalAddr6 = '';

    assert.equal(socket.LocalAddr, '0.0.0.0');
    assert.equal(socket.LocalAddr6, '::');
  });
});
