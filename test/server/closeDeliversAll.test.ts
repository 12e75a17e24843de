// Close after OnDataSent: what the kernel has accepted reaches the peer, however slow it is.

import assert from 'node:assert/strict';
import { startServer, waitFor } from '../support';
import type { Peer } from '../support';
import { pair } from '../support/pair';

/** Reads in small portions with pauses; returns the function that ends the slowness. */
function readSlowly(peer: Peer): () => void {
  peer.socket.pause();
  const timer = setInterval(() => {
    peer.socket.resume();
    setImmediate(() => peer.socket.pause());
  }, 2);
  return () => {
    clearInterval(timer);
    setImmediate(() => peer.socket.resume());
  };
}

describe('Close after everything was sent', () => {
  it('[WSS-72][WS-53] a slow peer gets all 4 MiB and an orderly end', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const data = Buffer.alloc(4 << 20, 'The quick brown fox');
    const readFast = readSlowly(peer);
    const atClose: number[] = [];
    assert.equal(client.Send(data), data.length);
    client.OnDataSent = () => {
      if (atClose.length > 0 || !client.AllSent) return;
      atClose.push(peer.bytes().length);
      client.Close();
    };

    await waitFor(() => atClose.length > 0, 'OnDataSent');
    assert.ok(atClose[0]! < data.length, 'the kernel must still hold a part of it');
    setTimeout(readFast, 50);
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(data));
  });

  it('Close drops what is still in the own send queue and counts it', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    client.Send(Buffer.alloc(8 << 20));
    const queued = client.BufferedByteCount;
    client.Close();
    assert.ok(queued > 0);
    assert.equal(client.DroppedByteCount, queued);

    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, (8 << 20) - queued);
  });
});
