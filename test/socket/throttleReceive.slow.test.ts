// BandwidthLimit while receiving: every byte once, in order, not faster than the limit, in raw mode
// and in line mode, with Pause and with handlers that take less than they could.
import assert from 'node:assert/strict';
import type { TWSocketClient } from '../../lib';
import { pollsDuring, startServer, waitFor } from '../support';
import { pairs } from '../support/pair';
import { accepted, pattern } from './accepted';
import { limited, samplingPeriod } from './timed';

const DEADLINE = 25_000;

interface Received {
  chunks: Buffer[];
  size: number;
}

function collect(client: TWSocketClient, take: () => Buffer): Received {
  const received: Received = { chunks: [], size: 0 };
  client.OnDataAvailable = () => {
    const chunk = take();
    received.chunks.push(Buffer.from(chunk));
    received.size += chunk.length;
  };
  return received;
}

describe('BandwidthLimit while receiving', () => {
  it('delivers everything at the limit', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const problems: string[] = [];
    const received = collect(client, () => client.ReceiveTB());
    client.OnSendData = () => problems.push('something was sent');
    const data = pattern(50_000);
    peer.write(data);
    await waitFor(
      () => {
        if (client.ReadCount > limit.meter().allowed) problems.push(`${client.ReadCount} bytes`);
        return received.size >= data.length;
      },
      'all bytes',
      DEADLINE,
    );
    assert.deepEqual(problems, []);
    assert.ok(Buffer.concat(received.chunks).equals(data));
    assert.equal(client.ReadCount, data.length);
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(data.length));
  });

  it('ends a handler’s loop over RcvdCount when the portion is used up', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const buffer = Buffer.alloc(700);
    let size = 0;
    let rounds = 0;
    client.OnDataAvailable = () => {
      while (client.RcvdCount > 0) {
        size += Math.max(0, client.Receive(buffer));
        if (++rounds > 1000) throw new Error('the loop does not end');
      }
    };
    peer.write(pattern(30_000));
    await waitFor(() => size >= 30_000, 'all bytes', DEADLINE);
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(30_000));
  });

  it('works in line mode', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    client.LineMode = true;
    const lines: string[] = [];
    client.OnDataAvailable = () => void lines.push(client.ReceiveStr());
    const wanted = Array.from({ length: 400 }, (_none, i) => `${'line '.repeat(i % 30)}${i}\r\n`);
    const bytes = wanted.join('').length;
    peer.write(wanted.join(''));
    await waitFor(() => lines.length >= wanted.length, 'all lines', DEADLINE);
    assert.deepEqual(lines, wanted);
    assert.ok(bytes > 20_000);
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(bytes));
  });

  it('delivers nothing while paused, everything after Resume', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const received = collect(client, () => client.ReceiveTB());
    const data = pattern(35_000);
    peer.write(data);
    await waitFor(() => received.size > 0, 'the first portion');
    client.Pause();
    const { size } = received;
    await samplingPeriod();
    assert.equal(received.size, size);
    client.Resume();
    await waitFor(() => received.size >= data.length, 'all bytes', DEADLINE);
    assert.ok(Buffer.concat(received.chunks).equals(data));
  });

  it('shares the portion with what is sent: an echo moves each byte twice', async () => {
    const limit = limited(20_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    client.OnDataAvailable = () => void client.Send(client.ReceiveTB());
    const data = pattern(25_000);
    peer.write(data);
    const problems: string[] = [];
    await waitFor(
      () => {
        const moved = client.ReadCount + client.WriteCount;
        if (moved > limit.meter().allowed) problems.push(`${moved} bytes`);
        return peer.bytes().length >= data.length;
      },
      'the echo',
      DEADLINE,
    );
    assert.deepEqual(problems, []);
    assert.ok(peer.bytes().equals(data));
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(2 * data.length));
  });

  it('loses no input that arrives while sending has used up the portion', async () => {
    const limit = limited(4_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const received: string[] = [];
    client.OnDataAvailable = () => void received.push(client.ReceiveStr());
    client.Send(Buffer.alloc(6_000));
    peer.write('request');
    await waitFor(() => received.join('') === 'request', 'the request', DEADLINE);
    assert.ok(limit.meter().elapsed >= 1000);
  });

  for (const lineMode of [false, true]) {
    const mode = lineMode ? 'in line mode' : 'in raw mode';
    it(`loses no input that was announced before a handler used up the portion, ${mode}`, async () => {
      const { create } = limited(4_000, 500);
      const server = startServer({ OnClientCreate: create });
      const all = await pairs(server, 2);
      const received = ['', ''];
      for (const [i, { client }] of all.entries()) {
        let first = true;
        client.LineMode = lineMode;
        client.OnDataAvailable = () => {
          // The read event of the other one is waiting behind this one.
          if (first) for (const { client: each } of all) each.Send(Buffer.alloc(3_000));
          first = false;
          received[i] += client.ReceiveStr();
        };
      }
      for (const { peer } of all) peer.write('request\r\n');
      const wanted = 'request\r\n';
      await waitFor(() => received.every((text) => text === wanted), 'the requests', 10_000);
    });
  }

  it('shows a handler that waits for a whole message more of it with each portion', async () => {
    const limit = limited(4_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const counts: number[] = [];
    client.OnDataAvailable = () => {
      counts.push(client.RcvdCount);
      if (counts.length > 1) client.ReceiveTB();
    };
    client.Send(Buffer.alloc(1_500)); // leaves 500 of the first portion
    peer.write(Buffer.alloc(2_000));
    await waitFor(() => client.ReadCount === 2_000, 'all bytes', DEADLINE);
    assert.ok(counts[0]! <= 500 && counts[1]! > 500, counts.join());
  });

  it('does not keep the loop busy while it waits, nor with a handler that reads nothing', async () => {
    const limit = limited(4_000, 500);
    const { client, peer } = await accepted(undefined, { OnClientCreate: limit.create });
    const other = await accepted(undefined, { OnClientCreate: limited(4_000, 500).create });
    let calls = 0;
    client.OnDataAvailable = () => void client.ReceiveStr();
    other.client.OnDataAvailable = () => void calls++;
    peer.write(Buffer.alloc(60_000));
    other.peer.write(Buffer.alloc(60_000));
    await waitFor(() => client.ReadCount > 0 && calls > 0, 'the first portions');
    const polls = await pollsDuring(1500);
    assert.ok(polls < 100, `${polls} polls`);
    assert.ok(calls <= 10, `${calls} calls`);
  });
});
