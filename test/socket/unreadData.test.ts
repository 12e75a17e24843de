// A handler that reads nothing is called again only after new bytes, or after a receive call that
// leaves some; the process must not spin meanwhile (ICS V9.4 does).
import assert from 'node:assert/strict';
import { pollsDuring, drained, waitFor } from '../support';
import { accepted } from './accepted';

describe('An OnDataAvailable handler that reads nothing', () => {
  it('[WSS-45][WS-48] is called once, and again only when the peer sends more', async () => {
    let calls = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        calls++;
      };
    });
    peer.write('a');
    await waitFor(() => calls === 1, 'first call');
    await drained();
    assert.equal(calls, 1);

    peer.write('b');
    await waitFor(() => calls === 2, 'second call');
    await drained();
    assert.equal(calls, 2);
    assert.equal(client.ReceiveStr(), 'ab');
  });

  it('[WS-48] does not keep the event loop busy', async () => {
    let calls = 0;
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        calls++;
      };
    });
    peer.write('a');
    await waitFor(() => calls === 1, 'first call');
    const polls = await pollsDuring(200);
    assert.ok(polls < 50, `the loop spins: ${polls} polls`);
    assert.equal(calls, 1);
  });

  it('[WS-48] is called again after a later Receive that leaves some bytes', async () => {
    let calls = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        calls++;
      };
    });
    peer.write('abc');
    await waitFor(() => calls === 1, 'first call');
    await drained();
    assert.equal(client.Receive(Buffer.alloc(1), 1), 1);
    await waitFor(() => calls === 2, 'call after the partial Receive');
    assert.equal(client.ReceiveStr(), 'bc');
  });

  it('[WSS-45] is called again for bytes that come right behind the ignored ones', async () => {
    let calls = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        if (++calls === 1) process.nextTick(() => peer.write('b'));
      };
    });
    peer.write('a');
    await waitFor(() => calls === 2, 'second call');
    assert.equal(client.ReceiveStr(), 'ab');
  });

  it('[WSS-45] may wait with RcvdCount for a block that arrives while it looks', async () => {
    const blocks: string[] = [];
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        const complete = client.RcvdCount >= 8;
        if (complete) blocks.push(client.ReceiveStr());
        else peer.write('5678');
      };
    });
    peer.write('1234');
    await waitFor(() => blocks.length > 0, 'the block');
    assert.deepEqual(blocks, ['12345678']);
  });

  it('[H-25] is not told about a close before the peer really closes, and then once', async () => {
    const events: string[] = [];
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        events.push('data');
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.write('never read');
    await waitFor(() => events.length === 1, 'first call');
    await drained();
    assert.deepEqual(events, ['data']);
    peer.end();
    await waitFor(() => events.includes('closed 0'), 'OnSessionClosed');
    await drained();
    assert.equal(events.at(-1), 'closed 0');
    assert.equal(events.filter((event) => event.startsWith('closed')).length, 1);
  });

  it('[H-25] finds its line again in line mode when more arrives', async () => {
    let reading = false;
    let calls = 0;
    const lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        calls++;
        if (reading) lines.push(client.ReceiveStr());
      };
    });
    peer.write('one\r\n');
    await waitFor(() => calls === 1, 'first call');
    await drained();
    assert.equal(calls, 1);

    reading = true;
    peer.write('two\r\n');
    await waitFor(() => lines.length === 2, 'both lines');
    assert.deepEqual(lines, ['one\r\n', 'two\r\n']);
  });
});
