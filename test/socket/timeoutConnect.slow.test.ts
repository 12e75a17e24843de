// TimeoutConnect: OnTimeout(torConnect) while Connect goes nowhere.
import assert from 'node:assert/strict';
import { torConnect, TWSocket, wsClosed, wsConnected, wsConnecting } from '../../lib';
import { connect, freePort, startServer, track, waitFor } from '../support';
import { samplingPeriod } from './timed';

const DEADLINE = 15_000;

/** The port of a listener that accepts nobody and whose queue is full: a SYN gets no answer. */
async function silentPort(): Promise<string> {
  const listener = track(new TWSocket());
  Object.assign(listener, { Addr: '127.0.0.1', Port: '0', ListenBacklog: 1 });
  listener.Listen();
  listener.Pause();
  const port = listener.GetXPort();
  await connect(Number(port));
  await connect(Number(port));
  return port;
}

function connecting(port: string, timeout: number): { socket: TWSocket; events: string[] } {
  const socket = track(new TWSocket());
  const events: string[] = [];
  Object.assign(socket, { Addr: '127.0.0.1', Port: port, TimeoutSampling: 1000 });
  socket.TimeoutConnect = timeout;
  socket.OnTimeout = (_sender, reason) => void events.push(`OnTimeout ${reason}`);
  socket.OnSessionConnected = (_sender, error) => void events.push(`OnSessionConnected ${error}`);
  socket.OnSessionClosed = (_sender, error) => void events.push(`OnSessionClosed ${error}`);
  socket.Connect();
  return { socket, events };
}

describe('TimeoutConnect', () => {
  it('[WS-84] fires once for a target that does not answer; the socket goes on connecting', async () => {
    const start = performance.now();
    const { socket, events } = connecting(await silentPort(), 500);
    await waitFor(() => events.length > 0, 'OnTimeout', DEADLINE);

    assert.ok(performance.now() - start > 500);
    assert.deepEqual(events, [`OnTimeout ${torConnect}`]);
    assert.equal(socket.State, wsConnecting);
    await samplingPeriod();
    assert.deepEqual(events, [`OnTimeout ${torConnect}`]);
    socket.Abort();
    assert.equal(socket.State, wsClosed);
  });

  it('[WS-84] lets its handler close the socket and connect somewhere else', async () => {
    const server = startServer();
    const { socket, events } = connecting(await silentPort(), 500);
    socket.OnTimeout = () => {
      socket.Close();
      socket.Port = server.GetXPort();
      socket.Connect();
    };
    await waitFor(() => socket.State === wsConnected, 'the second connection', DEADLINE);
    assert.deepEqual(events, ['OnSessionClosed 0', 'OnSessionConnected 0']);
  });

  it('fires for a proxy that accepts and says nothing', async () => {
    const socket = track(new TWSocket());
    const reasons: number[] = [];
    Object.assign(socket, { Addr: '127.0.0.1', Port: '1', TimeoutSampling: 1000 });
    socket.SocksServer = '127.0.0.1';
    socket.SocksPort = startServer({ Banner: '' }).GetXPort();
    socket.TimeoutConnect = 500;
    socket.OnTimeout = (_sender, reason) => void reasons.push(reason);
    socket.Connect();
    await waitFor(() => reasons.length > 0, 'OnTimeout', DEADLINE);
    assert.deepEqual(reasons, [torConnect]);
    socket.Abort();
    assert.equal(socket.State, wsClosed);
  });

  it('does not fire for a connection that was made', async () => {
    const { socket, events } = connecting(startServer().GetXPort(), 1);
    await waitFor(() => events.length > 0, 'the connection');
    await samplingPeriod();
    await samplingPeriod();
    assert.deepEqual(events, ['OnSessionConnected 0']);
    assert.equal(socket.State, wsConnected);
  });

  it('does not fire for a connection that was refused', async () => {
    const { socket, events } = connecting(String(await freePort()), 1);
    await waitFor(() => socket.State === wsClosed, 'the refusal');
    await samplingPeriod();
    assert.deepEqual(events, ['OnSessionConnected 10061', 'OnSessionClosed 0']);
  });

  it('is not disturbed by a second Connect, which is refused', async () => {
    const { socket, events } = connecting(await silentPort(), 500);
    assert.throws(() => socket.Connect(), /Connect: Socket already in use/);
    await waitFor(() => events.length > 0, 'OnTimeout', DEADLINE);
    assert.deepEqual(events, [`OnTimeout ${torConnect}`]);
  });
});
