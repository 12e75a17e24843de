// The last line without terminator: delivered when the peer closes, not after Abort.
import assert from 'node:assert/strict';
import { connect, drained, waitFor } from '../support';
import { accepted, acceptedByHand, isDeserted } from './accepted';

describe('A last line without terminator', () => {
  it('[WSS-58][H-28] is delivered before OnSessionClosed when the peer closes', async () => {
    const events: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        events.push(`data ${client.RcvdCount} ${client.ReceiveStr()}`);
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.socket.end('line\r\nrest');
    await waitFor(() => events.includes('closed 0'), 'OnSessionClosed');
    assert.deepEqual(events, ['data 6 line\r\n', 'data 4 rest', 'closed 0']);
  });

  it('[WS-76] is delivered as well when it had been waiting for a while', async () => {
    const events: string[] = [];
    const { peer } = await acceptedByHand((socket) => {
      socket.LineMode = true;
      socket.OnDataAvailable = () => {
        events.push(`data ${socket.ReceiveStr()}`);
      };
      socket.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.write('abc');
    await drained();
    assert.equal(events.length, 0);
    peer.end();
    await waitFor(() => events.includes('closed 0'), 'OnSessionClosed');
    assert.deepEqual(events, ['data abc', 'closed 0']);
  });

  it('[WSS-58][WS-77] is not delivered after Abort', async () => {
    const events: string[] = [];
    const { client, peer } = await acceptedByHand((socket) => {
      socket.LineMode = true;
      socket.OnDataAvailable = () => {
        events.push(`data ${socket.ReceiveStr()}`);
      };
      socket.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.write('abc');
    await drained();
    client.Abort();
    assert.equal(await peer.closed(), 'reset');
    await drained();
    assert.deepEqual(events, ['closed 0']);
  });

  it('[WS-77] is delivered again in the next session of a socket that was aborted once', async () => {
    const events: string[] = [];
    const { listener, client, peer } = await acceptedByHand((socket) => {
      socket.LineMode = true;
      socket.OnDataAvailable = () => {
        events.push(socket.ReceiveStr());
      };
    });
    peer.write('first');
    await drained();
    client.Abort();
    listener.OnSessionAvailable = () => {
      client.HSocket = listener.Accept();
    };
    const next = await connect(Number(listener.GetXPort()));
    next.socket.end('second');
    await waitFor(() => events.length > 0, 'the rest of the second session');
    assert.deepEqual(events, ['second']);
  });

  it('[H-28] does not disturb the close when the handler does not read it', async () => {
    const events: string[] = [];
    const { server, peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        events.push('data');
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.socket.end('rest');
    await waitFor(() => isDeserted(server), 'the client is gone');
    assert.equal(events[0], 'data');
    assert.equal(events.at(-1), 'closed 0');
  });

  it('[H-28] comes after thousands of lines that were sent together with it and the FIN', async () => {
    const sent = Array.from({ length: 10_000 }, (_, i) => `${i}\r\n`).concat('rest');
    const lines: string[] = [];
    let closed = false;
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        lines.push(client.ReceiveStr());
      };
      client.OnSessionClosed = () => {
        closed = true;
      };
    });
    peer.socket.end(sent.join(''));
    await waitFor(() => closed, 'OnSessionClosed');
    assert.equal(lines.length, sent.length);
    assert.ok(lines.every((line, i) => line === sent[i]));
  });
});
