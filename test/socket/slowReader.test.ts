// Send never blocks and never sends a part: what the kernel does not take waits in our own queue.
import assert from 'node:assert/strict';
import { drained, pollsDuring, waitFor } from '../support';
import { accepted, pattern } from './accepted';

const eightMiB = 8 * 1024 * 1024;

describe('Sending to a peer that reads slowly', () => {
  it('[WSS-47][WS-40] accepts 8 MiB at once, delivers them unchanged and fires OnDataSent once for them', async () => {
    let dataSent = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataSent = () => {
        dataSent++;
      };
    });
    await waitFor(() => dataSent === 1, 'the OnDataSent that follows an accept');
    peer.socket.pause();

    const payload = pattern(eightMiB);
    assert.equal(client.Send(payload), eightMiB);
    assert.equal(client.AllSent, false);
    assert.ok(client.BufferedByteCount > 0);
    await drained();
    assert.equal(dataSent, 1);

    peer.socket.resume();
    assert.ok((await peer.read(eightMiB)).equals(payload));
    await waitFor(() => dataSent === 2, 'OnDataSent');
    await drained();
    assert.equal(dataSent, 2);
    assert.equal(client.AllSent, true);
    assert.equal(client.BufferedByteCount, 0);
    assert.equal(client.WriteCount, eightMiB);
  });

  it('[WS-40] keeps the order of many sends of different size', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    const payload = pattern(eightMiB);
    let offset = 0;
    for (let size = 1; offset < payload.length; size = (size * 7) % 100_003) {
      offset += client.Send(payload.subarray(offset, offset + size));
    }
    peer.socket.resume();
    assert.ok((await peer.read(eightMiB)).equals(payload));
  });

  it('does not keep the event loop busy while it waits', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    client.Send(Buffer.alloc(eightMiB));
    await drained();
    const polls = await pollsDuring(200);
    assert.ok(polls < 50, `the loop spins: ${polls} polls`);
    assert.ok(client.BufferedByteCount > 0);
  });

  it('[H-47] sends the old content when the program changes its buffer after Send', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    const buffer = Buffer.alloc(eightMiB, 'a');
    client.Send(buffer);
    assert.ok(client.BufferedByteCount > 0);
    buffer.fill('b');
    peer.socket.resume();
    assert.ok((await peer.read(eightMiB)).equals(Buffer.alloc(eightMiB, 'a')));
  });

  it('[H-47] sends the old content of a small buffer that every line answer uses again', async () => {
    const shared = Buffer.alloc(4);
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        shared.write(client.ReceiveStr().slice(0, 4), 'latin1');
        client.Send(shared);
        shared.fill('!');
      };
    });
    peer.write('0001\r\n0002\r\n0003\r\n');
    assert.equal((await peer.read(12)).toString(), '000100020003');
  });
});
