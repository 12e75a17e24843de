// WaitForClose and Flush: block until their fact, dispatching everything else of the package.
import assert from 'node:assert/strict';
import { TWSocket, wsClosed } from '../../lib';
import { native } from '../../lib/native';
import { startServer, track, waitFor } from '../support';
import { accepted, fillSendQueue } from './accepted';
import { inPump, limited, ownPair } from './timed';

describe('WaitForClose', () => {
  it('returns when the peer has closed, after all data was delivered', async () => {
    const events: string[] = [];
    const { client, caller } = await ownPair((newClient) => {
      newClient.OnDataAvailable = () => void events.push(newClient.ReceiveStr());
      newClient.OnSessionClosed = (_sender, error) => void events.push(`OnSessionClosed ${error}`);
    });
    inPump(20, () => {
      caller.SendStr('last words');
      caller.Close();
    });
    client.WaitForClose();
    assert.deepEqual(events, ['last words', 'OnSessionClosed 0']);
    assert.equal(client.State, wsClosed);
  });

  it('returns when a handler closes or frees the socket', async () => {
    for (const how of ['Close', 'Abort', 'Free'] as const) {
      const { client } = await accepted();
      inPump(10, () => client[how]());
      client.WaitForClose();
      assert.equal(client.HSocket, -1);
    }
  });

  it('returns at once for a closed socket, and when a connect fails', async () => {
    const socket = track(new TWSocket());
    socket.WaitForClose();

    const server = startServer();
    const port = server.GetXPort();
    server.Close();
    Object.assign(socket, { Addr: '127.0.0.1', Port: port });
    socket.Connect();
    socket.WaitForClose();
    assert.equal(socket.State, wsClosed);
    assert.equal(socket.LastError, 10061);
  });

  it('sleeps while it waits', async () => {
    const { client } = await accepted();
    inPump(500, () => client.Close());
    const before = native.counters().polls;
    client.WaitForClose();
    assert.ok(native.counters().polls - before < 100);
  });
});

describe('Flush', () => {
  it('waits for a limited queue without spinning', async () => {
    const limit = limited(20_000, 500);
    const { client } = await accepted(undefined, { OnClientCreate: limit.create });
    client.Send(Buffer.alloc(30_000));
    const before = native.counters().polls;
    client.Flush();
    assert.equal(client.AllSent, true);
    assert.ok(native.counters().polls - before < 100);
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(30_000));
  });

  it('returns when the connection ends meanwhile', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    fillSendQueue(client, 1_000_000);
    inPump(20, () => client.Close());
    client.Flush();
    await waitFor(() => client.HSocket === -1, 'the end');
  });

  it('uses OnMessagePump when it is assigned', async () => {
    const { client } = await accepted();
    client.BandwidthSampling = 500;
    client.BandwidthLimit = 2_000;
    client.Send(Buffer.alloc(1_500));
    let pumps = 0;
    client.OnMessagePump = () => {
      pumps++;
      client.BandwidthLimit = 0;
    };
    client.Flush();
    assert.equal(pumps, 1);
    assert.equal(client.AllSent, true);
  });
});
