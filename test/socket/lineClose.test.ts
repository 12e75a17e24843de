// Close on a line: the handler is not called again for it (ICS V9.4 delivers it twice).
import assert from 'node:assert/strict';
import { TWSocketClient, wsConnected } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted } from './accepted';

async function linesUntil(end: (client: TWSocketClient) => void): Promise<string[]> {
  const lines: string[] = [];
  const { server, peer } = await accepted((client) => {
    client.LineMode = true;
    client.OnDataAvailable = () => {
      lines.push(client.ReceiveStr());
      end(client);
    };
  });
  peer.write('one\r\ntwo\r\nthree\r\nrest');
  await peer.closed();
  await waitFor(() => server.ClientCount === 0, 'the client is gone');
  await drained();
  return lines;
}

describe('Ending a connection on a line', () => {
  it('[WSS-61] calls the handler exactly once for the line on which it calls Close', async () => {
    assert.deepEqual(await linesUntil((client) => client.Close()), ['one\r\n']);
  });

  it('[WSS-61] calls the handler once too when it closes before it has read the line', async () => {
    let calls = 0;
    const { server, peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        calls++;
        client.Close();
      };
    });
    peer.write('one\r\ntwo\r\n');
    await peer.closed();
    await waitFor(() => server.ClientCount === 0, 'the client is gone');
    assert.equal(calls, 1);
  });

  it('[WSS-61] delivers no line after Abort', async () => {
    assert.deepEqual(await linesUntil((client) => client.Abort()), ['one\r\n']);
  });

  it('[WSS-61] lets the handler finish with the connection open after CloseDelayed', async () => {
    const states: number[] = [];
    const lines = await linesUntil((client) => {
      client.CloseDelayed();
      states.push(client.State);
    });
    assert.equal(states[0], wsConnected);
    assert.equal(lines[0], 'one\r\n');
    assert.equal(new Set(lines).size, lines.length);
  });
});
