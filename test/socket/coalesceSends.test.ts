// Sends for pipelined lines are gathered: one physical write at the end of the dispatch of that
// connection. OnSendData fires once for each physical write.
import assert from 'node:assert/strict';
import { TWSocketClient } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, Accepted } from './accepted';

const request = Array.from({ length: 50 }, (_, i) => `line ${i}\r\n`).join('');

/** A line server that answers every line with itself; writes[] gets the size of each write. */
async function lineEcho(
  writes: number[],
  setup: (client: TWSocketClient) => void = () => {},
): Promise<Accepted> {
  return accepted((client) => {
    client.LineMode = true;
    client.OnSendData = (_sender, bytes) => {
      writes.push(bytes);
    };
    client.OnDataAvailable = () => {
      client.SendStr(client.ReceiveStr());
    };
    setup(client);
  });
}

describe('CoalesceSends', () => {
  it('answers 50 lines of one packet with one physical write', async () => {
    const writes: number[] = [];
    const { client, peer } = await lineEcho(writes);
    assert.equal(client.CoalesceSends, true);
    peer.write(request);
    assert.equal((await peer.read(request.length)).toString(), request);
    assert.deepEqual(writes, [request.length]);
    assert.equal(client.AllSent, true);
  });

  it('writes 50 times when it is switched off', async () => {
    const writes: number[] = [];
    const { peer } = await lineEcho(writes, (client) => {
      client.CoalesceSends = false;
    });
    peer.write(request);
    assert.equal((await peer.read(request.length)).toString(), request);
    assert.equal(writes.length, 50);
  });

  it('fires one OnDataSent for the gathered sends', async () => {
    let dataSent = 0;
    const { peer } = await lineEcho([], (client) => {
      client.OnDataSent = () => {
        dataSent++;
      };
    });
    await waitFor(() => dataSent === 1, 'the OnDataSent that follows an accept');
    peer.write(request);
    await peer.read(request.length);
    await waitFor(() => dataSent === 2, 'OnDataSent');
    await drained();
    assert.equal(dataSent, 2);
  });

  it('writes the answer to a single line inside Send, nothing is held back', async () => {
    const writes: number[] = [];
    let writesInside = -1;
    const { peer } = await lineEcho(writes, (client) => {
      client.OnDataAvailable = () => {
        client.SendStr(client.ReceiveStr());
        writesInside = writes.length;
      };
    });
    peer.write('single\r\n');
    await peer.waitText('single\r\n');
    assert.equal(writesInside, 1);
  });

  it('writes inside every Send outside of event dispatch', async () => {
    const writes: number[] = [];
    const { client } = await lineEcho(writes);
    for (let i = 1; i <= 3; i++) {
      client.SendStr('now');
      assert.equal(writes.length, i);
    }
  });

  it('writes before the end of the dispatch when 64 KiB have gathered', async () => {
    const writes: number[] = [];
    const answer = Buffer.alloc(8 * 1024, 'k');
    const queued: number[] = [];
    const { peer } = await lineEcho(writes, (client) => {
      client.OnDataAvailable = () => {
        client.ReceiveStr();
        client.Send(answer);
        queued.push(client.BufferedByteCount);
      };
    });
    peer.write('go\r\n'.repeat(20));
    await peer.read(20 * answer.length);
    assert.ok(writes.length > 1 && writes.length < 20, writes.join(' '));
    assert.ok(Math.max(...queued) <= 72 * 1024, queued.join(' '));
  });

  it('sends what has gathered before Close, CloseDelayed, Shutdown and Disconnect take effect', async () => {
    const endings: Record<string, (client: TWSocketClient) => void> = {
      Close: (client) => client.Close(),
      CloseDelayed: (client) => client.CloseDelayed(),
      Shutdown: (client) => client.Shutdown(1),
      Disconnect: (client) => void client.Server?.Disconnect(client),
    };
    for (const [name, end] of Object.entries(endings)) {
      let lines = 0;
      const { client, peer } = await lineEcho([], (newClient) => {
        newClient.OnDataAvailable = () => {
          const line = newClient.ReceiveStr();
          if (++lines > 3) return;
          newClient.SendStr(line);
          if (lines === 3) end(newClient);
        };
      });
      peer.write('1\r\n2\r\n3\r\n4\r\n5\r\n');
      assert.equal(await peer.closed(), 'end', name);
      assert.equal(peer.text, '1\r\n2\r\n3\r\n', name);
      assert.equal(client.DroppedByteCount, 0, name);
    }
  });

  it('sends what has gathered before a handler pumps messages', async () => {
    const writes: number[] = [];
    const writesAfterPump: number[] = [];
    const { peer } = await lineEcho(writes, (client) => {
      client.OnDataAvailable = () => {
        client.SendStr(client.ReceiveStr());
        client.ProcessMessages();
        writesAfterPump.push(writes.length);
      };
    });
    peer.write('1\r\n2\r\n3\r\n');
    assert.equal((await peer.read(9)).toString(), '1\r\n2\r\n3\r\n');
    await waitFor(() => writesAfterPump.length === 3, 'all handlers returned');
    assert.ok(Math.min(...writesAfterPump) >= 1, writesAfterPump.join(' '));
  });

  it('sends what has gathered when a later handler call throws and CanClose is cleared', async () => {
    let calls = 0;
    const { peer } = await lineEcho([], (client) => {
      client.OnBgException = (_sender, _error, canClose) => {
        canClose.Value = false;
      };
      client.OnDataAvailable = () => {
        const line = client.ReceiveStr();
        if (++calls === 3) throw new Error('third line');
        client.SendStr(line);
      };
    });
    peer.write('1\r\n2\r\n3\r\n');
    assert.equal((await peer.read(6)).toString(), '1\r\n2\r\n');
  });

  it('keeps the order when a handler also sends for another connection', async () => {
    const first = await lineEcho([]);
    const second = await lineEcho([], (client) => {
      client.OnDataAvailable = () => {
        const line = client.ReceiveStr();
        first.client.SendStr(`to first ${line}`);
        client.SendStr(`to second ${line}`);
      };
    });
    second.peer.write('1\r\n2\r\n');
    await first.peer.waitText('to first 2\r\n');
    await second.peer.waitText('to second 2\r\n');
    assert.equal(first.peer.text, 'to first 1\r\nto first 2\r\n');
    assert.equal(second.peer.text, 'to second 1\r\nto second 2\r\n');
  });
});
