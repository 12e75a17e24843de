// toStream: neither side makes the memory of the other grow.
import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { toStream } from '../../lib/node';
import { accepted, pattern } from '../socket/accepted';

const MIB = 1024 * 1024;

describe('Back-pressure of toStream(socket)', () => {
  it('stops reading when nobody takes, and goes on when somebody does', async () => {
    const data = pattern(32 * MIB);
    const { client, peer } = await accepted();
    const stream = toStream(client, { highWaterMark: 64 * 1024 });
    stream.read(0);
    peer.write(data);
    await waitFor(() => stream.readableLength > 0, 'first data');
    await drained();
    assert.ok(stream.readableLength <= 128 * 1024, `${stream.readableLength} bytes are held`);
    assert.ok(client.ReadCount <= 128 * 1024, `${client.ReadCount} bytes were read`);
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of stream) {
      parts.push(part as Buffer);
      size += (part as Buffer).length;
      if (size === data.length) break;
    }
    assert.ok(Buffer.concat(parts).equals(data));
  });

  it('holds little in the send queue while the peer does not read', async () => {
    const block = pattern(MIB);
    const { client, peer } = await accepted();
    const stream = toStream(client);
    peer.socket.pause();
    let written = 0;
    const writing = (async () => {
      for (; written < 64; written++)
        if (!stream.write(block)) await new Promise((resolve) => stream.once('drain', resolve));
      stream.end();
    })();
    await waitFor(() => client.BufferedByteCount > 0, 'a queue');
    await drained();
    assert.ok(client.BufferedByteCount <= 192 * 1024, `${client.BufferedByteCount} queued`);
    assert.ok(written < 60, `${written} blocks were taken`);
    peer.socket.resume();
    await writing;
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, 64 * MIB);
    assert.ok(peer.bytes().subarray(-MIB).equals(block));
  });

  it('keeps to a SendQueueLimit smaller than one write', async () => {
    const block = pattern(4 * MIB);
    const { client, peer } = await accepted();
    client.SendQueueLimit = 5000;
    peer.socket.pause();
    const stream = toStream(client);
    stream.end(block);
    await waitFor(() => client.BufferedByteCount > 0, 'a queue');
    assert.ok(client.BufferedByteCount <= 5000);
    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(block));
  });
});
