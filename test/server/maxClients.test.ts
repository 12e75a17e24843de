// MaxClients: ICS counts after OnClientConnect, so a client too many is seen by the application,
// told BannerTooBusy, and closed.

import assert from 'node:assert/strict';
import type { TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, record, startServer, waitFor } from '../support';
import type { Peer } from '../support';

function startLimited(MaxClients: number, more: Partial<TWSocketServer> = {}): TWSocketServer {
  const server = startServer({ MaxClients, ...more });
  server.OnClientConnect = (_Sender, Client) => echo(Client);
  return server;
}

async function connectServed(server: TWSocketServer, count: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  while (peers.length < count) {
    const peer = await connect(server);
    await expectEcho(peer);
    peers.push(peer);
  }
  return peers;
}

async function expectRefused(peer: Peer): Promise<void> {
  assert.equal(await peer.line(), 'Sorry, too many clients');
  assert.equal(await peer.closed(), 'end');
  assert.equal(peer.text, 'Sorry, too many clients\r\n');
}

describe('MaxClients', () => {
  it('[WSS-36] tells the client too many so and closes it, the others stay', async () => {
    const server = startLimited(2);
    const served = await connectServed(server, 2);

    await expectRefused(await connect(server));

    for (const peer of served) await expectEcho(peer);
  });

  it('[WSS-37] shows the client too many to the application', async () => {
    const server = startLimited(2);
    const counts: number[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      counts.push(server.ClientCount);
      echo(Client);
    };
    await connectServed(server, 2);
    const events = record(server);

    await expectRefused(await connect(server));

    await waitFor(() => events.includes('OnClientDisconnect 3 0'), 'OnClientDisconnect');
    assert.deepEqual(counts, [1, 2, 3]);
    assert.deepEqual(
      events.filter((line) => line.startsWith('OnClient')),
      ['OnClientCreate 3', 'OnClientConnect 3 0', 'OnClientDisconnect 3 0'],
    );
    assert.equal(server.ClientCount, 2);
  });

  it('[WSS-38][H-08] serves the next client as soon as one has left', async () => {
    const server = startLimited(2);
    const [first] = await connectServed(server, 2);
    await expectRefused(await connect(server));
    await waitFor(() => server.ClientCount === 2, 'the refused client to go');

    first!.end();
    await waitFor(() => server.ClientCount === 1, 'the first client to leave');

    await connectServed(server, 1);
    assert.equal(server.ClientCount, 2);
  });

  it('[WSS-39] with an empty BannerTooBusy just closes', async () => {
    const server = startLimited(1, { BannerTooBusy: '' });
    await connectServed(server, 1);

    const refused = await connect(server);

    assert.equal(await refused.closed(), 'end');
    assert.equal(refused.text, '');
  });

  it('sends the application’s own BannerTooBusy instead of the Banner', async () => {
    const server = startServer({ MaxClients: 1, Banner: 'welcome', BannerTooBusy: '421 later' });
    const first = await connect(server);
    assert.equal(await first.line(), 'welcome');

    const refused = await connect(server);

    assert.equal(await refused.closed(), 'end');
    assert.equal(refused.text, '421 later\r\n');
  });

  it('[WSS-40] 0 means no limit: 50 clients are served', async () => {
    const server = startLimited(0);

    const peers = await Promise.all(Array.from({ length: 50 }, () => connect(server)));

    for (const peer of peers) await expectEcho(peer);
    assert.equal(server.ClientCount, 50);
  });

  it('[H-07] holds in a burst: exactly the allowed number stays', async () => {
    const server = startLimited(10);

    const peers = await Promise.all(Array.from({ length: 60 }, () => connect(server)));
    await waitFor(() => peers.filter((peer) => peer.isClosed).length === 50, '50 refusals');

    for (const peer of peers.filter((peer) => peer.isClosed)) await expectRefused(peer);
    for (const peer of peers.filter((peer) => !peer.isClosed)) await expectEcho(peer);
    await waitFor(() => server.ClientCount === 10, 'the refused clients to go');
  });

  it('[H-09] lowered below ClientCount drops nobody and refuses new clients', async () => {
    const server = startLimited(5);
    const served = await connectServed(server, 4);

    server.MaxClients = 2;
    await expectRefused(await connect(server));

    for (const peer of served) await expectEcho(peer);
    await waitFor(() => server.ClientCount === 4, 'the refused client to go');
  });

  it('[H-09] raised while the server is full lets new clients in', async () => {
    const server = startLimited(1);
    await connectServed(server, 1);
    await expectRefused(await connect(server));
    await waitFor(() => server.ClientCount === 1, 'the refused client to go');

    server.MaxClients = 2;

    await connectServed(server, 1);
  });
});
