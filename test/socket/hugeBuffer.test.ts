// Buffers of more than 2 GiB, whose size does not fit into 32 bits. They are never touched, so they
// cost address space, not memory.

import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { wsConnected } from '../../lib';
import { raised, startServer, waitFor } from '../support';
import { pair } from '../support/pair';
import { skipUnless } from '../support/skipTest';

const GIB = 1024 ** 3;
const HUGE = 2 * GIB + 1;

describe('A buffer of more than 2 GiB', () => {
  before(skipUnless(freemem() >= 6 * GIB, 'less than 6 GiB of memory are free'));

  it('Send refuses it with 10055, and the connection stays open', async () => {
    const { peer, client } = await pair(startServer());

    const error = raised(() => client.Send(Buffer.allocUnsafeSlow(HUGE)));

    assert.equal(error.ErrorCode, 10055);
    assert.equal(client.LastError, 10055);
    assert.equal(client.State, wsConnected);
    assert.equal(client.BufferedByteCount, 0);
    client.SendStr('still open');
    await peer.waitText('still open');
    assert.equal(peer.text, 'still open');
  });

  it('Receive fills its beginning', async () => {
    const { peer, client } = await pair(startServer());
    const buffer = Buffer.allocUnsafeSlow(HUGE);
    let count = 0;
    client.OnDataAvailable = () => {
      count ||= client.Receive(buffer);
    };

    peer.write('hello');

    await waitFor(() => count !== 0, 'OnDataAvailable');
    assert.equal(count, 5);
    assert.equal(buffer.toString('latin1', 0, 5), 'hello');
  });
});
