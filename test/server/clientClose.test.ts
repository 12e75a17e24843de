// TWSocketClient.Close called from outside any handler.

import assert from 'node:assert/strict';
import { SocketStateNames, wsClosed } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { pair } from '../support/pair';

function logEvents(log: string[], Client: TWSocketClient): void {
  Client.OnChangeState = (Socket, OldState, NewState) => {
    log.push(`OnChangeState ${SocketStateNames[OldState]} ${SocketStateNames[NewState]}`);
  };
  Client.OnSessionClosed = (Socket, ErrCode) => {
    log.push(`OnSessionClosed ${ErrCode}`);
  };
}

function loggingServer(log: string[]) {
  return startServer({
    OnClientConnect: (Sender, Client) => {
      logEvents(log, Client);
    },
    OnClientDisconnect: (Sender, Client, ErrCode) => {
      log.push(`OnClientDisconnect ${ErrCode}`);
    },
  });
}

const CLOSED = ['OnChangeState Connected Closed', 'OnSessionClosed 0'];

describe('TWSocketClient.Close', () => {
  it('[WSS-65][WS-52] sends FIN, fires state and session events inside, OnClientDisconnect later', async () => {
    const log: string[] = [];
    const server = loggingServer(log);
    const { peer, client } = await pair(server);

    client.Close();
    assert.deepEqual(log, CLOSED);
    assert.equal(client.State, wsClosed);
    assert.equal(client.HSocket, -1);

    assert.equal(await peer.closed(), 'end');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    assert.deepEqual(log, [...CLOSED, 'OnClientDisconnect 0']);
  });

  it('[WSS-66][WS-52] does nothing the second time', async () => {
    const log: string[] = [];
    const server = loggingServer(log);
    const { client } = await pair(server);

    client.Close();
    client.Close();
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    client.Close();
    await drained();
    assert.deepEqual(log, [...CLOSED, 'OnClientDisconnect 0']);
  });

  it('[WSS-77] leaves the client counted until the message queue ran', async () => {
    const server = startServer();
    const { client } = await pair(server);

    client.Close();
    assert.equal(server.ClientCount, 1);
    assert.equal(server.IsClient(client), true);
    server.ProcessMessages();
    assert.equal(server.ClientCount, 0);
    assert.equal(server.IsClient(client), false);
  });

  it('[WSS-79] a client freed before its disconnect message is announced no more', async () => {
    const log: string[] = [];
    const server = loggingServer(log);
    server.OnBgException = (Sender, E) => {
      log.push(`OnBgException ${E.message}`);
    };
    const { client } = await pair(server);

    client.Close();
    client.Free();
    assert.equal(server.ClientCount, 0);
    await drained();
    assert.deepEqual(log, CLOSED);
  });

  it('answers on the closed object as ICS does, never with a crash', async () => {
    const server = startServer();
    const { client } = await pair(server);
    client.Close();

    for (const moment of ['closed', 'freed']) {
      assert.equal(client.Receive(Buffer.alloc(10)), -1, moment);
      assert.equal(client.ReceiveStr(), '', moment);
      assert.equal(client.BufferedByteCount, 0, moment);
      assert.equal(client.AllSent, true, moment);
      assert.equal(client.GetXPort(), 'error', moment);
      client.Shutdown(1);
      client.Pause();
      client.Resume();
      client.Flush();
      client.DeleteBufferedData();
      client.CloseDelayed();
      client.Abort();
      await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
      client.Free();
    }
  });

  it('frees the place at once for a server with MaxClients 1', async () => {
    const server = startServer({ MaxClients: 1, BannerTooBusy: 'full' });
    const { client } = await pair(server);
    client.Close();
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');

    const next = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the next client');
    await drained();
    assert.equal(next.text, '');
    assert.equal(next.isClosed, false);
  });
});
