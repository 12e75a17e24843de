// BandwidthLimit while sending: complete, in order, and never faster than the limit.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { accepted, pattern } from './accepted';
import { limited } from './timed';

const DEADLINE = 25_000;

describe('BandwidthLimit while sending', () => {
  it('[WS-85] 50 KB at 10,240 bytes per second take about 5 s and arrive complete', async () => {
    const limit = limited(10240, 1000);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const data = pattern(51200);
    let sent = 0;
    client.OnDataSent = () => void sent++;
    assert.equal(client.Send(data), data.length);
    assert.ok(client.BufferedByteCount >= data.length - 10240);
    await waitFor(() => peer.bytes().length >= data.length, 'all bytes', DEADLINE);

    const { elapsed } = limit.meter();
    assert.ok(elapsed >= 4000 && elapsed < 18_000, `${elapsed} ms`);
    assert.ok(peer.bytes().equals(data));
    assert.equal(client.WriteCount, data.length);
    await waitFor(() => client.AllSent && sent > 0, 'OnDataSent');
  });

  it('[WSS-109] a server gives its limit to its clients; OnClientCreate may change it', async () => {
    const slow = await accepted(undefined, { BandwidthLimit: 4000, BandwidthSampling: 500 });
    const fast = await accepted(undefined, {
      BandwidthLimit: 4000,
      OnClientCreate: (_server, client) => void (client.BandwidthLimit = 0),
    });
    assert.equal(slow.client.BandwidthLimit, 4000);
    assert.equal(slow.client.BandwidthSampling, 500);
    const data = pattern(8000);
    const start = performance.now();
    slow.client.Send(data);
    fast.client.Send(data);
    assert.equal(fast.client.WriteCount, 8000);
    assert.ok(slow.client.WriteCount <= 2000, `${slow.client.WriteCount} at once`);
    await waitFor(() => slow.peer.bytes().length >= 8000, 'all bytes', DEADLINE);
    assert.ok(performance.now() - start >= 900, 'faster than the limit');
    assert.ok(slow.peer.bytes().equals(data));
  });

  it('never sends more than the portions that have begun', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const problems: string[] = [];
    peer.socket.on('data', () => {
      const got = peer.bytes().length;
      const { allowed } = limit.meter();
      if (got > allowed) problems.push(`${got} bytes, ${allowed} allowed`);
    });
    const data = pattern(50_000);
    for (let at = 0; at < data.length; at += 1000) client.Send(data.subarray(at, at + 1000));
    await waitFor(() => peer.bytes().length >= data.length, 'all bytes', DEADLINE);
    assert.deepEqual(problems, []);
    assert.ok(peer.bytes().equals(data));
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(data.length));
  });

  it('sends text and lines at the limit as well', async () => {
    const limit = limited(8_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const text = 'äöü€'.repeat(300);
    for (let i = 0; i < 5; i++) client.SendStr(text);
    client.SendLine('the end');
    const wanted = Buffer.from(`${text.repeat(5)}the end\r\n`);
    await waitFor(() => peer.bytes().length >= wanted.length, 'all bytes', DEADLINE);
    assert.ok(peer.bytes().equals(wanted));
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(wanted.length));
  });

  it('works with a limit below one byte per sample', async () => {
    const limit = limited(1, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    client.SendStr('abc');
    await waitFor(() => peer.text === 'abc', 'three bytes', DEADLINE);
    assert.ok(limit.meter().elapsed >= 2000, `${limit.meter().elapsed} ms`);
  });
});
