// What a listener of the stream throws is an uncaught exception, however the data came to it.
import assert from 'node:assert/strict';
import { wsConnected } from '../../lib';
import { toStream } from '../../lib/node';
import { waitFor } from '../support';
import { accepted } from '../socket/accepted';

describe('An exception in a data listener of a stream', () => {
  it('is uncaught as with any stream; it does not close the connection', async () => {
    const uncaught: string[] = [];
    const previous = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error.message));
    try {
      const { client, peer } = await accepted();
      toStream(client).on('data', (chunk: Buffer) => {
        throw new Error(chunk.toString());
      });
      for (const text of ['one', 'two', 'three']) {
        peer.write(text);
        await waitFor(() => uncaught.includes(text), text);
      }
      assert.deepEqual(uncaught, ['one', 'two', 'three']);
      assert.equal(client.State, wsConnected);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of previous) process.on('uncaughtException', listener);
    }
  });
});
