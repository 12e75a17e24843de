// connect(): Connect as a promise, with a signal.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { TWSocket, wsClosed, wsConnected, wsConnecting } from '../../lib';
import { connect } from '../../lib/node';
import { freePort, startServer, track, waitFor } from '../support';
import { fullBacklog } from '../support/fullBacklog';

function socketFor(port: string | number): TWSocket {
  const socket = track(new TWSocket());
  socket.Addr = '127.0.0.1';
  socket.Port = String(port);
  return socket;
}

describe('connect(socket)', () => {
  it('resolves when the connection stands, and no byte that came along is lost', async () => {
    const server = startServer({ Banner: 'hello' });
    const socket = socketFor(server.BindPort);
    await connect(socket);
    assert.equal(socket.State, wsConnected);
    let text = '';
    socket.OnDataAvailable = () => {
      text += socket.ReceiveStr();
    };
    await waitFor(() => text === 'hello\r\n', 'the banner');
  });

  it('connects by name', async () => {
    const socket = socketFor(startServer().BindPort);
    socket.Addr = 'localhost';
    await connect(socket);
    assert.equal(socket.AddrResolvedStr, '127.0.0.1');
  });

  it('rejects with the number of a refusal, and can be tried again', async () => {
    const socket = socketFor(await freePort());
    await assert.rejects(connect(socket), { ErrorCode: 10061, code: 'ECONNREFUSED' });
    assert.equal(socket.State, wsClosed);
    socket.Port = startServer().BindPort;
    await connect(socket);
    assert.equal(socket.State, wsConnected);
  });

  it('rejects with what Connect raises, and a connection in use stays', async () => {
    await assert.rejects(connect(socketFor('')), /Connect: No Port Specified/);
    const socket = socketFor(startServer().BindPort);
    await connect(socket);
    await assert.rejects(connect(socket), /Socket already in use/);
    assert.equal(socket.State, wsConnected);
  });

  it('leaves the application its own OnSessionConnected, which comes first', async () => {
    const socket = socketFor(startServer().BindPort);
    const log: string[] = [];
    socket.OnSessionConnected = (_sender, error) => void log.push(`OnSessionConnected ${error}`);
    const own = socket.OnSessionConnected;
    await connect(socket).then(() => log.push('resolved'));
    assert.deepEqual(log, ['OnSessionConnected 0', 'resolved']);
    assert.equal(socket.OnSessionConnected, own);
  });

  it('rejects when the socket is freed or closed on the way', async () => {
    for (const end of [(s: TWSocket) => s.Free(), (s: TWSocket) => s.Close()]) {
      const socket = socketFor(startServer().BindPort);
      const connecting = connect(socket);
      end(socket);
      await assert.rejects(connecting, { ErrorCode: 10053 });
    }
  });

  it('gives up when the signal fires, and leaves no listener on it', async () => {
    const control = new AbortController();
    const socket = socketFor(await fullBacklog());
    const connecting = connect(socket, { signal: control.signal });
    assert.equal(socket.State, wsConnecting);
    control.abort();
    await assert.rejects(connecting, { name: 'AbortError' });
    assert.equal(socket.State, wsClosed);
    assert.equal(getEventListeners(control.signal, 'abort').length, 0);
    await assert.rejects(connect(socket, { signal: control.signal }), { name: 'AbortError' });
    assert.equal(socket.State, wsClosed);
  });

  it('does nothing when the signal fires after the connection stands', async () => {
    const control = new AbortController();
    const socket = socketFor(startServer().BindPort);
    await connect(socket, { signal: control.signal });
    control.abort();
    assert.equal(socket.State, wsConnected);
    assert.equal(getEventListeners(control.signal, 'abort').length, 0);
  });
});
