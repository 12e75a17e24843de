// A connection that nobody accepts.

import assert from 'node:assert/strict';
import { wsClosed, wsConnecting } from '../../lib';
import { drained, freePort, waitFor } from '../support';
import { connected, newClient, recordSocket, startTarget } from './connecting';

const REFUSED = [
  'Closed Opened',
  'Opened Connecting',
  'OnSessionConnected 10061',
  'Connecting Closed',
  'OnSessionClosed 0',
];

describe('Connect where nobody listens', () => {
  it('[WS-27] fires OnSessionConnected(10061) while connecting, then closes with OnSessionClosed(0)', async () => {
    const client = newClient(await freePort());
    let state = -1;
    client.OnSessionConnected = () => {
      state = client.State;
    };
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => lines.length >= REFUSED.length, 'the end');
    await drained();

    assert.deepEqual(lines, REFUSED);
    assert.equal(state, wsConnecting);
    assert.equal(client.State, wsClosed);
    assert.equal(client.HSocket, -1);
    assert.equal(client.LastError, 10061);
  });

  it('[WS-27] leaves a socket that connects at the next attempt', async () => {
    const port = await freePort();
    const client = newClient(port);
    const lines = recordSocket(client);
    client.Connect();
    await waitFor(() => lines.length >= REFUSED.length, 'the end');

    await startTarget(undefined, '127.0.0.1', port);
    client.Connect();
    await connected(client);

    assert.equal(lines.at(-1), 'OnSessionConnected 0');
  });
});
