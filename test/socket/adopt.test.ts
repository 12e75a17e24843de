// Assigning HSocket (Dup): adopting a connected descriptor.

import assert from 'node:assert/strict';
import { SocketStateNames, TWSocket, wsClosed, wsConnected } from '../../lib';
import { drained, echo, expectEcho, raised, track } from '../support';
import { acceptPeer, startListener } from './listening';

describe('Assigning HSocket', () => {
  for (const handle of [0, -1]) {
    it(`[WS-24] ${handle} raises 10022 in Dup and changes nothing`, () => {
      const socket = track(new TWSocket());

      const error = raised(() => (socket.HSocket = handle));

      assert.equal(error.message, 'Invalid argument (#10022 in Dup)');
      assert.equal(error.ErrorCode, 10022);
      assert.equal(socket.State, wsClosed);
      assert.equal(socket.HSocket, -1);
    });
  }

  it('[WS-24] works afterwards with a real handle', async () => {
    const socket = track(new TWSocket());
    raised(() => (socket.HSocket = 0));
    const { peer, handle } = await acceptPeer(startListener());

    socket.HSocket = handle;

    assert.equal(socket.State, wsConnected);
    assert.equal(socket.HSocket, handle);
    echo(socket);
    await expectEcho(peer);
  });

  it('[WS-25] while connected closes the old connection without OnSessionClosed', async () => {
    const listener = startListener();
    const first = await acceptPeer(listener);
    const second = await acceptPeer(listener);
    const socket = track(new TWSocket());
    socket.HSocket = first.handle;
    let closes = 0;
    socket.OnSessionClosed = () => {
      closes++;
    };
    const states: string[] = [];
    socket.OnChangeState = (_Sender, before, after) => {
      states.push(`${SocketStateNames[before]} ${SocketStateNames[after]}`);
    };
    echo(socket);

    socket.HSocket = second.handle;

    assert.equal(socket.State, wsConnected);
    assert.deepEqual(states, ['Connected Closed', 'Closed Connected']);
    assert.equal(socket.PeerPort, String(second.peer.localPort));
    assert.equal(await first.peer.closed(), 'end');
    await expectEcho(second.peer);
    await drained();
    assert.equal(socket.State, wsConnected);
    assert.equal(closes, 0);
  });
});
