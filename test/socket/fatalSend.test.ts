// A send that finds the connection reset ends it, with one OnSessionClosed and without SIGPIPE.
import assert from 'node:assert/strict';
import { SocketStateNames, wsClosed, wsoNoSendException } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, acceptedByHand, fillSendQueue, isDeserted } from './accepted';

describe('Sending to a peer that has reset the connection', () => {
  it('[WS-44][H-46] closes first and then fires OnSessionClosed(10054) once', async () => {
    const events: string[] = [];
    const { client, peer } = await acceptedByHand((socket) => {
      socket.ComponentOptions.add(wsoNoSendException);
      socket.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error} ${SocketStateNames[socket.State]}`);
      };
      socket.OnChangeState = (_sender, oldState, newState) => {
        events.push(`${SocketStateNames[oldState]}-${SocketStateNames[newState]}`);
      };
    });
    events.length = 0;
    peer.socket.resetAndDestroy();
    client.SendStr('first');
    client.SendStr('second');
    assert.equal(client.State, wsClosed);
    await drained();
    assert.deepEqual(events, ['Connected-Closed', 'closed 10054 Closed']);
  });

  it('[H-46] tells OnClientDisconnect 10054 as well', async () => {
    const events: string[] = [];
    const { server, client, peer } = await accepted((newClient) => {
      newClient.ComponentOptions.add(wsoNoSendException);
      newClient.OnSessionClosed = (_sender, error) => {
        events.push(`OnSessionClosed ${error}`);
      };
    });
    server.OnClientDisconnect = (_server, _client, error) => {
      events.push(`OnClientDisconnect ${error}`);
    };
    peer.socket.resetAndDestroy();
    client.SendStr('lost');
    await waitFor(() => isDeserted(server), 'the client is gone');
    assert.deepEqual(events, ['OnSessionClosed 10054', 'OnClientDisconnect 10054']);
  });

  it('[H-46] reports a reset that comes while the send queue holds data once', async () => {
    const events: string[] = [];
    const { server, client, peer } = await accepted((newClient) => {
      newClient.OnSessionClosed = (_sender, error) => {
        events.push(`OnSessionClosed ${error}`);
      };
    });
    server.OnClientDisconnect = (_server, _client, error) => {
      events.push(`OnClientDisconnect ${error}`);
    };
    peer.socket.pause();
    fillSendQueue(client, 1024 * 1024);
    peer.reset();
    await waitFor(() => isDeserted(server), 'the client is gone');
    await drained();
    assert.deepEqual(events, ['OnSessionClosed 10054', 'OnClientDisconnect 10054']);
  });

  it('[H-46] lets the handler of another connection find out by sending, once', async () => {
    const closed: number[] = [];
    const { server, client, peer } = await accepted((newClient) => {
      newClient.ComponentOptions.add(wsoNoSendException);
      newClient.OnSessionClosed = (_sender, error) => {
        closed.push(error);
      };
    });
    peer.reset();
    for (let i = 0; i < 1000 && !isDeserted(server); i++) {
      if (client.State !== wsClosed) client.SendStr('again');
      await drained();
    }
    await waitFor(() => isDeserted(server), 'the client is gone');
    assert.deepEqual(closed, [10054]);
  });
});
