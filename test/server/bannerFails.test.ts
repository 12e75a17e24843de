// A greeting that cannot be sent is the trouble of that client, never of the listener.

import assert from 'node:assert/strict';
import { wsListening } from '../../lib';
import { connect, portOf, startServer, waitFor } from '../support';
import { tryConnect } from '../support/pair';

describe('A banner that cannot be sent', () => {
  it('is left out behind Shutdown(1) in OnClientConnect', async () => {
    const failures: string[] = [];
    const server = startServer({
      Banner: 'hello',
      OnBgException: (Sender, E) => void failures.push(E.message),
      OnClientConnect: (Sender, Client) => {
        Client.Shutdown(1);
      },
    });

    const peer = await connect(portOf(server));
    assert.equal(await peer.closed(), 'end');

    assert.equal(peer.text, '');
    assert.deepEqual(failures, []);
    assert.equal(server.State, wsListening);
  });

  it('above SendQueueLimit ends the client with OnBgException, not the listener', async () => {
    const failures: unknown[] = [];
    const server = startServer({
      Banner: 'much longer than allowed',
      OnClientConnect: (Sender, Client) => {
        Client.SendQueueLimit = 3;
      },
      OnBgException: (Sender) => void failures.push(Sender === server),
    });

    await tryConnect(server); // its connection is reset, maybe before it knows of it
    await waitFor(() => failures.length === 1 && server.ClientCount === 0, 'the client gone');

    assert.deepEqual(failures, [false]);
    assert.equal(server.State, wsListening);
  });
});
