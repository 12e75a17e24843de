// PeekData meets a reset before the pump does: the kernel tells an error only once, and
// OnSessionClosed must still report it.

import assert from 'node:assert/strict';
import { startServer, waitFor } from '../support';
import { pair } from '../support/pair';

describe('PeekData on a connection the peer has reset', () => {
  it('[WS-50] answers -1 with 10054, then OnSessionClosed and OnClientDisconnect get 10054', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientDisconnect: (Sender, Client, ErrCode) => void log.push(`disconnect ${ErrCode}`),
    });
    const { peer, client } = await pair(server);
    client.OnSessionClosed = (Sender, ErrCode) => void log.push(`closed ${ErrCode}`);
    client.OnDataAvailable = () => {
      if (client.ReceiveStr() === '') return;
      peer.reset();
      log.push(`peek ${client.PeekData(Buffer.alloc(4))} ${client.LastError}`);
    };

    peer.write('x');

    await waitFor(() => server.ClientCount === 0, 'the end of the client');
    assert.deepEqual(log, ['peek -1 10054', 'closed 10054', 'disconnect 10054']);
  });
});
