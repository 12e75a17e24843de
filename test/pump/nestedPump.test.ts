// ProcessMessages inside a handler: other sockets' events are dispatched inside it, in order, each
// once, and however deep handlers nest, the program survives.

import assert from 'node:assert/strict';
import { wsoNoReceiveLoop } from '../../lib';
import { drained, startServer, waitFor } from '../support';
import { attackedServer } from '../support/bystander';
import { pair, pairs } from '../support/pair';

describe('Pumping inside a handler', () => {
  it('[WS-70] dispatches events of other sockets before it returns', async () => {
    const server = startServer();
    const [a, b] = await pairs(server, 2);
    const log: string[] = [];
    a!.client.OnDataAvailable = () => {
      log.push(`a ${a!.client.ReceiveStr()}`);
      b!.peer.write('from outside');
      server.ProcessMessages();
      log.push('a returns');
    };
    b!.client.OnDataAvailable = () => void log.push(`b ${b!.client.ReceiveStr()}`);
    a!.peer.write('x');
    await waitFor(() => log.length === 3, 'both handlers');
    assert.deepEqual(log, ['a x', 'b from outside', 'a returns']);
  });

  it('[H-70] three deep keeps the order and delivers nothing twice', async () => {
    const server = await attackedServer();
    const all = await pairs(server, 3);
    const log: string[] = [];
    for (const [i, { client }] of all.entries()) {
      client.OnDataAvailable = () => {
        log.push(`${i} ${client.ReceiveStr()}`);
        all[i + 1]?.peer.write('next');
        server.ProcessMessages();
        log.push(`${i} ends`);
      };
    }
    all[0]!.peer.write('first');
    await waitFor(() => log.length === 6, 'three handlers');
    await drained();
    const expected = ['0 first', '1 next', '2 next', '2 ends', '1 ends', '0 ends'];
    assert.deepEqual(log, expected);
  });

  it('[H-70] the outer batch of events is continued, not overwritten', async () => {
    const server = await attackedServer();
    const all = await pairs(server, 50);
    const counts = new Map<number, number>();
    for (const { client } of all) {
      client.OnDataAvailable = () => {
        client.ReceiveStr();
        counts.set(client.CliId, (counts.get(client.CliId) ?? 0) + 1);
        server.ProcessMessages();
      };
    }
    for (const { peer } of all) peer.write('x');
    server.ProcessMessages();
    await waitFor(() => counts.size === 50, 'all clients served');
    await drained();
    assert.deepEqual(new Set(counts.values()), new Set([1]));
  });

  it('[H-70] lines of one connection arrive in order, once, with bounded depth', async () => {
    const server = await attackedServer();
    const { peer, client } = await pair(server);
    const wanted = Array.from({ length: 2000 }, (none, i) => String(i));
    const lines: string[] = [];
    let depth = 0;
    let deepest = 0;
    client.LineMode = true;
    client.OnDataAvailable = () => {
      deepest = Math.max(deepest, ++depth);
      lines.push(client.ReceiveStr().trim());
      server.ProcessMessages();
      depth--;
    };
    peer.write(wanted.map((line) => `${line}\r\n`).join(''));
    await waitFor(() => lines.length >= wanted.length, 'all lines');
    await drained();
    assert.deepEqual(lines, wanted);
    assert.ok(deepest <= 100, `${deepest} handlers deep`);
  });

  it('[H-70] raw data stays in order when every handler pumps', async () => {
    const server = await attackedServer();
    const { peer, client } = await pair(server);
    client.ComponentOptions.add(wsoNoReceiveLoop);
    const received: Buffer[] = [];
    let size = 0;
    const portion = Buffer.alloc(1000);
    client.OnDataAvailable = () => {
      const count = client.Receive(portion);
      if (count > 0) {
        received.push(Buffer.from(portion.subarray(0, count)));
        size += count;
      }
      server.ProcessMessages();
    };
    const data = Buffer.from(Array.from({ length: 300_000 }, (none, i) => i % 251));
    peer.write(data);
    await waitFor(() => size >= data.length, 'all bytes');
    assert.ok(Buffer.concat(received).equals(data));
  });

  it('an event that closes the handler’s own client meanwhile is safe', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const log: string[] = [];
    client.OnSessionClosed = (Socket, ErrCode) => void log.push(`OnSessionClosed ${ErrCode}`);
    client.OnDataAvailable = () => {
      log.push(client.ReceiveStr());
      peer.reset();
      server.ProcessMessages();
      log.push(`behind it ${client.HSocket} ${client.ReceiveStr()}`);
    };
    peer.write('x');
    await waitFor(() => server.ClientCount === 0, 'the client gone');
    await drained();
    assert.deepEqual(log, ['x', 'OnSessionClosed 10054', 'behind it -1 ']);
  });
});
