// DroppedByteCount (an addition to ICS): the bytes of our own send queue a close has thrown away.
import assert from 'node:assert/strict';
import { wsClosed } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, fillSendQueue } from './accepted';

const wanted = 2 * 1024 * 1024;

describe('DroppedByteCount', () => {
  it('is 0 after a Close when everything had been handed to the kernel', async () => {
    const { client, peer } = await accepted();
    client.SendStr('abc');
    client.Close();
    assert.equal(client.DroppedByteCount, 0);
    assert.equal((await peer.read(3)).toString(), 'abc');
    assert.equal(await peer.closed(), 'end');
  });

  it('is what Close did not send: the peer gets the rest and then the end', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    const sent = fillSendQueue(client, wanted);
    const queued = client.BufferedByteCount;
    client.Close();
    assert.equal(client.DroppedByteCount, queued);
    assert.equal(client.BufferedByteCount, 0);
    assert.equal(client.AllSent, true);

    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, sent - queued);
  });

  it('is what Abort threw away; what the kernel held is lost as well', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    fillSendQueue(client, wanted);
    const queued = client.BufferedByteCount;
    client.Abort();
    assert.equal(client.DroppedByteCount, queued);
    peer.socket.resume();
    await peer.closed();
    assert.ok(peer.bytes().length < client.WriteCount, 'a reset destroys what was not received');
  });

  it('stays 0 with CloseDelayed, which sends the queue first', async () => {
    let dropped = -1;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnSessionClosed = () => {
        dropped = newClient.DroppedByteCount;
      };
    });
    peer.socket.pause();
    const sent = fillSendQueue(client, wanted);
    client.CloseDelayed();
    await drained();
    peer.socket.resume();
    assert.equal((await peer.read(sent)).length, sent);
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => dropped !== -1, 'OnSessionClosed');
    assert.equal(dropped, 0);
  });

  it('counts what CloseDelayed could not send within CloseFlushTimeout', async () => {
    const { client, peer } = await accepted((newClient) => {
      newClient.CloseFlushTimeout = 300;
    });
    peer.socket.pause();
    fillSendQueue(client, wanted);
    const start = performance.now();
    client.CloseDelayed();
    await waitFor(() => client.State === wsClosed, 'State wsClosed');
    assert.ok(performance.now() - start > 250, 'the queue got its time');
    assert.ok(client.DroppedByteCount > 0);
  });
});
