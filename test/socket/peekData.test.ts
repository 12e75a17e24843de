// PeekData looks at the next bytes without taking them.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { accepted } from './accepted';

describe('PeekData', () => {
  it('[WSS-52][WS-50] shows the bytes the next Receive returns, and ReadCount counts them once', async () => {
    const facts: unknown[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        const peeked = Buffer.alloc(10);
        const count = newClient.PeekData(peeked, 10);
        facts.push(count, peeked.toString('latin1', 0, Math.max(count, 0)), newClient.ReadCount);
        facts.push(newClient.ReceiveStr());
      };
    });
    peer.write('hello');
    await waitFor(() => facts.length === 4, 'OnDataAvailable');
    assert.deepEqual(facts, [5, 'hello', 0, 'hello']);
    assert.equal(client.ReadCount, 5);
  });

  it('[WS-50] shows the current line in line mode and leaves it there', async () => {
    const facts: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        const peeked = Buffer.alloc(3);
        const count = client.PeekData(peeked, 3);
        facts.push(peeked.toString('latin1', 0, Math.max(count, 0)), client.ReceiveStr());
      };
    });
    peer.write('first\r\nsecond\r\n');
    await waitFor(() => facts.length === 4, 'both lines');
    assert.deepEqual(facts, ['fir', 'first\r\n', 'sec', 'second\r\n']);
  });

  it('answers -1 with LastError 10035 when nothing is there', async () => {
    const { client } = await accepted();
    assert.equal(client.PeekData(Buffer.alloc(4), 4), -1);
    assert.equal(client.LastError, 10035);
  });
});
