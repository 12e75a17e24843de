// A read fails though the connection is whole (no memory in the kernel), and the kernel has nothing
// more to tell of it. The server runs under strace, which makes its recvfrom calls fail.

import assert from 'node:assert/strict';
import { connect, expectEcho } from '../support';
import { bystandIn } from '../support/bystander';
import { skipWithoutStrace, tracedServer } from '../support/tracedServer';

const OPENED = ['OnSessionAvailable 0', 'OnClientCreate', 'OnClientConnect 0'];
/** What is heard of the bystander. */
const BYSTANDER = OPENED.slice(0, 2);

describe('A connection that cannot be read', function () {
  this.timeout(30_000);
  before(skipWithoutStrace);

  it('[H-45] ENOMEM: ends with OnClientDisconnect(10055), the next client is served', async () => {
    const { server, port } = await tracedServer('recvfrom', 'error=ENOMEM:when=1');
    await bystandIn(port, 'quiet');
    const peer = await connect(port);
    peer.write('never read');

    await peer.closed();

    const { events, clientCount } = await server.ask('report');
    assert.deepEqual(events, [...BYSTANDER, ...OPENED, 'OnClientDisconnect 10055']);
    assert.equal(clientCount, 0);
    await expectEcho(await connect(port));
  });

  it('[H-45] the peer has finished already: the end is no orderly one either', async () => {
    const { server, port } = await tracedServer('recvfrom', 'error=ENOMEM:when=1');
    await bystandIn(port, 'quiet');
    const peer = await connect(port);
    peer.socket.end('never read');

    await peer.closed();

    assert.deepEqual((await server.ask('report')).events, [
      ...BYSTANDER,
      ...OPENED,
      'OnClientDisconnect 10055',
    ]);
  });

  it('[H-45] another client in the same process keeps its bytes', async () => {
    const { server, port } = await tracedServer('recvfrom', 'error=ENOMEM:when=3');
    await bystandIn(port, 'quiet');
    const good = await connect(port);
    await expectEcho(good, 'first');
    const before = server.calls().length;
    const bad = await connect(port);
    for (let i = 0; !bad.isClosed && i < 5; i++) {
      bad.write('x');
      await Promise.race([bad.closed(), bad.read(1).catch(() => undefined)]);
    }
    assert.ok(bad.isClosed, `${before} calls before, ${server.calls().length} in all`);
    await expectEcho(good, 'second');
  });
});
