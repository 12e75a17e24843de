// Raw receiving: OnDataAvailable with ReceiveStr, Receive and ReceiveTB.
import assert from 'node:assert/strict';
import { connect, drained, waitFor } from '../support';
import { accepted, acceptedByHand, pattern, receiveStrings } from './accepted';

describe('OnDataAvailable in raw mode', () => {
  it('[WSS-41] hands over what the peer sent and counts it in ReadCount', async () => {
    let received: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      received = receiveStrings(newClient);
    });
    peer.write('abc');
    await waitFor(() => received.join('') === 'abc', 'abc received');
    assert.equal(client.ReadCount, 3);
  });

  it('[WSS-42] delivers 64 KiB completely and in order to a handler that takes 1000 bytes a time', async () => {
    const payload = pattern(64 * 1024);
    const parts: Buffer[] = [];
    let total = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        const part = Buffer.alloc(1000);
        const count = newClient.Receive(part, part.length);
        if (count <= 0) return;
        parts.push(part.subarray(0, count));
        total += count;
      };
    });
    peer.write(payload);
    await waitFor(() => total >= payload.length, 'all bytes received');
    assert.ok(Buffer.concat(parts).equals(payload));
    assert.equal(client.ReadCount, payload.length);
  });

  it('[WS-45] answers -1 with LastError 10035 when nothing more is there', async () => {
    const facts: number[] = [];
    const { client, peer } = await acceptedByHand((socket) => {
      socket.OnDataAvailable = (_sender, error) => {
        const buffer = Buffer.alloc(100);
        facts.push(error, socket.Receive(buffer, 100), socket.Receive(buffer, 100));
        facts.push(socket.LastError);
      };
    });
    peer.write('hello');
    await waitFor(() => facts.length >= 4, 'OnDataAvailable');
    assert.deepEqual(facts, [0, 5, -1, 10035]);
    assert.equal(client.ReadCount, 5);
  });

  it('[WS-46] fires until all 10 bytes are read by a handler that takes 4, without new traffic', async () => {
    const sizes: number[] = [];
    const { peer } = await acceptedByHand((socket) => {
      socket.OnDataAvailable = () => {
        sizes.push(socket.Receive(Buffer.alloc(4), 4));
      };
    });
    peer.write('0123456789');
    await waitFor(() => sizes.length >= 3, 'three events');
    await drained();
    assert.deepEqual(sizes, [4, 4, 2]);
  });

  it('[H-25] gives a short count to a handler that asks for more than there is', async () => {
    const sizes: number[] = [];
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        sizes.push(client.Receive(Buffer.alloc(5000)));
      };
    });
    peer.write('0123456789');
    await waitFor(() => sizes.length > 0, 'OnDataAvailable');
    assert.deepEqual(sizes, [10]);
  });

  it('[WSS-43][WS-49] throws the data away and counts it when no handler is assigned', async () => {
    let sessionClosed = 0;
    const { server, client, peer } = await accepted((newClient) => {
      newClient.OnSessionClosed = () => {
        sessionClosed++;
      };
    });
    peer.write(Buffer.alloc(5000));
    await waitFor(() => client.ReadCount === 5000, 'data counted');

    await connect(server);
    await waitFor(() => server.ClientCount === 2, 'the server stays responsive');
    peer.end();
    await waitFor(() => sessionClosed === 1, 'the close is noticed');
  });

  it('never writes behind the end of the buffer when Receive is given a length that is too large', async () => {
    const whole = Buffer.alloc(8, '.');
    let count = 0;
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        if (count !== 0) {
          client.ReceiveStr();
          return;
        }
        try {
          count = client.Receive(whole.subarray(0, 4), 8);
        } catch {
          count = -2;
        }
      };
    });
    peer.write('abcdefgh');
    await waitFor(() => count !== 0, 'OnDataAvailable');
    assert.ok(count === 4 || count === -2, `Receive answered ${count}`);
    assert.equal(whole.toString('latin1', 4), '....');
  });

  it('[H-25] takes MaxLen of ReceiveTB as the upper limit and delivers the rest afterwards', async () => {
    const parts: string[] = [];
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        parts.push(client.ReceiveTB(4).toString('latin1'));
      };
    });
    peer.write('0123456789');
    await waitFor(() => parts.join('').length >= 10, 'everything received');
    assert.deepEqual(parts, ['0123', '4567', '89']);
  });
});
