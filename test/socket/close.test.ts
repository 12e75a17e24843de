// Close of a connection: FIN at once, what the kernel holds is delivered.
import assert from 'node:assert/strict';
import { SocketStateNames, wsClosed } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, acceptedByHand, pattern } from './accepted';

describe('Close of a connection', () => {
  it('[WS-52] fires OnChangeState, then OnSessionClosed(0), once each; a second Close does nothing', async () => {
    const events: string[] = [];
    const { client, peer } = await acceptedByHand((socket) => {
      socket.OnChangeState = (_sender, oldState, newState) => {
        events.push(`${SocketStateNames[oldState]}-${SocketStateNames[newState]}`);
      };
      socket.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    events.length = 0;
    client.Close();
    assert.deepEqual(events, ['Connected-Closed', 'closed 0']);
    client.Close();
    assert.equal(await peer.closed(), 'end');
    await drained();
    assert.deepEqual(events, ['Connected-Closed', 'closed 0']);
    assert.equal(client.HSocket, -1);
  });

  it('[WS-53] lets a slow peer receive 4 MB whose OnDataSent has fired', async function () {
    this.timeout(20_000);
    const reply = pattern(4_000_000);
    let dataSent = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataSent = () => {
        dataSent++;
      };
    });
    await waitFor(() => dataSent === 1, 'the OnDataSent that follows an accept');
    client.Send(reply);
    await waitFor(() => dataSent === 2, 'OnDataSent');
    peer.socket.pause();
    client.Close();
    const step = setInterval(() => {
      peer.socket.resume();
      setImmediate(() => peer.socket.pause());
    }, 5);
    try {
      assert.ok((await peer.read(reply.length)).equals(reply));
    } finally {
      clearInterval(step);
      peer.socket.resume();
    }
    assert.equal(await peer.closed(), 'end');
  });

  it('does not let unread input of the peer destroy the reply that was sent before', async () => {
    for (const close of ['Close', 'CloseDelayed'] as const) {
      const { client, peer } = await accepted();
      client.Pause();
      peer.write(Buffer.alloc(100_000));
      await drained();
      client.SendStr('bye');
      client[close]();
      assert.equal((await peer.read(3)).toString(), 'bye');
      assert.equal(await peer.closed(), 'end', close);
      await waitFor(() => client.State === wsClosed, 'State wsClosed');
    }
  });

  it('ends in order, not with a reset, when the peer closes and its input was never read', async () => {
    const { server, peer } = await accepted((client) => {
      client.OnDataAvailable = () => {};
    });
    peer.socket.end(Buffer.alloc(50_000));
    await waitFor(() => server.ClientCount === 0, 'the client is gone');
    assert.equal(await peer.closed(), 'end');
  });
});
