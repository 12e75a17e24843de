// Messages that never end do not hold up the timers of the package.
import assert from 'node:assert/strict';
import {
  PostMessage,
  TIcsWndControl,
  type TMessage,
  WM_USER,
  wsClosed,
  wsConnected,
} from '../../lib';
import { track, waitFor } from '../support';
import { accepted, fillSendQueue } from '../socket/accepted';

/** Each message posts the next one. */
class Chain extends TIcsWndControl {
  broken = false;

  override WndProc(Msg: TMessage): void {
    if (Msg.Msg === WM_USER && !this.broken) PostMessage(this.Handle, WM_USER, 0, 0);
  }
}

describe('A component that posts to itself without end', () => {
  it('lets CloseFlushTimeout close a connection whose peer does not read', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    fillSendQueue(client, 8 * 1024 * 1024);
    const chain = track(new Chain());
    PostMessage(chain.Handle, WM_USER, 0, 0);
    client.CloseFlushTimeout = 50;
    client.CloseDelayed();
    assert.equal(client.State, wsConnected);
    try {
      await waitFor(() => client.State === wsClosed, 'CloseFlushTimeout');
    } finally {
      chain.broken = true;
    }
  });
});
