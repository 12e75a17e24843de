// LineLimit and OnLineLimitExceeded: a line that does not end cannot fill the memory.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { drained, waitFor } from '../support';
import { accepted, receiveStrings } from './accepted';
import { MEMORY_SLACK } from '../support/memory';

describe('LineLimit', () => {
  it('[WSS-57] reports 20 bytes without line end and throws them away', async () => {
    const exceeded: [number, boolean][] = [];
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineLimit = 10;
      lines = receiveStrings(client);
      client.OnLineLimitExceeded = (_sender, length, clearData) => {
        exceeded.push([length, clearData.Value]);
      };
    });
    peer.write('x'.repeat(20));
    await waitFor(() => exceeded.length > 0, 'OnLineLimitExceeded');
    await drained();
    assert.deepEqual(exceeded, [[20, true]]);
    peer.write('next\r\n');
    await waitFor(() => lines.length > 0, 'the next line');
    assert.deepEqual(lines, ['next\r\n']);
  });

  it('[WS-73] fires from the first byte above the limit, not at the limit', async () => {
    const exceeded: number[] = [];
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineLimit = 10;
      lines = receiveStrings(client);
      client.OnLineLimitExceeded = (_sender, length) => {
        exceeded.push(length);
      };
    });
    peer.write('0123456789');
    await drained();
    assert.deepEqual(exceeded, []);
    peer.write('!');
    await waitFor(() => exceeded.length > 0, 'OnLineLimitExceeded');
    peer.write('x\r\n');
    await waitFor(() => lines.length > 0, 'the next line');
    assert.deepEqual(exceeded, [11]);
    assert.deepEqual(lines, ['x\r\n']);
  });

  it('[WS-74] keeps the data when ClearData is set False, and fires again with the next chunk', async () => {
    const exceeded: number[] = [];
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineLimit = 10;
      lines = receiveStrings(client);
      client.OnLineLimitExceeded = (_sender, length, clearData) => {
        exceeded.push(length);
        clearData.Value = false;
      };
    });
    peer.write('0123456789!');
    await waitFor(() => exceeded.length === 1, 'OnLineLimitExceeded');
    peer.write('abc');
    await waitFor(() => exceeded.length === 2, 'OnLineLimitExceeded again');
    peer.write('\r\n');
    await waitFor(() => lines.length > 0, 'the line');
    assert.deepEqual(exceeded, [11, 14]);
    assert.deepEqual(lines, ['0123456789!abc\r\n']);
  });

  it('[WS-73] counts what comes behind a complete line of the same segment', async () => {
    const exceeded: number[] = [];
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineLimit = 10;
      lines = receiveStrings(client);
      client.OnLineLimitExceeded = (_sender, length) => {
        exceeded.push(length);
      };
    });
    peer.write('line\r\n' + 'x'.repeat(11));
    await waitFor(() => exceeded.length > 0, 'OnLineLimitExceeded');
    peer.write('next\r\n');
    await waitFor(() => lines.length > 1, 'the next line');
    assert.deepEqual(exceeded, [11]);
    assert.deepEqual(lines, ['line\r\n', 'next\r\n']);
  });

  it('[WS-75] does not stop a longer line that arrives together with its end', async () => {
    let exceeded = 0;
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineLimit = 10;
      lines = receiveStrings(client);
      client.OnLineLimitExceeded = () => {
        exceeded++;
      };
    });
    peer.write('x'.repeat(18) + '\r\n');
    await waitFor(() => lines.length > 0, 'the line');
    assert.deepEqual(lines, ['x'.repeat(18) + '\r\n']);
    assert.equal(exceeded, 0);
  });

  it('is 65536 by default and throws data away without a handler too', async () => {
    let lines: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      lines = receiveStrings(newClient);
    });
    assert.equal(client.LineLimit, 65536);
    peer.write(Buffer.alloc(65537, 'x'));
    await waitFor(() => client.ReadCount >= 65537, 'all bytes taken');
    await drained();
    peer.write('clean\r\n');
    await waitFor(() => lines.length > 0, 'the next line');
    assert.deepEqual(lines, ['clean\r\n']);
  });

  it('closes cleanly from inside OnLineLimitExceeded', async () => {
    const events: string[] = [];
    const { server, peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineLimit = 10;
      client.OnLineLimitExceeded = () => {
        events.push('limit');
        client.Close();
      };
      client.OnDataAvailable = () => {
        events.push('data');
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.write('x'.repeat(20));
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => server.ClientCount === 0, 'the client is gone');
    assert.deepEqual(events, ['limit', 'closed 0']);
  });

  it('[H-21] bounds the memory of an endless line of 64 MB', async function () {
    this.timeout(60_000);
    const block = Buffer.alloc(64 * 1024, 'e');
    let longest = 0;
    let reported = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      newClient.OnLineLimitExceeded = (_sender, length) => {
        longest = Math.max(longest, length);
        reported += length;
      };
    });
    const before = process.memoryUsage().rss;
    const total = 1024 * block.length;
    for (let i = 0; i < 1024; i++) {
      if (!peer.socket.write(block)) await once(peer.socket, 'drain');
    }
    await waitFor(() => client.ReadCount === total, 'all bytes taken', 30_000);
    const growth = process.memoryUsage().rss - before;
    assert.ok(total - reported <= client.LineLimit, `${total - reported} bytes not reported`);
    assert.ok(longest <= client.LineLimit + block.length, `${longest} bytes kept`);
    assert.ok(growth < 32 * 1024 * 1024 * MEMORY_SLACK, `${growth} bytes more`);
  });
});
