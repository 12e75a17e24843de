// Many connections at once, and one object for many connections in a row.

import assert from 'node:assert/strict';
import { TWSocket, wsClosed, wsConnected } from '../../lib';
import { drained, track, waitFor } from '../support';
import { closed, connected, echoTarget, expectAnswer, newClient, recordSocket } from './connecting';
import { acceptPeer, startListener } from './listening';

const MANY = 500;

describe('Many outgoing connections', () => {
  it('[WS-26] 500 at once: each is connected, echoes and closes, each event once', async () => {
    const { port, sockets } = await echoTarget();
    const answers: string[] = [];
    let connects = 0;
    let ends = 0;
    const clients = Array.from({ length: MANY }, (_, i) => {
      const client = newClient(port);
      client.OnSessionConnected = (_Sender, ErrCode) => {
        assert.equal(ErrCode, 0);
        connects++;
        client.SendStr(`number ${i}`);
      };
      client.OnDataAvailable = () => {
        answers[i] = (answers[i] ?? '') + client.ReceiveStr();
      };
      client.OnSessionClosed = () => {
        ends++;
      };
      return client;
    });

    for (const client of clients) client.Connect();
    const complete = (): boolean => clients.every((_client, i) => answers[i] === `number ${i}`);
    await waitFor(complete, 'all answers', 20_000);

    assert.equal(connects, MANY);
    assert.equal(sockets.length, MANY);
    for (const client of clients) client.Close();
    assert.equal(ends, MANY);
  });

  it('[WS-26] one object, 20 connections in a row: events and counters begin anew', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    const lines = recordSocket(client);

    for (let round = 1; round <= 20; round++) {
      client.Connect();
      await connected(client);
      assert.equal(client.ReadCount, 0);
      await expectAnswer(client, `round ${round}`);
      if (round % 2 === 0) client.Close();
      else client.Abort();
      assert.equal(client.State, wsClosed);
    }
    await drained();

    assert.equal(lines.length, 20 * 6);
    assert.equal(lines.filter((line) => line === 'OnSessionClosed 0').length, 20);
  });

  it('the same object listens, is closed, adopts a descriptor, is closed, connects', async () => {
    const { port } = await echoTarget();
    const socket = Object.assign(track(new TWSocket()), { Addr: '127.0.0.1', Port: '0' });
    socket.Listen();
    socket.Close();
    const { peer, handle } = await acceptPeer(startListener());
    socket.HSocket = handle;
    assert.equal(socket.State, wsConnected);
    peer.end();
    await closed(socket);

    socket.Port = String(port);
    socket.Connect();
    await connected(socket);
    await expectAnswer(socket);

    socket.Close();
    socket.Port = '0';
    socket.Listen();
    const accepted = track(new TWSocket());
    accepted.HSocket = (await acceptPeer(socket)).handle;
    assert.equal(accepted.State, wsConnected);
  });
});
