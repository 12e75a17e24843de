// Counter: the times of a connection's activity, for sockets that ask for it.
import assert from 'node:assert/strict';
import { TWSocket, TWSocketCounter, torIdle } from '../../lib';
import { track, waitFor } from '../support';
import { accepted, pattern } from './accepted';
import { samplingPeriod } from './timed';

describe('Counter', () => {
  it('is there only when it was asked for', async () => {
    const { client, peer } = await accepted();
    peer.write('x');
    await waitFor(() => client.RcvdCount === 1, 'the byte');
    client.ReceiveStr();
    assert.equal(client.Counter, null);
  });

  it('begins with the connection when it was made before', async () => {
    const before = Date.now();
    const { client } = await accepted(undefined, {
      OnClientCreate: (_server, newClient) => {
        newClient.CreateCounter();
        assert.equal(newClient.Counter!.ConnectTick, 0);
        assert.equal(newClient.Counter!.ConnectDT, null);
        assert.equal(newClient.Counter!.LastAliveTick, 0);
      },
    });
    const counter = client.Counter!;
    assert.ok(counter instanceof TWSocketCounter);
    assert.ok(counter.ConnectTick > 0);
    assert.ok(counter.ConnectDT!.getTime() >= before);
    assert.equal(counter.LastRecvTick, 0);
    assert.equal(counter.LastSendTick, 0);
    assert.equal(counter.LastAliveTick, counter.ConnectTick);
  });

  for (const lineMode of [false, true]) {
    it(`stamps what is received and sent (LineMode ${lineMode})`, async () => {
      const { client, peer } = await accepted((newClient) => {
        newClient.LineMode = lineMode;
        newClient.OnDataAvailable = () => void newClient.ReceiveStr();
      });
      client.CreateCounter();
      const counter = client.Counter!;
      peer.write('line\r\n');
      await waitFor(() => counter.LastRecvTick > 0, 'LastRecvTick');
      assert.ok(counter.LastRecvTick >= counter.ConnectTick);
      assert.equal(counter.LastSendTick, 0);
      client.SendStr('x');
      assert.ok(counter.LastSendTick >= counter.LastRecvTick);
      assert.equal(counter.LastAliveTick, counter.LastSendTick);
    });
  }

  it('stamps what goes out of the queue later', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    const data = pattern(8_000_000);
    client.Send(data);
    assert.equal(client.AllSent, false);
    client.CreateCounter();
    assert.equal(client.Counter!.LastSendTick, 0);
    peer.socket.resume();
    await waitFor(() => client.AllSent, 'everything sent', 15_000);
    assert.ok(client.Counter!.LastSendTick > 0);
  });

  it('is kept by a close and begins anew with the next connection', async () => {
    const { server } = await accepted();
    const socket = track(new TWSocket());
    socket.CreateCounter();
    const counter = socket.Counter!;
    for (let i = 0; i < 2; i++) {
      counter.ConnectTick = 0;
      counter.LastSendTick = 1e12;
      Object.assign(socket, { Addr: '127.0.0.1', Port: server.GetXPort() });
      socket.Connect();
      await waitFor(() => counter.ConnectTick > 0, 'ConnectTick');
      assert.equal(counter.LastSendTick, 0);
      socket.Close();
      assert.equal(socket.Counter, counter);
    }
  });

  it('is of the class in CounterClass, which may not be null', () => {
    class TMyCounter extends TWSocketCounter {}
    const socket = track(new TWSocket());
    assert.throws(
      () => (socket.CounterClass = null as unknown as typeof TWSocketCounter),
      /Property CounterClass may not be nil!/,
    );
    assert.equal(socket.CounterClass, TWSocketCounter);
    socket.CounterClass = TMyCounter;
    socket.CreateCounter();
    assert.ok(socket.Counter instanceof TMyCounter);
    socket.Counter = null;
    assert.equal(socket.Counter, null);
  });

  it('[WS-83] lets TimeoutIdle see the moment of the last byte', async () => {
    const reasons: number[] = [];
    const { client } = await accepted((newClient) => {
      newClient.CreateCounter();
      newClient.TimeoutSampling = 1000;
      newClient.TimeoutIdle = 800;
      newClient.OnTimeout = (_sender, reason) => void reasons.push(reason);
    });
    const start = performance.now();
    client.SendStr('x');
    await waitFor(() => reasons.length > 0, 'OnTimeout', 10_000);
    assert.ok(performance.now() - start > 800);
    assert.deepEqual(reasons, [torIdle]);
    await samplingPeriod();
    assert.equal(reasons.length, 1);
  });
});
