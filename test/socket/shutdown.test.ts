// Shutdown ends one direction of a connection; no state change, no event.
import assert from 'node:assert/strict';
import { wsConnected, wsClosed } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, fillSendQueue } from './accepted';

describe('Shutdown(1)', () => {
  it('shows the peer the end and leaves the connection open for what the peer sends', async () => {
    const events: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        events.push(newClient.ReceiveStr());
      };
      newClient.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    client.Shutdown(1);
    assert.equal(await peer.closed(), 'end');
    await drained();
    assert.equal(client.State, wsConnected);
    assert.equal(events.length, 0);

    peer.write('upload');
    await waitFor(() => events.length > 0, 'the data');
    peer.end();
    await waitFor(() => client.State === wsClosed, 'State wsClosed');
    assert.deepEqual(events, ['upload', 'closed 0']);
  });

  it('sends what is queued before the end', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    const sent = fillSendQueue(client, 4 * 1024 * 1024);
    client.Shutdown(1);
    assert.ok(client.BufferedByteCount > 0);
    peer.socket.resume();
    assert.equal((await peer.read(sent)).length, sent);
    assert.equal(await peer.closed(), 'end');
    assert.equal(client.State, wsConnected);
  });

  it('does nothing on a socket that is closed', async () => {
    const { client } = await accepted();
    client.Close();
    client.Shutdown(1);
    assert.equal(client.State, wsClosed);
  });
});
