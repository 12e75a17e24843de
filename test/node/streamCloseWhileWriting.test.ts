// toStream: whatever ends the connection while a write waits, the write is told and nothing stays.
import assert from 'node:assert/strict';
import { toStream, events } from '../../lib/node';
import { waitFor } from '../support';
import { accepted, pattern } from '../socket/accepted';
import type { Accepted } from '../socket/accepted';

const endings: Record<string, (ends: Accepted) => void> = {
  Close: ({ client }) => client.Close(),
  Abort: ({ client }) => client.Abort(),
  Free: ({ client }) => client.Free(),
  'Disconnect of the server': ({ server, client }) => server.Disconnect(client),
  'Free of the server': ({ server }) => server.Free(),
  'a reset by the peer': ({ peer }) => peer.reset(),
  'Shutdown of both directions': ({ client }) => client.Shutdown(2),
};

describe('A write that waits while the connection ends', () => {
  for (const [name, end] of Object.entries(endings)) {
    it(`fails once: ${name}`, async () => {
      const ends = await accepted();
      const { client, peer } = ends;
      peer.socket.pause();
      const stream = toStream(client);
      stream.on('error', () => undefined);
      const results: unknown[] = [];
      stream.write(pattern(32 * 1024 * 1024), (error) => results.push(error));
      await waitFor(() => client.BufferedByteCount > 0, 'a queue');
      end(ends);
      peer.socket.resume();
      await waitFor(() => results.length > 0 && stream.closed, 'the end');
      assert.equal(results.length, 1);
      assert.ok(results[0] instanceof Error);
      assert.deepEqual(events(client).eventNames(), []);
    });
  }

  it('goes out completely after the FIN of a peer that still reads', async () => {
    const data = pattern(32 * 1024 * 1024);
    const { client, peer } = await accepted();
    const stream = toStream(client).resume();
    peer.socket.pause();
    stream.write(data);
    await waitFor(() => client.BufferedByteCount > 0, 'a queue');
    peer.end();
    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(data));
    await waitFor(() => stream.closed, 'close');
  });
});
