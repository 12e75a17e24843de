// Many datagrams at once: the kernel may drop some, what it keeps arrives in order, once.

import assert from 'node:assert/strict';
import { TSockAddr } from '../../lib';
import type { TWSocket } from '../../lib';
import { drained, waitFor } from '../support';
import { listenUdp, newUdp, nodeUdp } from './udp';

const COUNT = 10_000;

/** Sends numbered datagrams without waiting. */
function sendNumbers(from: TWSocket, count: number): void {
  const data = Buffer.alloc(64);
  for (let i = 0; i < count; i++) {
    data.writeUInt32BE(i, 0);
    assert.equal(from.Send(data), data.length);
  }
}

describe('A burst of datagrams', () => {
  it(`${COUNT} in a row: a prefix or a selection arrives in order, nothing twice, nothing spins`, async () => {
    const receiver = listenUdp();
    const sender = newUdp(receiver.GetXPort());
    sender.Connect();
    const numbers: number[] = [];
    const buffer = Buffer.alloc(100);
    receiver.OnDataAvailable = () => {
      if (receiver.ReceiveFrom(buffer, 100) === 64) numbers.push(buffer.readUInt32BE(0));
    };

    sendNumbers(sender, COUNT);
    await waitFor(() => numbers.length > 0, 'the first');
    await drained();
    sendNumbers(sender, 1); // a last one that finds room
    await waitFor(() => numbers.length > 1 && numbers.at(-1) === 0, 'the last one');

    numbers.pop();
    assert.ok(
      numbers.every((value, i) => i === 0 || value > numbers[i - 1]!),
      'in order',
    );
    assert.equal(receiver.ReadCount, (numbers.length + 1) * 64);
    assert.equal(receiver.RcvdCount, 0);
  });

  it(`${COUNT}, 50 at a time: every one is answered, to the one who asked`, async () => {
    const server = listenUdp();
    const from = new TSockAddr();
    const buffer = Buffer.alloc(100);
    server.OnDataAvailable = () => {
      const size = server.ReceiveFrom(buffer, buffer.length, from);
      if (size >= 0) server.SendTo(from, buffer, size);
    };
    const clients = Array.from({ length: 5 }, () => {
      const client = newUdp(server.GetXPort());
      client.Connect();
      return client;
    });
    let expected = 0;
    let answered = 0;
    const next = (client: TWSocket, i: number): void => {
      if (expected < COUNT) client.SendStr(`${i} ${expected++}`);
    };
    clients.forEach((client, i) => {
      client.OnDataAvailable = () => {
        const text = client.ReceiveStr();
        if (text === '') return;
        assert.ok(text.startsWith(`${i} `), text);
        answered++;
        next(client, i);
      };
      for (let n = 0; n < 10; n++) next(client, i);
    });

    await waitFor(() => answered === COUNT, 'all answers', 20_000);
    assert.equal(server.ReadCount, server.WriteCount);
  });

  it('a flood does not keep Node’s timers from running', async () => {
    const receiver = listenUdp();
    const sender = newUdp(receiver.GetXPort());
    sender.Connect();
    let reads = 0;
    receiver.OnDataAvailable = () => {
      if (receiver.ReceiveStr() !== '') reads++;
      sender.SendStr('again');
      sender.SendStr('again');
    };
    sender.SendStr('again');
    let turns = 0;
    while (turns < 50) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      turns++;
    }
    receiver.OnDataAvailable = null;
    assert.ok(reads > 50, `${reads} reads`);
  });

  it('two sockets of the same thread talk to Node peers at the same time', async () => {
    const servers = [listenUdp(), listenUdp()];
    for (const server of servers) {
      const from = new TSockAddr();
      server.OnDataAvailable = () => {
        const buffer = Buffer.alloc(100);
        const size = server.ReceiveFrom(buffer, 100, from);
        if (size >= 0) server.SendTo(from, buffer, size);
      };
    }
    const peers = [await nodeUdp(), await nodeUdp()];
    // Rounds, so that no receive buffer overflows.
    for (let i = 0; i < 200; i++) {
      for (const peer of peers)
        for (const server of servers) await peer.send(`${i}`, Number(server.GetXPort()));
      const sent = 2 * (i + 1);
      if (i % 20 === 19)
        await waitFor(() => peers.every(({ received }) => received.length === sent), 'all echoes');
    }
    for (const peer of peers) {
      for (const server of servers) {
        const own = peer.received.filter(
          (_data, i) => peer.senders[i] === `127.0.0.1:${server.GetXPort()}`,
        );
        assert.deepEqual(
          own.map(String),
          Array.from({ length: 200 }, (_, i) => `${i}`),
        );
      }
    }
  });
});
