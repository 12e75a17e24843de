// The kernel refuses output for the moment (EAGAIN, ENOBUFS) or a signal interrupts the call
// (EINTR). The server runs under strace, which makes every second or third call fail.

import assert from 'node:assert/strict';
import { connect, expectEcho } from '../support';
import type { Peer } from '../support';
import { bystandIn } from '../support/bystander';
import { skipWithoutStrace, tracedServer } from '../support/tracedServer';
import type { TracedServer } from '../support/tracedServer';

const CALLS = 'sendto,sendmsg';
const LINES = 500;
/** What is heard of the bystander, and of any client. */
const BYSTANDER = ['OnSessionAvailable 0', 'OnClientCreate'];
const ECHO_BYTES = 1024 * 1024;

const lines = Array.from({ length: LINES }, (_, i) => `line ${i}\r\n`).join('');

/** The server's own lines arrive complete and in order, and then the echo of a large block. */
async function expectOrder(server: TracedServer, peer: Peer): Promise<void> {
  await server.ask(`push ${LINES}`);
  assert.equal((await peer.read(lines.length)).toString('latin1'), lines);

  const block = Buffer.from(Uint8Array.from({ length: ECHO_BYTES }, (_, i) => (i * 31) >> 5));
  peer.write(block);
  assert.ok((await peer.read(ECHO_BYTES)).equals(block), 'the echo is complete and in order');
}

describe('A server whose sends fail for the moment', function () {
  this.timeout(40_000);
  before(skipWithoutStrace);

  for (const name of ['EAGAIN', 'EINTR', 'ENOBUFS', 'ENOMEM']) {
    for (const when of ['1..5', '1+2', '2+3']) {
      it(`[H-45] ${name} (calls ${when}): is tried again, the order is kept, nobody hears of it`, async () => {
        const { server, port } = await tracedServer(CALLS, `error=${name}:when=${when}`);
        await bystandIn(port, 'quiet');
        const peer = await connect(port);
        await expectEcho(peer);

        await expectOrder(server, peer);

        const { events, queued } = await server.ask('report');
        assert.deepEqual(events, [...BYSTANDER, ...BYSTANDER, 'OnClientConnect 0']);
        assert.equal(queued, 0);
        assert.equal(peer.isClosed, false);
        const injected = server.calls().filter((call) => call.includes('(INJECTED)'));
        assert.ok(injected.length > 0, 'strace made calls fail');
      });
    }
  }

  for (const name of ['ENOBUFS', 'ENOMEM']) {
    it(`[H-45] ${name} that lasts: is tried now and then, without a spin`, async () => {
      const { server, port } = await tracedServer(CALLS, `error=${name}:when=1+`);
      const peer = await connect(port);
      peer.write('never answered');
      await new Promise((resolve) => setTimeout(resolve, 500));

      const { queued } = await server.ask('report');
      assert.equal(queued, 14);
      const tries = server.calls().filter((call) => call.includes('(INJECTED)')).length;
      assert.ok(tries > 2 && tries < 100, `${tries} tries in half a second`);
    });
  }
});
