// Accept errors that say nothing about the server: the connection died while it waited
// (ECONNABORTED, EPROTO), a signal came (EINTR). The server runs under strace, which makes them.

import assert from 'node:assert/strict';
import { wsListening } from '../../lib';
import { connect, expectEcho } from '../support';
import { skipWithoutStrace, tracedServer } from '../support/tracedServer';

describe('A server whose accept fails for a reason of the connection', function () {
  this.timeout(30_000);
  before(skipWithoutStrace);

  for (const name of ['ECONNABORTED', 'EPROTO', 'EINTR']) {
    for (const times of [3, 300]) {
      it(`[H-03] ${name}, ${times} times: nothing is reported, the next client is served`, async () => {
        const { server, port } = await tracedServer('accept4', `error=${name}:when=1..${times}`);

        await expectEcho(await connect(port));
        await expectEcho(await connect(port));

        const report = await server.ask('report');
        const one = ['OnSessionAvailable 0', 'OnClientCreate', 'OnClientConnect 0'];
        assert.deepEqual(report.events, [...one, ...one]);
        assert.equal(report.acceptFailCount, 0);
        assert.equal(report.clientCount, 2);
        assert.equal(report.state, wsListening);
        assert.ok(server.calls().length > times, 'strace made the calls fail');
      });
    }
  }

  it('[H-03] a client that comes and goes meanwhile leaves nothing behind', async () => {
    const { server, port } = await tracedServer('accept4', 'error=ECONNABORTED:when=1+2');

    for (let round = 0; round < 20; round++) (await connect(port)).reset();
    await expectEcho(await connect(port));

    let report = await server.ask('report');
    while (report.clientCount > 1) report = await server.ask('report');
    const count = (event: string): number =>
      report.events.filter((line) => line.startsWith(event)).length;
    assert.equal(count('OnClientCreate'), count('OnClientDisconnect') + 1);
    assert.equal(count('OnBgException'), 0);
  });
});
