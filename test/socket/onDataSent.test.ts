// OnDataSent: "my send buffer is empty". Always from the queue, never inside Send.
import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { accepted, acceptedByHand } from './accepted';

describe('OnDataSent', () => {
  it('[WS-23] fires exactly once after an accept although nothing was sent', async () => {
    let count = 0;
    await acceptedByHand((socket) => {
      socket.OnDataSent = () => {
        count++;
      };
    });
    await waitFor(() => count > 0, 'OnDataSent');
    await drained();
    assert.equal(count, 1);
  });

  it('[WS-23] fires once too for a handler that OnClientConnect assigns', async () => {
    let count = 0;
    await accepted((client) => {
      client.OnDataSent = () => {
        count++;
      };
    });
    await waitFor(() => count > 0, 'OnDataSent');
    await drained();
    assert.equal(count, 1);
  });

  it("[WS-37] fires once more after a Send of 0 bytes, and not after SendStr('')", async () => {
    let count = 0;
    const { client } = await accepted((newClient) => {
      newClient.OnDataSent = () => {
        count++;
      };
    });
    await waitFor(() => count === 1, 'the OnDataSent that follows an accept');
    assert.equal(client.Send(Buffer.alloc(0), 0), 0);
    await waitFor(() => count === 2, 'OnDataSent after the empty Send');
    assert.equal(client.SendStr(''), 0);
    await drained();
    assert.equal(count, 2);
  });

  it('[H-48] allows a Send in every OnDataSent without nesting: one event for each drain', async () => {
    const sends = 5000;
    let count = 0;
    let depth = 0;
    let deepest = 0;
    const { peer } = await accepted((client) => {
      client.OnDataSent = () => {
        depth++;
        deepest = Math.max(deepest, depth);
        if (count++ < sends) client.SendStr('x');
        depth--;
      };
    });
    assert.equal((await peer.read(sends)).toString(), 'x'.repeat(sends));
    await waitFor(() => count === sends + 1, 'the last OnDataSent');
    await drained();
    assert.equal(count, sends + 1);
    assert.equal(deepest, 1);
  });

  it('[H-48] feeds a large file block by block, each block when the one before is gone', async () => {
    const block = Buffer.alloc(256 * 1024, 'f');
    const blocks = 40;
    let sent = 0;
    let mostQueued = 0;
    const { peer } = await accepted((client) => {
      client.OnDataSent = () => {
        if (sent === blocks) return;
        sent++;
        client.Send(block);
        mostQueued = Math.max(mostQueued, client.BufferedByteCount);
      };
    });
    const received = await peer.read(blocks * block.length);
    assert.equal(received.length, blocks * block.length);
    assert.ok(mostQueued <= block.length, `${mostQueued} bytes queued`);
  });
});
