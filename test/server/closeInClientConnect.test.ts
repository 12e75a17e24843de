// The application closes the listener while further connections wait for it.

import assert from 'node:assert/strict';
import { wsClosed } from '../../lib';
import type { TWSocketServer } from '../../lib';
import { connect, drained, echo, expectEcho, record, startServer, waitFor } from '../support';
import type { Peer } from '../support';

/** Connects from one turn of the loop, so that all connections wait before the first event. */
async function connectBurst(server: TWSocketServer, count: number): Promise<Peer[]> {
  const attempts = Array.from({ length: count }, () => connect(server));
  const results = await Promise.allSettled(attempts);
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

describe('Closing the listener in OnClientConnect', () => {
  it('[H-15] serves this client, no further one, and fires nothing for those that waited', async () => {
    const server = startServer();
    server.OnClientConnect = (_Sender, Client) => {
      echo(Client);
      server.Close();
    };
    const events = record(server);

    const peers = await connectBurst(server, 20);
    await waitFor(() => server.State === wsClosed, 'the listener to close');
    await drained();

    assert.deepEqual(
      events.filter((line) => line.startsWith('OnClient')),
      ['OnClientCreate 1', 'OnClientConnect 1 0'],
    );
    assert.equal(server.ClientCount, 1);
    const client = server.Client[0]!;
    const served = peers.find((peer) => String(peer.localPort) === client.PeerPort);
    assert.ok(served);
    await expectEcho(served);
    for (const peer of peers) if (peer !== served) await peer.closed();
  });

  it('[H-15] by Abort does the same', async () => {
    const server = startServer();
    server.OnClientConnect = () => server.Abort();
    const events = record(server);

    await connectBurst(server, 20);
    await waitFor(() => server.State === wsClosed, 'the listener to close');
    await drained();

    assert.equal(events.filter((line) => line.startsWith('OnClientConnect')).length, 1);
    assert.equal(server.ClientCount, 1);
  });

  it('[H-15] by Free ends everything', async () => {
    const server = startServer();
    server.OnClientConnect = () => server.Free();
    const events = record(server);

    const peers = await connectBurst(server, 20);
    await waitFor(() => events.some((line) => line.startsWith('OnClientConnect')), 'the first');
    await drained();

    assert.equal(events.filter((line) => line.startsWith('OnClientConnect')).length, 1);
    for (const peer of peers) await peer.closed();
  });
});
