// SendQueueLimit: a Send that would pass the limit queues nothing and fails with 10055.
import assert from 'node:assert/strict';
import { ESocketException, TWSocketClient, wsConnected, wsoNoSendException } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted } from './accepted';
import { MEMORY_SLACK } from '../support/memory';

const block = Buffer.alloc(64 * 1024, 'x');
const limit = 1024 * 1024;

/** Sends blocks until one is refused; answers the bytes accepted and the refusal. */
function sendUntilRefused(client: TWSocketClient): { sent: number; refusal: unknown } {
  let sent = 0;
  for (let i = 0; i < 2000; i++) {
    try {
      const count = client.Send(block);
      if (count !== block.length) return { sent, refusal: count };
      sent += count;
    } catch (error) {
      return { sent, refusal: error };
    }
  }
  return { sent, refusal: undefined };
}

describe('SendQueueLimit', () => {
  it('is 0 by default: the queue is unlimited as in ICS', async () => {
    const { client, peer } = await accepted();
    assert.equal(client.SendQueueLimit, 0);
    peer.socket.pause();
    assert.equal(client.Send(Buffer.alloc(24 * limit)), 24 * limit);
    assert.ok(client.BufferedByteCount > 8 * limit);
  });

  it('[H-40] refuses the Send beyond it with 10055, queues nothing of it and keeps the connection', async () => {
    const { client, peer } = await accepted();
    client.SendQueueLimit = limit;
    peer.socket.pause();

    const { sent, refusal } = sendUntilRefused(client);
    assert.ok(refusal instanceof ESocketException, String(refusal));
    assert.equal(refusal.ErrorCode, 10055);
    assert.equal(refusal.message, 'No buffer space available (#10055 in Send)');
    assert.equal(client.LastError, 10055);
    assert.equal(client.State, wsConnected);
    const queued = client.BufferedByteCount;
    assert.ok(queued <= limit && queued + block.length > limit, `${queued} bytes queued`);
    assert.throws(() => client.Send(block), { ErrorCode: 10055 });
    assert.equal(client.BufferedByteCount, queued);

    peer.socket.resume();
    await peer.read(sent);
    await waitFor(() => client.AllSent, 'AllSent');
    assert.equal(client.SendStr('|'), 1);
    assert.equal((await peer.read(1)).toString(), '|');
  });

  it('[H-40] answers -1 with LastError 10055 when wsoNoSendException is set', async () => {
    const { client, peer } = await accepted((newClient) => {
      newClient.ComponentOptions.add(wsoNoSendException);
      newClient.SendQueueLimit = limit;
    });
    peer.socket.pause();
    assert.equal(sendUntilRefused(client).refusal, -1);
    assert.equal(client.LastError, 10055);
    assert.equal(client.State, wsConnected);
  });

  it('[H-40] calls OnError instead of raising when it is assigned', async () => {
    let errors = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.SendQueueLimit = limit;
      newClient.OnError = () => {
        errors++;
      };
    });
    peer.socket.pause();
    assert.equal(sendUntilRefused(client).refusal, -1);
    assert.equal(errors, 1);
    assert.equal(client.LastError, 10055);
    await drained();
    assert.equal(client.State, wsConnected);
  });

  it('[H-43] refuses a Send of 2147483647 bytes before it takes memory for them', async () => {
    const { client, peer } = await accepted();
    client.SendQueueLimit = limit;
    const before = process.memoryUsage().rss;
    const huge = Buffer.alloc(2 ** 31 - 1);
    assert.throws(() => client.Send(huge), { ErrorCode: 10055 });
    const growth = process.memoryUsage().rss - before;
    assert.ok(growth < 64 * limit * MEMORY_SLACK, `${growth} bytes more`);
    client.SendStr('|');
    await peer.waitText('|');
    assert.equal(peer.text, '|');
  });

  it('also limits what PutDataInSendBuffer and SendLine may queue', async () => {
    const { client, peer } = await accepted();
    client.SendQueueLimit = 100;
    client.PutDataInSendBuffer(Buffer.alloc(90, 'p'));
    assert.throws(() => client.SendLine('12345678901234567890'), { ErrorCode: 10055 });
    assert.equal(client.BufferedByteCount, 90);
    client.SendStr('|');
    await peer.waitText('|');
    assert.equal(peer.text, 'p'.repeat(90) + '|');
  });

  it('does not refuse answers to pipelined lines that the kernel would take', async () => {
    const answer = 'x'.repeat(100);
    let refused = 0;
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.SendQueueLimit = 1000;
      client.ComponentOptions.add(wsoNoSendException);
      client.OnDataAvailable = () => {
        client.ReceiveStr();
        if (client.SendStr(answer) !== answer.length) refused++;
      };
    });
    peer.write('a\r\n'.repeat(50));
    await drained();
    assert.equal(refused, 0);
    assert.equal((await peer.read(5000)).toString(), answer.repeat(50));
  });
});
