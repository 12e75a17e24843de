// Very many tiny segments, and a large upload with pauses: memory stays bounded, bytes are right.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { waitFor } from '../support';
import { accepted, pattern } from './accepted';
import { MEMORY_SLACK } from '../support/memory';

const MiB = 1024 * 1024;

describe('A receive buffer', () => {
  it('[H-22] holds 131,000 unread one-byte segments in a small multiple of their size', async function () {
    this.timeout(60_000);
    const count = 131_000;
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      newClient.LineLimit = 0;
    });
    peer.socket.setNoDelay(true);
    const byte = Buffer.from('b');
    const before = process.memoryUsage().rss;
    for (let i = 0; i < count; i++) {
      if (!peer.socket.write(byte)) await once(peer.socket, 'drain');
      if (i % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor(() => client.ReadCount === count, 'all segments taken', 30_000);
    const growth = process.memoryUsage().rss - before;
    assert.ok(growth < 48 * MiB * MEMORY_SLACK, `${Math.round(growth / MiB)} MiB more`);

    let line = '';
    client.OnDataAvailable = () => {
      line += client.ReceiveStr();
    };
    peer.write('\r\n');
    await waitFor(() => line.endsWith('\r\n'), 'the line');
    assert.equal(line.length, count + 2);
  });

  it('[H-29] receives 64 MB correctly while the program pauses and resumes at random', async function () {
    this.timeout(60_000);
    const block = pattern(1_000_003);
    const total = 64 * block.length;
    const received = createHash('sha256');
    const expected = createHash('sha256');
    const part = Buffer.alloc(50_000);
    let bytes = 0;
    let seed = 12345;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        const count = client.Receive(part, 1 + random(part.length));
        if (count <= 0) return;
        received.update(part.subarray(0, count));
        bytes += count;
        if (random(20) !== 0) return;
        client.Pause();
        if (random(2) === 0) setImmediate(() => client.Resume());
        else setTimeout(() => client.Resume(), 1);
      };
    });
    for (let i = 0; i < 64; i++) {
      expected.update(block);
      if (!peer.socket.write(block)) await once(peer.socket, 'drain');
    }
    await waitFor(() => bytes === total, 'all bytes', 50_000);
    assert.equal(received.digest('hex'), expected.digest('hex'));
  });
});
