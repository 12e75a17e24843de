// Dup with a number no descriptor can have: refused as it is, never cut to 32 bits.

import assert from 'node:assert/strict';
import { TWSocket, wsClosed, wsConnected } from '../../lib';
import { echo, expectEcho, raised, track } from '../support';
import { acceptPeer, startListener } from './listening';

describe('Dup with a number above the range of descriptors', () => {
  for (const above of [2 ** 32, 2 ** 33, 2 ** 52]) {
    it(`[WS-24][H-75] ${above} + an accepted descriptor: 10022, and the descriptor stays usable`, async () => {
      const { peer, handle } = await acceptPeer(startListener());
      const socket = track(new TWSocket());

      const error = raised(() => socket.Dup(above + handle));

      assert.equal(error.message, 'Invalid argument (#10022 in Dup)');
      assert.equal(error.ErrorCode, 10022);
      assert.equal(socket.State, wsClosed);
      assert.equal(socket.HSocket, -1);
      socket.Dup(handle);
      assert.equal(socket.State, wsConnected);
      echo(socket);
      await expectEcho(peer);
    });
  }

  it('[H-75] 2^32 + 5: 10022', () => {
    assert.equal(raised(() => track(new TWSocket()).Dup(2 ** 32 + 5)).ErrorCode, 10022);
  });
});
