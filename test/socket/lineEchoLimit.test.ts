// LineEcho and LineLimit together: what is thrown away for its length has still been echoed.

import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { accepted } from './accepted';

describe('LineEcho of a line above LineLimit', () => {
  for (const LineEdit of [false, true]) {
    it(`[WS-73] echoes all of it, then the next line (LineEdit ${LineEdit})`, async () => {
      const exceeded: number[] = [];
      const lines: string[] = [];
      const { peer } = await accepted((client) => {
        Object.assign(client, { LineMode: true, LineEcho: true, LineLimit: 10, LineEdit });
        client.OnLineLimitExceeded = (Sender, length) => void exceeded.push(length);
        client.OnDataAvailable = () => void lines.push(client.ReceiveStr());
      });

      peer.write('a'.repeat(20));
      await waitFor(() => exceeded.length > 0, 'OnLineLimitExceeded');
      assert.equal((await peer.read(20)).toString('latin1'), 'a'.repeat(20));
      assert.deepEqual(exceeded, [20]);

      peer.write('ok\r\n');
      assert.equal(await peer.line(), 'ok');
      await drained();
      assert.equal(peer.text, `${'a'.repeat(20)}ok\r\n`);
      assert.deepEqual(lines, ['ok\r\n']);
    });
  }

  it('a handler of OnLineLimitExceeded that closes the client: the echo arrives before the end', async () => {
    const { peer } = await accepted((client) => {
      Object.assign(client, { LineMode: true, LineEcho: true, LineLimit: 10 });
      client.OnLineLimitExceeded = () => client.CloseDelayed();
    });

    peer.write('b'.repeat(20));

    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'b'.repeat(20));
  });
});
