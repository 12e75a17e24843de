// PutDataInSendBuffer only queues: the kernel is not tried, however much there is.
import assert from 'node:assert/strict';
import { wsConnected } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted } from './accepted';

const SIZE = 300_000;

describe('PutDataInSendBuffer', () => {
  for (const form of ['bytes', 'text'])
    it(`[WS-41] leaves any number of ${form} to a later Send`, async () => {
      let told = 0;
      const { client, peer } = await accepted((newClient) => {
        newClient.OnSendData = (_sender, count) => (told += count);
      });
      if (form === 'bytes') client.PutDataInSendBuffer(Buffer.alloc(SIZE, 'x'));
      else
        for (let size = 0; size < SIZE; size += 1000)
          client.PutStringInSendBuffer('x'.repeat(1000));
      await drained();
      assert.equal(client.BufferedByteCount, SIZE);
      assert.equal(told, 0);
      client.SendStr('y');
      const received = await peer.read(SIZE + 1);
      assert.equal(received.indexOf('y'), SIZE);
      await waitFor(() => told === SIZE + 1, 'OnSendData for all of it');
    });

  it('does not write what the Sends of the same event have collected', async () => {
    const counts: number[] = [];
    let states = '';
    const { client, peer } = await accepted((newClient) => {
      newClient.SendQueueHigh = 1000;
      newClient.OnSendQueueHigh = () => (states += 'high ');
      newClient.OnSendQueueLow = () => (states += 'low');
      newClient.OnDataAvailable = () => {
        newClient.ReceiveStr();
        newClient.SendStr('a'); // goes out
        newClient.SendStr('b'); // is collected
        newClient.PutDataInSendBuffer(Buffer.alloc(SIZE, 'x'));
        counts.push(newClient.BufferedByteCount);
      };
    });
    peer.write('?');
    assert.equal((await peer.read(SIZE + 2)).toString('latin1', 0, 3), 'abx');
    assert.deepEqual(counts, [SIZE + 1]);
    await waitFor(() => states === 'high low', 'both events');
    assert.equal(client.State, wsConnected);
  });
});
