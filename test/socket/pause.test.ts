// Pause and Resume.

import assert from 'node:assert/strict';
import { connect, drained, startServer, waitFor } from '../support';
import { pair, pairs } from '../support/pair';

describe('Pause', () => {
  it('[WS-58] holds OnDataAvailable back until Resume, which needs no new traffic', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const received: string[] = [];
    client.OnDataAvailable = () => void received.push(client.ReceiveStr());
    client.Pause();
    peer.write('held back');
    await drained();
    assert.deepEqual(received, []);
    client.Resume();
    await waitFor(() => received.length > 0, 'OnDataAvailable');
    assert.equal(received.join(''), 'held back');
  });

  it('[WS-59] drops an event that is queued already; Resume brings it back', async () => {
    const server = startServer();
    const both = await pairs(server, 2);
    const log: string[] = [];
    let firstServed = -1;
    for (const [i, { client }] of both.entries()) {
      client.OnDataAvailable = () => {
        if (firstServed < 0) {
          firstServed = i;
          both[1 - i]!.client.Pause();
        }
        log.push(`${client.ReceiveStr()}`);
      };
    }
    // Both events are in the queue when the first handler runs.
    both[0]!.peer.write('0');
    both[1]!.peer.write('1');
    server.ProcessMessages();
    await drained();
    assert.deepEqual(log, [String(firstServed)]);
    both[1 - firstServed]!.client.Resume();
    await waitFor(() => log.length === 2, 'the other event');
    assert.equal(log[1], String(1 - firstServed));
  });

  it('[WS-58] of one client leaves the others and its own sending alone', async () => {
    const server = startServer();
    const [a, b] = await pairs(server, 2);
    a!.client.Pause();
    b!.client.OnDataAvailable = () => void b!.client.SendStr(b!.client.ReceiveStr());
    a!.peer.write('unread');
    b!.peer.write('echo');
    a!.client.SendStr('sent while paused');
    await b!.peer.waitText('echo');
    await a!.peer.waitText('sent while paused');
  });

  it('of a server keeps connections waiting until Resume', async () => {
    let connects = 0;
    const server = startServer({ OnClientConnect: () => void connects++ });
    server.Pause();
    await connect(server);
    await drained();
    assert.equal(connects, 0);
    server.Resume();
    await waitFor(() => connects === 1, 'OnClientConnect');
  });

  it('a paused client can be closed, and twice paused is resumed once', async () => {
    const server = startServer();
    const [a, b] = await pairs(server, 2);
    a!.client.Pause();
    a!.peer.write('unread');
    a!.client.Close();
    assert.equal(await a!.peer.closed(), 'end');

    b!.client.OnDataAvailable = () => void b!.client.SendStr(b!.client.ReceiveStr());
    b!.client.Pause();
    b!.client.Pause();
    b!.client.Resume();
    b!.peer.write('echo');
    await b!.peer.waitText('echo');
  });
});
