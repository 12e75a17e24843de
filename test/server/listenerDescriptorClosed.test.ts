// HSocket is public, so a program can close the listening descriptor behind the library's back.
// That must not abort the process nor make it spin (both happen to other libraries).

import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { wsClosed, wsListening } from '../../lib';
import { connect, drained, pollsDuring, startServer, waitFor } from '../support';

describe('A listening descriptor closed from outside', () => {
  it('[H-16] leaves the process alive and idle, and the server can be restarted', async () => {
    const server = startServer();
    closeSync(server.HSocket);

    await drained();
    assert.ok((await pollsDuring(300)) < 50, 'the loop spins');
    server.Close();
    assert.equal(server.State, wsClosed);
    assert.equal(server.HSocket, -1);
    server.Listen();

    assert.equal(server.State, wsListening);
    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });
});
