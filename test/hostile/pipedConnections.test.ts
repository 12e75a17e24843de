// Two connections piped to each other, as a proxy does it: Pause at OnSendQueueHigh, Resume at
// OnSendQueueLow. One side reads slowly; what waits in this process stays bounded.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TWSocketClient } from '../../lib';
import { startServer, waitFor } from '../support';
import { bystand } from '../support/bystander';
import { MEMORY_SLACK, memoryInUse } from '../support/memory';
import { pairs } from '../support/pair';
import type { Pair } from '../support/pair';
import { pattern } from '../socket/accepted';

const HIGH = 256 * 1024;
const LOW = 64 * 1024;
/** One OnDataAvailable may bring up to this many bytes behind the watermark. */
const ONE_READ = 64 * 1024;
const TOTAL = 48 * 1024 * 1024;
const MEMORY_SLACK_MIB = 32;

interface Pipe {
  left: Pair;
  right: Pair;
  seen: { most: number; high: number; low: number };
}

/** Everything that `from` receives goes out through `to`. */
function pipe(from: TWSocketClient, to: TWSocketClient, seen: Pipe['seen']): void {
  const bytes = Buffer.alloc(ONE_READ);
  to.SendQueueHigh = HIGH;
  to.SendQueueLow = LOW;
  from.OnDataAvailable = () => {
    const got = from.Receive(bytes);
    if (got > 0) to.Send(bytes, got);
    seen.most = Math.max(seen.most, to.BufferedByteCount);
  };
  to.OnSendQueueHigh = () => {
    seen.high++;
    from.Pause();
  };
  to.OnSendQueueLow = () => {
    seen.low++;
    from.Resume();
  };
}

async function startPipe(): Promise<Pipe> {
  const server = startServer();
  await bystand(server);
  const [left, right] = await pairs(server, 2);
  const seen = { most: 0, high: 0, low: 0 };
  pipe(left!.client, right!.client, seen);
  pipe(right!.client, left!.client, seen);
  return { left: left!, right: right!, seen };
}

/** Counts and hashes what a peer receives, without keeping it. */
function digest({ peer }: Pair): { count: number; hash: () => string } {
  const hash = createHash('sha256');
  const result = { count: 0, hash: () => hash.copy().digest('hex') };
  peer.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
    result.count += chunk.length;
    hash.update(chunk);
  });
  return result;
}

/** Writes TOTAL bytes as fast as the connection takes them; returns their hash. */
function upload({ peer }: Pair, block: Buffer): string {
  const hash = createHash('sha256');
  let left = TOTAL;
  for (let sent = 0; sent < TOTAL; sent += block.length) hash.update(block);
  const write = (): void => {
    while (left > 0) {
      left -= block.length;
      if (!peer.socket.write(block)) break;
    }
    if (left > 0) peer.socket.once('drain', write);
  };
  write();
  return hash.digest('hex');
}

/** The peer looks away for a few turns after every portion. */
function readSlowly({ peer }: Pair): void {
  peer.socket.on('data', () => {
    peer.socket.pause();
    setTimeout(() => peer.socket.resume(), 1);
  });
}

describe('Two connections piped to each other', function () {
  this.timeout(40_000);
  const block = pattern(1024 * 1024);

  it('[H-53] one reads slowly: what waits here stays within the watermark, all bytes arrive', async () => {
    const { left, right, seen } = await startPipe();
    const received = digest(right);
    readSlowly(right);
    const before = await memoryInUse();
    let most = before.rss;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss() / 1024 ** 2);
    }, 20);
    try {
      const expected = upload(left, block);
      await waitFor(() => received.count === TOTAL, 'all bytes', 30_000);
      assert.equal(received.hash(), expected);
    } finally {
      clearInterval(watch);
    }
    assert.ok(seen.most <= HIGH + ONE_READ, `${seen.most} bytes waited in one send queue`);
    assert.ok(seen.high > 5, `OnSendQueueHigh ${seen.high} times`);
    assert.ok(seen.low === seen.high, `OnSendQueueLow ${seen.low} of ${seen.high} times`);
    const grown = most - before.rss;
    assert.ok(grown < MEMORY_SLACK_MIB * MEMORY_SLACK, `memory grew by ${Math.round(grown)} MiB`);
  });

  it('[H-53] both directions at once, both slow: neither stalls, all bytes arrive', async () => {
    const { left, right, seen } = await startPipe();
    const ends = [left, right].map((end) => ({ end, received: digest(end) }));
    const hashes = ends.map(({ end }) => {
      readSlowly(end);
      return upload(end, block);
    });
    await waitFor(
      () => ends.every(({ received }) => received.count === TOTAL),
      'all bytes',
      35_000,
    );
    assert.deepEqual(
      ends.map(({ received }) => received.hash()),
      hashes.reverse(),
    );
    assert.ok(seen.most <= HIGH + ONE_READ, `${seen.most} bytes waited in one send queue`);
  });

  it('[H-53] a reader that stops for good stops the sender, and its end sets the sender free', async () => {
    const { left, right, seen } = await startPipe();
    right.peer.socket.pause();
    upload(left, block);
    await waitFor(() => seen.high === 1, 'the pause');
    const stopped = left.client.ReadCount;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(left.client.ReadCount, stopped);
    assert.ok(right.client.BufferedByteCount <= HIGH + ONE_READ);

    right.client.OnSessionClosed = () => left.client.Close();
    right.peer.reset();
    await left.peer.closed();
    await waitFor(() => left.client.Server === null || left.client.HSocket < 0, 'both to go');
  });
});
