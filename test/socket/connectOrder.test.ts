// What a connection that succeeds reports, and what can be read of it then.

import assert from 'node:assert/strict';
import { AF_INET, wsConnecting } from '../../lib';
import { drained, waitFor } from '../support';
import { connected, echoTarget, expectAnswer, newClient, recordSocket } from './connecting';

describe('Connect', () => {
  it('[WS-26] fires opened, connecting, connected and OnSessionConnected(0), in that order', async () => {
    const { port, sockets } = await echoTarget();
    const client = newClient(port);
    const lines = recordSocket(client);

    client.Connect();
    assert.deepEqual(lines, ['Closed Opened', 'Opened Connecting'], 'inside Connect');
    assert.equal(client.State, wsConnecting);
    await connected(client);
    await drained();

    assert.deepEqual(lines, [
      'Closed Opened',
      'Opened Connecting',
      'Connecting Connected',
      'OnSessionConnected 0',
    ]);
    assert.equal(sockets.length, 1);
  });

  it('[WS-26] knows the numbers behind Addr and Port, and both ends', async () => {
    const { port, sockets } = await echoTarget();
    const client = newClient(port);

    client.Connect();
    await connected(client);
    await waitFor(() => sockets.length === 1, 'the peer');

    assert.equal(client.AddrResolvedStr, '127.0.0.1');
    assert.equal(client.AddrFormat, AF_INET);
    assert.equal(client.PortNum, port);
    assert.equal(client.PeerAddr, '127.0.0.1');
    assert.equal(client.PeerPort, String(port));
    assert.equal(client.GetXPort(), String(sockets[0]!.remotePort));
  });

  it('[WS-26] raises OnDataSent once although nothing was sent, and carries data', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    let sent = 0;
    client.OnDataSent = () => {
      sent++;
    };

    client.Connect();
    await connected(client);
    await drained();

    assert.equal(sent, 1);
    await expectAnswer(client);
    assert.equal(client.ReadCount, 4);
    assert.equal(client.WriteCount, 4);
  });
});
