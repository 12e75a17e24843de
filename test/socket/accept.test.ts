// Accept by hand: OnSessionAvailable, Accept, and another TWSocket that adopts the descriptor.

import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { SocketStateNames, TWSocket, wsConnected } from '../../lib';
import { connect, drained, echo, expectEcho, raised, track, waitFor } from '../support';
import { acceptPeer, startListener } from './listening';

describe('TWSocket.Accept', () => {
  it('[WS-19] on a closed socket raises 10022', () => {
    const socket = track(new TWSocket());

    const error = raised(() => socket.Accept());

    assert.equal(error.message, 'Invalid argument (#10022 in not a listening socket)');
    assert.equal(socket.LastError, 10022);
  });

  it('[WS-19] on a closed socket with OnError assigned returns an invalid handle', () => {
    const socket = track(new TWSocket());
    let errors = 0;
    socket.OnError = () => {
      errors++;
    };

    assert.equal(socket.Accept(), -1);

    assert.equal(errors, 1);
  });

  it('[WS-20] gives a handle that another TWSocket adopts in one step, closed to connected', async () => {
    const listener = startListener();
    const available: unknown[] = [];
    const connection = track(new TWSocket());
    const states: string[] = [];
    connection.OnChangeState = (_Sender, before, after) => {
      states.push(`${SocketStateNames[before]} ${SocketStateNames[after]}`);
    };
    listener.OnSessionAvailable = (Sender, Error) => {
      available.push(Sender, Error);
      connection.HSocket = listener.Accept();
    };
    echo(connection);

    const peer = await connect(Number(listener.GetXPort()));
    await expectEcho(peer);
    await drained();

    assert.deepEqual(available, [listener, 0]);
    assert.deepEqual(states, ['Closed Connected']);
    assert.equal(connection.State, wsConnected);
    assert.ok(connection.HSocket >= 0);
  });

  it('[WS-21] serves 50 peers that connect at once', async () => {
    const listener = startListener();
    const connections: TWSocket[] = [];
    listener.OnSessionAvailable = () => {
      const connection = track(new TWSocket());
      connection.HSocket = listener.Accept();
      connections.push(connection);
      echo(connection);
    };

    const port = Number(listener.GetXPort());
    const peers = await Promise.all(Array.from({ length: 50 }, () => connect(port)));

    for (const peer of peers) await expectEcho(peer);
    assert.equal(connections.length, 50);
    assert.equal(new Set(connections.map(({ HSocket }) => HSocket)).size, 50);
  });

  it('[WS-22] leaves the addresses of both sides readable', async () => {
    const listener = startListener();
    const { peer, handle } = await acceptPeer(listener);
    const connection = track(new TWSocket());

    connection.HSocket = handle;

    assert.equal(connection.PeerAddr, '127.0.0.1');
    assert.equal(connection.PeerPort, String(peer.localPort));
    assert.equal(connection.GetPeerAddr(), '127.0.0.1');
    assert.equal(connection.GetPeerPort(), String(peer.localPort));
    assert.equal(connection.GetXPort(), listener.GetXPort());
    assert.equal(connection.GetXAddr(), '127.0.0.1');
  });

  it('[WS-23] fires OnDataSent once although nothing was sent', async () => {
    const listener = startListener();
    const { handle } = await acceptPeer(listener);
    const connection = track(new TWSocket());
    const sent: { error: number; insideAssignment: boolean }[] = [];
    let returned = false;
    connection.OnDataSent = (_Sender, error) => {
      sent.push({ error, insideAssignment: !returned });
    };

    connection.HSocket = handle;
    returned = true;

    await waitFor(() => sent.length > 0, 'OnDataSent');
    await drained();
    assert.deepEqual(sent, [{ error: 0, insideAssignment: false }]);
  });

  it('hands over ownership: closing the handle is the caller’s task', async () => {
    const listener = startListener();
    const { peer, handle } = await acceptPeer(listener);

    closeSync(handle);

    assert.equal(await peer.closed(), 'end');
  });
});
