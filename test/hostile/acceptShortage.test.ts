// The kernel cannot give a waiting connection a descriptor or memory (ENFILE, ENOBUFS, ENOMEM). The
// server runs under strace, which makes its accept4 calls fail.

import assert from 'node:assert/strict';
import { wsListening } from '../../lib';
import { connect, expectEcho } from '../support';
import { skipWithoutStrace, tracedServer } from '../support/tracedServer';

const SHORTAGES = { ENFILE: 10024, ENOBUFS: 10055, ENOMEM: 10055 };

describe('A server whose accept fails for lack of resources', function () {
  this.timeout(30_000);
  before(skipWithoutStrace);

  for (const [name, code] of Object.entries(SHORTAGES)) {
    it(`[H-02][WSS-177] ${name} once: refuses that client with OnClientConnect(${code}), serves the next`, async () => {
      const { server, port } = await tracedServer('accept4', `error=${name}:when=1`);

      assert.equal(await (await connect(port)).closed(), 'end');
      const report = await server.ask('report');

      assert.deepEqual(report.events, [
        'OnSessionAvailable 0',
        'OnClientCreate',
        `OnClientConnect ${code}`,
      ]);
      assert.equal(report.lastError, code);
      assert.equal(report.acceptFailCount, 1);
      assert.equal(report.clientCount, 0);
      assert.equal(report.state, wsListening);
      await expectEcho(await connect(port));
      assert.equal((await server.ask('report')).acceptFailCount, 1);
    });

    it(`[H-02] ${name} several times in a row: the client waits and is served`, async () => {
      const { server, port } = await tracedServer('accept4', `error=${name}:when=1..8`);
      const peer = await connect(port);

      await expectEcho(peer);

      const { events, acceptFailCount } = await server.ask('report');
      assert.deepEqual(events, ['OnSessionAvailable 0', 'OnClientCreate', 'OnClientConnect 0']);
      assert.equal(acceptFailCount, 0);
      assert.ok(server.calls().length <= 12, server.calls().join('\n'));
    });
  }

  it('[H-02] for ever: backs off instead of spinning, raises nothing, serves who is connected', async () => {
    const { server, port } = await tracedServer('accept4', 'error=ENFILE:when=3+');
    const served = await connect(port);
    await expectEcho(served); // the calls 1 and 2: a connection, and nobody else
    const before = await server.ask('report');

    const waiting = await Promise.all([connect(port), connect(port), connect(port)]);
    await new Promise((resolve) => setTimeout(resolve, 800));
    await expectEcho(served, 'still here');

    const report = await server.ask('report');
    assert.deepEqual(report.events, before.events);
    assert.equal(report.state, wsListening);
    assert.ok(waiting.every((peer) => !peer.isClosed));
    assert.ok(server.calls().length < 40, `${server.calls().length} calls of accept4`);
    assert.ok(report.cpu - before.cpu < 400, `${report.cpu - before.cpu} ms of CPU time`);
  });
});
