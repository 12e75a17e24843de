// TCP can connect a socket to itself when source and target are the same end. Such a "connection"
// would echo whatever is sent and keep the port from the server it was meant for.

import assert from 'node:assert/strict';
import { wsClosed } from '../../lib';
import { freePort, waitFor } from '../support';
import { newClient, recordSocket } from './connecting';

describe('Connect to its own local end', () => {
  it('is refused (10061), not connected to itself', async () => {
    const port = await freePort();
    const client = newClient(port);
    client.LocalAddr = '127.0.0.1';
    client.LocalPort = String(port);
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => lines.includes('OnSessionClosed 0'), 'the end');

    assert.ok(lines.includes('OnSessionConnected 10061'), lines.join(', '));
    assert.equal(client.State, wsClosed);
  });
});
