// A limited connection that ends: whoever closes, what must arrive does.
import assert from 'node:assert/strict';
import { wsClosed } from '../../lib';
import { waitFor } from '../support';
import { accepted, pattern } from './accepted';
import { limited } from './timed';

const DEADLINE = 25_000;

describe('The end of a limited connection', () => {
  for (const lineMode of [false, true]) {
    const mode = lineMode ? 'in line mode' : 'in raw mode';
    it(`everything is delivered before OnSessionClosed when the peer closes, ${mode}`, async () => {
      const events: string[] = [];
      const text = `${'some text\r\n'.repeat(3000)}rest`;
      let received = '';
      const { peer } = await accepted(
        (client) => {
          client.LineMode = lineMode;
          client.OnDataAvailable = () => void (received += client.ReceiveStr());
          client.OnSessionClosed = (_sender, error) => {
            events.push(`OnSessionClosed ${error} after ${received.length}`);
          };
        },
        { OnClientCreate: limited(2_000, 500).create },
      );
      peer.write(text);
      peer.end();
      await waitFor(() => events.length > 0, 'OnSessionClosed', DEADLINE);
      assert.deepEqual(events, [`OnSessionClosed 0 after ${text.length}`]);
      assert.equal(received, text);
    });
  }

  it('a paused connection delivers everything after Resume although the peer has closed', async () => {
    const data = pattern(20_000);
    const received: Buffer[] = [];
    let closed = false;
    const { client, peer } = await accepted(
      (newClient) => {
        newClient.OnDataAvailable = () => void received.push(newClient.ReceiveTB());
        newClient.OnSessionClosed = () => void (closed = true);
      },
      { OnClientCreate: limited(2_000, 500).create },
    );
    client.Pause();
    peer.write(data);
    peer.end();
    await waitFor(() => peer.socket.writableFinished, 'the FIN sent');
    client.Resume();
    await waitFor(() => closed, 'OnSessionClosed', DEADLINE);
    assert.ok(Buffer.concat(received).equals(data));
  });

  it('CloseDelayed sends the queue at the limit, then closes', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const data = pattern(40_000);
    client.Send(data);
    client.CloseDelayed();
    await waitFor(() => peer.isClosed, 'the end', DEADLINE);
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(data));
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(data.length));
    assert.equal(client.DroppedByteCount, 0);
  });

  it('CloseFlushTimeout bounds that', async () => {
    const limit = limited(1_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    client.CloseFlushTimeout = 700;
    client.Send(Buffer.alloc(100_000));
    client.CloseDelayed();
    await waitFor(() => client.State === wsClosed, 'the close', 10_000);
    await peer.closed();
    assert.equal(peer.bytes().length + client.DroppedByteCount, 100_000);
    assert.ok(peer.bytes().length <= limit.meter().allowed);
  });

  it('after the peer’s FIN the answer still goes out at the limit, then the session ends', async () => {
    const limit = limited(20_000, 500);
    const answer = pattern(40_000);
    const events: string[] = [];
    const { peer } = await accepted(
      (client) => {
        client.OnDataAvailable = () => {
          client.ReceiveStr();
          client.Send(answer);
        };
        client.OnSessionClosed = (_sender, error) => void events.push(`OnSessionClosed ${error}`);
      },
      { OnClientCreate: limit.create },
    );
    peer.socket.end('request');
    await waitFor(() => peer.isClosed, 'the end', DEADLINE);
    assert.ok(peer.bytes().equals(answer));
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(answer.length));
    assert.deepEqual(events, ['OnSessionClosed 0']);
  });

  it('HalfClose: all input comes before OnPeerShutdown, output stays limited', async () => {
    const limit = limited(20_000, 500);
    const answer = pattern(30_000);
    let received = 0;
    let atShutdown = -1;
    const { client, peer } = await accepted(
      (newClient) => {
        newClient.HalfClose = true;
        newClient.OnDataAvailable = () => void (received += newClient.ReceiveTB().length);
        newClient.OnPeerShutdown = () => {
          atShutdown = received;
          newClient.Send(answer);
        };
      },
      { OnClientCreate: limit.create },
    );
    peer.socket.end(Buffer.alloc(50_000));
    await waitFor(() => peer.bytes().length >= answer.length, 'the answer', DEADLINE);
    assert.equal(atShutdown, 50_000);
    assert.ok(peer.bytes().equals(answer));
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(answer.length));
    client.Close();
    assert.equal(await peer.closed(), 'end');
  });

  it('Shutdown sends the FIN behind the limited queue', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const data = pattern(25_000);
    client.Send(data);
    client.Shutdown(1);
    await waitFor(() => peer.isClosed, 'the FIN', DEADLINE);
    assert.ok(peer.bytes().equals(data));
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(data.length));
  });

  it('Close in the middle stops everything', async () => {
    const { client, peer } = await accepted(undefined, {
      OnClientCreate: limited(2_000, 500).create,
    });
    client.Send(Buffer.alloc(10_000));
    client.Close();
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, 1_000);
    assert.equal(client.DroppedByteCount, 9_000);
  });
});
