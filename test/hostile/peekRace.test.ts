// PeekData finds nothing, or a part, and the rest arrives before the handler returns: those bytes are
// news, or a connection whose peer waits for an answer would stand still. The moment between two
// system calls cannot be met from outside: the shim lets bytes arrive in it.

import assert from 'node:assert/strict';
import { connect } from '../support';
import { bystandIn } from '../support/bystander';
import { shimServer, skipWithoutShim } from '../fault/shimServer';

const ROUNDS = 300;

describe('Bytes that arrive behind a PeekData', function () {
  this.timeout(30_000);
  before(skipWithoutShim);

  for (const fault of ['EAGAIN+edge', 'short']) {
    it(`[H-82] ${fault}: no connection stalls`, async () => {
      const { control, port } = await shimServer({ name: 'recv', rate: 3000, faults: [fault] });
      await bystandIn(port);
      const peer = await connect(port);
      peer.write('whole 1\r\n');
      control.faults = true;
      for (let i = 0; i < ROUNDS; i++) {
        const text = `portion ${i};`;
        peer.write(text);
        assert.equal((await peer.read(text.length)).toString('latin1'), text);
      }
      const injected = control.tally().get(`recv ${fault}`)!;
      assert.ok(injected > ROUNDS / 20, `${injected} faults`);
    });
  }
});
