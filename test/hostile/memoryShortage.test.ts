// The core has no memory for bytes. What waits in the kernel is read a little later, also when the
// peer says nothing more; a TLS session that has lost bytes ends, because nobody may read on over a gap.

import assert from 'node:assert/strict';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { connect, waitFor } from '../support';
import { onCleanup } from '../support/cleanup';
import { testCerts } from '../support/tls';
import { type ShimServer, shimServer, skipWithoutShim } from '../fault/shimServer';

const EVERY_TIME = { name: 'malloc', rate: 10_000, faults: ['ENOMEM'] };

function failures({ control }: ShimServer): number {
  return control.tally().get('malloc ENOMEM')!;
}

async function secure({
  tlsPort: port,
}: ShimServer): Promise<{ peer: TLSSocket; end: () => string }> {
  const ca = testCerts().ca.pem;
  const peer = tlsConnect({ host: '127.0.0.1', port, ca, servername: 'srv.test' });
  onCleanup(() => peer.destroy());
  let end = '';
  peer.on('error', ({ message }) => (end ||= message)).on('close', () => (end ||= 'FIN'));
  await new Promise((resolve) => peer.once('secureConnect', resolve));
  return { peer, end: () => end };
}

describe('No memory for bytes', function () {
  this.timeout(30_000);
  before(skipWithoutShim);

  it('received: a line is read when there is some again, without another byte', async () => {
    const shim = await shimServer(EVERY_TIME);
    const peer = await connect(shim.port);
    shim.control.faults = true;
    peer.write('lines 1\r\nfirst\r\n');
    await waitFor(() => failures(shim) > 3, 'several tries');
    shim.control.faults = false;
    assert.equal(await peer.line(), 'first');
    const { sessions, troubles } = await shim.server.ask('report');
    assert.deepEqual([sessions[0]!.disconnects, troubles], [[], []]);
  });

  it('decrypted: the session ends with 10053, the next one is served', async () => {
    const shim = await shimServer(EVERY_TIME);
    const { peer, end } = await secure(shim);
    shim.control.faults = true;
    peer.write('lines 1\r\nfirst\r\n');
    await waitFor(() => end() !== '', 'the end');
    assert.ok(failures(shim) > 0);
    shim.control.faults = false;

    const next = await secure(shim);
    next.peer.write('lines 2\r\nsecond\r\n');
    const answer = await new Promise((resolve) => next.peer.once('data', resolve));
    assert.equal(String(answer), 'second\r\n');
    const { sessions, troubles } = await shim.server.ask('report');
    assert.deepEqual(
      sessions.map(({ disconnects }) => disconnects),
      [[10053], []],
    );
    assert.deepEqual(troubles, []);
  });

  it('to be sent through TLS: the session ends with 10053', async () => {
    const shim = await shimServer(EVERY_TIME);
    const { peer, end } = await secure(shim);
    peer.write('lines 1\r\nready\r\n');
    await new Promise((resolve) => peer.once('data', resolve));
    const second = await secure(shim);
    shim.control.faults = true;
    second.peer.pause();
    second.peer.write('pour 2 3000000 7\r\n');
    let ends: readonly number[] = [];
    while (ends.length === 0) ends = (await shim.server.ask('report')).sessions[1]!.disconnects;
    assert.ok(failures(shim) > 0);
    shim.control.faults = false;

    peer.write('still here\r\n');
    const answer = await new Promise((resolve) => peer.once('data', resolve));
    assert.equal(String(answer), 'still here\r\n');
    assert.equal(end(), '');
    const { sessions, troubles } = await shim.server.ask('report');
    assert.deepEqual(
      sessions.map(({ disconnects }) => disconnects),
      [[], [10053]],
    );
    assert.deepEqual(troubles, []);
  });
});
