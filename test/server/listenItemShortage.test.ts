// No descriptor is left for the connections of an item (EMFILE). The server runs in a child process
// with a small limit; the peers are here.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { childServer, connect, waitFor } from '../support';
import { skipUnless } from '../support/skipTest';
import type { Report } from './listenItemShortage.child';

const MAX_DESCRIPTORS = 64;
const PEERS = 100;

describe('An item whose server has no descriptors left', function () {
  this.timeout(40_000);

  before(skipUnless(process.platform !== 'win32', 'Windows knows no descriptor limit'));

  it('[H-01] refuses with OnClientConnect(10024), idles, and serves when some are free', async () => {
    const child = childServer(join(__dirname, 'listenItemShortage.child.ts'), MAX_DESCRIPTORS);
    const { itemPort, mainPort } = await child.ask<Report>('listen');
    const peers = await Promise.all(Array.from({ length: PEERS }, () => connect(itemPort)));
    let report = await child.ask<Report>('report');
    while (report.served + report.refusedCount < PEERS) report = await child.ask<Report>('report');
    const closed = (): number => peers.filter((peer) => peer.isClosed).length;
    await waitFor(() => closed() === report.refusedCount, 'the refused peers to be closed');

    assert.ok(report.served > 0 && report.refusedCount > 0, JSON.stringify(report));
    assert.deepEqual(report.refused, ['0 10024']);
    assert.equal(report.acceptFailCount, report.refusedCount);
    assert.equal(report.lastError, 10024);
    assert.equal(report.itemError, 10024);
    assert.equal(report.allListen, true);
    assert.equal(report.exceptions, 0);
    const share = await child.ask<number>('cpu');
    assert.ok(share < 0.2, `the idle server needs ${Math.round(share * 100)} % of a processor`);

    for (const peer of peers) peer.socket.destroy();
    for (const port of [itemPort, mainPort]) {
      const peer = await served(port);
      assert.equal(peer, 'ping');
    }
  });
});

/** The freed descriptors are noticed after a moment; until then a connection may be refused. */
async function served(port: number): Promise<string> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const peer = await connect(port);
    peer.write('ping');
    await waitFor(() => peer.isClosed || peer.text !== '', 'an answer');
    if (peer.text !== '' || Date.now() > deadline) return peer.text;
  }
}
