// Shutdown(1) writes what is queued; a handler of that write is too late to send more.
import assert from 'node:assert/strict';
import { ESocketException } from '../../lib';
import { accepted } from './accepted';

describe('A Send in the OnSendData of Shutdown(1)', () => {
  it('[WSS-48] is refused with 10058, and the peer gets what was queued and the end', async () => {
    const { client, peer } = await accepted();
    const codes: unknown[] = [];
    client.OnSendData = () => {
      try {
        codes.push(client.SendStr('too late'));
      } catch (E) {
        codes.push(E instanceof ESocketException ? E.ErrorCode : E);
      }
    };
    client.PutStringInSendBuffer('queued');

    client.Shutdown(1);

    assert.deepEqual(codes, [10058]);
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'queued');
  });
});
