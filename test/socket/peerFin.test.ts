// The peer closes its side: first all data, then OnSessionClosed, then the state change.
import assert from 'node:assert/strict';
import { SocketStateNames } from '../../lib';
import { waitFor } from '../support';
import { accepted, acceptedByHand, pattern } from './accepted';

describe('A close by the peer', () => {
  it('[WSS-54] delivers everything that was sent together with the FIN before OnSessionClosed', async () => {
    const events: string[] = [];
    let length = 0;
    const { server, peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        length += client.ReceiveTB().length;
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`OnSessionClosed ${error} after ${length}`);
      };
    });
    server.OnClientDisconnect = (_server, client, error) => {
      events.push(`OnClientDisconnect ${client.CliId} ${error}`);
    };
    peer.socket.end(Buffer.alloc(200_000));
    await waitFor(() => events.length === 2, 'the end of the session');
    assert.deepEqual(events, ['OnSessionClosed 0 after 200000', 'OnClientDisconnect 1 0']);
  });

  it('[WS-51] shows State wsConnected inside OnSessionClosed and changes it afterwards', async () => {
    const events: string[] = [];
    const { peer } = await acceptedByHand((socket) => {
      socket.OnDataAvailable = () => {
        events.push(`data ${socket.ReceiveStr()}`);
      };
      socket.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error} ${SocketStateNames[socket.State]}`);
      };
      socket.OnChangeState = (_sender, oldState, newState) => {
        events.push(`${SocketStateNames[oldState]}-${SocketStateNames[newState]}`);
      };
    });
    peer.socket.end('last words');
    await waitFor(() => events.includes('Connected-Closed'), 'State wsClosed');
    assert.deepEqual(events, [
      'Closed-Connected',
      'data last words',
      'closed 0 Connected',
      'Connected-Closed',
    ]);
  });

  it('[WSS-54] delivers the data even when the connection was paused until then', async () => {
    const events: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        events.push(newClient.ReceiveStr());
      };
      newClient.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    client.Pause();
    peer.socket.end('kept');
    await waitFor(() => peer.socket.writableFinished, 'data and FIN sent');
    client.Resume();
    await waitFor(() => events.includes('closed 0'), 'OnSessionClosed');
    assert.deepEqual(events, ['kept', 'closed 0']);
  });

  it('[WSS-54] delivers everything to a handler that takes 100 bytes a time', async () => {
    const payload = pattern(60_000);
    const parts: Buffer[] = [];
    let closed = false;
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        parts.push(client.ReceiveTB(100));
      };
      client.OnSessionClosed = () => {
        closed = true;
      };
    });
    peer.socket.end(payload);
    await waitFor(() => closed, 'OnSessionClosed');
    assert.equal(Buffer.concat(parts).length, payload.length);
    assert.ok(Buffer.concat(parts).equals(payload));
  });
});
