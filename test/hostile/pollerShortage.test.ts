// The poller has no room for a descriptor that comes back to it (epoll_ctl answers ENOMEM or ENOSPC).
// Nothing would ever be told of that connection again, so its end is told.

import assert from 'node:assert/strict';
import { connect, expectEcho } from '../support';
import { shimServer, skipWithoutShim } from '../fault/shimServer';

describe('A connection the poller cannot take back', function () {
  this.timeout(30_000);
  before(skipWithoutShim);

  for (const name of ['ENOMEM', 'ENOSPC']) {
    it(`[H-45] ${name} at ThreadAttach: ends with OnClientDisconnect, the others are served`, async () => {
      const { server, control, port } = await shimServer({
        name: 'epoll_ctl',
        rate: 10_000,
        faults: [name],
      });
      const [bad, good] = [await connect(port), await connect(port)];
      bad.write('again 1\r\n');
      good.write('lines 2\r\n');
      assert.equal(await bad.line(), 'ready');
      await expectEcho(good, 'before\r\n');

      control.faults = true;
      bad.write('now\r\n');
      await bad.closed();
      control.faults = false;

      await expectEcho(good, 'after\r\n');
      const { sessions, clientCount, troubles } = await server.ask('report');
      const disconnects = sessions.find(({ id }) => id === 1)!.disconnects;
      assert.equal(disconnects.length, 1);
      assert.ok(disconnects[0]! > 0, `the number is ${disconnects[0]}`);
      assert.equal(clientCount, 1);
      assert.deepEqual(troubles, []);
    });
  }
});
