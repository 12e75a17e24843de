// Pause and the data that arrives meanwhile: held back, then delivered completely and in order.
import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { accepted, pattern, receiveStrings } from './accepted';

describe('Pause of a client that receives', () => {
  it('[WSS-53] stops OnDataAvailable and delivers after Resume what came meanwhile', async () => {
    let received: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      received = receiveStrings(newClient);
    });
    client.Pause();
    peer.write('while ');
    await drained();
    peer.write('paused');
    await drained();
    assert.equal(received.length, 0);

    client.Resume();
    await waitFor(() => received.join('') === 'while paused', 'data after Resume');
  });

  it('keeps complete lines back as well', async () => {
    let lines: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      lines = receiveStrings(newClient);
    });
    client.Pause();
    peer.write('a\r\nb\r\n');
    await drained();
    assert.equal(lines.length, 0);
    client.Resume();
    await waitFor(() => lines.length === 2, 'both lines');
    assert.deepEqual(lines, ['a\r\n', 'b\r\n']);
  });

  it('stops after the current line when the line handler pauses', async () => {
    const lines: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      newClient.OnDataAvailable = () => {
        lines.push(newClient.ReceiveStr());
        newClient.Pause();
      };
    });
    peer.write('a\r\nb\r\nc\r\n');
    for (const count of [1, 2, 3]) {
      await waitFor(() => lines.length === count, `line ${count}`);
      await drained();
      assert.equal(lines.length, count);
      client.Resume();
    }
    assert.deepEqual(lines, ['a\r\n', 'b\r\n', 'c\r\n']);
  });

  it('[WSS-53] loses nothing when the handler itself pauses after every read', async () => {
    const payload = pattern(300_000);
    const parts: Buffer[] = [];
    let total = 0;
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        const part = Buffer.alloc(40_000);
        const count = client.Receive(part);
        if (count <= 0) return;
        parts.push(part.subarray(0, count));
        total += count;
        client.Pause();
        setImmediate(() => client.Resume());
      };
    });
    peer.write(payload);
    await waitFor(() => total >= payload.length, 'all bytes received');
    assert.ok(Buffer.concat(parts).equals(payload));
  });
});
