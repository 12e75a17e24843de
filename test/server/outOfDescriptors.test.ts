// No descriptor is left for a waiting connection (EMFILE). The server runs in a child process with
// a small limit; the peers are here.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { wsListening } from '../../lib';
import { childServer, connect, waitFor } from '../support';
import type { ChildServer, Peer } from '../support';
import { skipUnless } from '../support/skipTest';
import type { Report } from './outOfDescriptors.child';

const MAX_DESCRIPTORS = 64;
const PEERS = 100;

function startChild(): ChildServer {
  return childServer(join(__dirname, 'outOfDescriptors.child.ts'), MAX_DESCRIPTORS);
}

function connectMany(port: number): Promise<Peer[]> {
  return Promise.all(Array.from({ length: PEERS }, () => connect(port)));
}

async function expectIdle(child: ChildServer): Promise<void> {
  const share = await child.ask<number>('cpu');
  assert.ok(share < 0.2, `the idle server needs ${Math.round(share * 100)} % of a processor`);
}

async function expectServed(peer: Peer): Promise<void> {
  peer.write('ping');
  await peer.waitText('ping');
}

describe('A server without descriptors', function () {
  this.timeout(40_000);

  before(skipUnless(process.platform !== 'win32', 'Windows knows no descriptor limit'));

  it('[H-01][WSS-177] closes waiting clients with OnClientConnect(10024), idles, recovers', async () => {
    const child = startChild();
    const { port } = await child.ask<Report>('listen');

    const peers = await connectMany(port);
    const report = await answered(child);
    await waitFor(() => closedPeers(peers) === report.refused, 'the refused peers to be closed');

    assert.ok(report.served > 0 && report.refused > 0, JSON.stringify(report));
    assert.deepEqual(report.order, [
      'OnSessionAvailable 0',
      'OnClientCreate',
      'OnClientConnect 10024',
    ]);
    assert.equal(report.disconnected, 0);
    assert.equal(report.exceptions, 0);
    assert.equal(report.clientCount, report.served);
    assert.equal(report.lastError, 10024);
    assert.equal(report.state, wsListening);
    assert.equal(report.acceptFailCount, report.refused);

    await (await connect(port)).closed();
    await expectIdle(child);

    for (const peer of peers) peer.socket.destroy();
    while ((await child.ask<Report>('report')).clientCount > 0);
    await expectServed(await connect(port));
  });

  it('[H-01] idles even when not a single descriptor is left to refuse with', async () => {
    const child = startChild();
    await child.ask<Report>('fill');
    const { port, state } = await child.ask<Report>('listen');
    assert.equal(state, wsListening);

    const waiting = await connect(port);
    await expectIdle(child);
    const meanwhile = await child.ask<Report>('report');
    await child.ask<Report>('free');

    await expectServed(waiting);
    assert.equal(waiting.isClosed, false);
    assert.equal(meanwhile.state, wsListening);
    assert.equal(meanwhile.clientCount, 0);
    assert.equal(meanwhile.exceptions, 0);
  });
});

/** Asks until every peer has been served or refused. */
async function answered(child: ChildServer): Promise<Report> {
  for (;;) {
    const report = await child.ask<Report>('report');
    if (report.served + report.refused >= PEERS) return report;
  }
}

function closedPeers(peers: Peer[]): number {
  return peers.filter((peer) => peer.isClosed).length;
}
