// OnSendQueueHigh and OnSendQueueLow: the water marks of our own send queue.
import assert from 'node:assert/strict';
import { TWSocketClient } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, fillSendQueue } from './accepted';

const high = 512 * 1024;
const low = 128 * 1024;

function recordWaterMarks(client: TWSocketClient): { events: string[]; queued: number[] } {
  const record = { events: [] as string[], queued: [] as number[] };
  client.SendQueueHigh = high;
  client.SendQueueLow = low;
  client.OnSendQueueHigh = (_sender, queued) => {
    record.events.push('high');
    record.queued.push(queued);
  };
  client.OnSendQueueLow = (_sender, queued) => {
    record.events.push('low');
    record.queued.push(queued);
  };
  return record;
}

describe('OnSendQueueHigh and OnSendQueueLow', () => {
  it('have marks of 1 MiB and 256 KiB by default', async () => {
    const { client } = await accepted();
    assert.equal(client.SendQueueHigh, 1024 * 1024);
    assert.equal(client.SendQueueLow, 256 * 1024);
  });

  it('[H-40] fire once each when a reader falls behind and catches up, again the next time', async () => {
    let record = { events: [] as string[], queued: [] as number[] };
    const { client, peer } = await accepted((newClient) => {
      record = recordWaterMarks(newClient);
    });
    for (const round of [1, 2]) {
      peer.socket.pause();
      const sent = fillSendQueue(client, 4 * high);
      await waitFor(() => record.events.length === 2 * round - 1, 'OnSendQueueHigh');
      await drained();
      assert.equal(record.events.at(-1), 'high');

      peer.socket.resume();
      await peer.read(sent);
      await waitFor(() => record.events.length === 2 * round, 'OnSendQueueLow');
      await drained();
    }
    assert.deepEqual(record.events, ['high', 'low', 'high', 'low']);
    const [high1, low1, high2, low2] = record.queued as [number, number, number, number];
    assert.ok(high1 >= high && high2 >= high, record.queued.join(' '));
    assert.ok(low1 <= low && low2 <= low, record.queued.join(' '));
  });

  it('stay silent while the queue does not reach the high mark', async () => {
    let record = { events: [] as string[], queued: [] as number[] };
    const { client, peer } = await accepted((newClient) => {
      record = recordWaterMarks(newClient);
    });
    peer.socket.pause();
    const sent = fillSendQueue(client, low);
    assert.ok(client.BufferedByteCount < high);
    peer.socket.resume();
    await peer.read(sent);
    await waitFor(() => client.AllSent, 'AllSent');
    await drained();
    assert.deepEqual(record.events, []);
  });

  it('let a program stop at the high mark and go on at the low mark, with a bounded queue', async () => {
    const block = Buffer.alloc(64 * 1024, 'b');
    const total = 16 * 1024 * 1024;
    let sent = 0;
    let held = false;
    let most = 0;
    const fill = (client: TWSocketClient) => {
      if (held || sent === total) return;
      sent += client.Send(block);
      most = Math.max(most, client.BufferedByteCount);
      setImmediate(() => fill(client));
    };
    const { client, peer } = await accepted((newClient) => {
      newClient.SendQueueHigh = high;
      newClient.SendQueueLow = low;
      newClient.OnSendQueueHigh = () => {
        held = true;
      };
      newClient.OnSendQueueLow = () => {
        held = false;
        fill(newClient);
      };
    });
    peer.socket.pause();
    fill(client);
    peer.socket.resume();
    await peer.read(total);
    assert.ok(most <= high + 2 * block.length, `${most} bytes queued`);
  });
});
