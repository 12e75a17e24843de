// The poller has no room for a descriptor that comes back to it (epoll_ctl answers ENOMEM or ENOSPC).
// Nothing would be told of that connection, so it stays outside, and the next try finds it there.

import assert from 'node:assert/strict';
import { connect, expectEcho } from '../support';
import { bystandIn } from '../support/bystander';
import { shimServer, skipWithoutShim } from '../fault/shimServer';

describe('A connection the poller cannot take back', function () {
  this.timeout(30_000);
  before(skipWithoutShim);

  for (const name of ['ENOMEM', 'ENOSPC']) {
    it(`[H-45] ${name} at ThreadAttach: raises 10055, stays detached, and comes back later`, async () => {
      const { server, control, port } = await shimServer({
        name: 'epoll_ctl',
        rate: 10_000,
        faults: [name],
      });
      await bystandIn(port);
      const [late, good] = [await connect(port), await connect(port)];
      late.write('again 1\r\n');
      good.write('lines 2\r\n');
      assert.equal(await late.line(), 'ready');
      await expectEcho(good, 'before\r\n');

      control.faults = true;
      late.write('now\r\n');
      let raised: readonly number[] = [];
      while (raised.length < 2) raised = (await server.ask('report')).attachErrors;
      control.faults = false;
      assert.deepEqual([...new Set(raised)], [10055]);

      await expectEcho(good, 'after\r\n');
      late.end();
      await late.closed();
      const { sessions, clientCount, troubles } = await server.ask('report');
      assert.deepEqual(sessions.find(({ id }) => id === 1)!.disconnects, [0]);
      assert.equal(clientCount, 1);
      assert.deepEqual(troubles, []);
    });
  }
});
