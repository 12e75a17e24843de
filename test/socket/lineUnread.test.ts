// Lines that no handler has taken are still lines when the peer has finished.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { accepted } from './accepted';

describe('Lines that were not read', () => {
  it('[H-28] come one by one before the rest without an end when the peer closes', async () => {
    const offered: number[] = [];
    const lines: string[] = [];
    let closed = false;
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        offered.push(client.RcvdCount);
        if (offered.length > 2) lines.push(client.ReceiveStr());
      };
      client.OnSessionClosed = () => {
        closed = true;
      };
    });
    peer.write('first\r\nsecond\r\nrest');
    await waitFor(() => offered.length === 1, 'the first line is offered');
    peer.socket.end();
    await waitFor(() => closed, 'OnSessionClosed');
    assert.deepEqual(lines, ['first\r\n', 'second\r\n', 'rest']);
    assert.deepEqual(offered, [7, 7, 7, 8, 4]);
  });
});
