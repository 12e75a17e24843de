// OnDataAvailable throws in the middle of several lines.
import assert from 'node:assert/strict';
import { wsConnected } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, isDeserted } from './accepted';

const request = '1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n';

describe('A line handler that throws on each third line', () => {
  it('[H-26] goes on with the following lines when OnBgException clears CanClose', async () => {
    const lines: string[] = [];
    const failures: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      newClient.OnBgException = (sender, error, canClose) => {
        assert.equal(sender, newClient);
        failures.push((error as Error).message);
        canClose.Value = false;
      };
      newClient.OnDataAvailable = () => {
        const line = newClient.ReceiveStr();
        lines.push(line.trim());
        if (Number(line) % 3 === 0) throw new Error(`line ${line.trim()}`);
      };
    });
    peer.write(request);
    await waitFor(() => lines.length === 7, 'all lines');
    await drained();
    assert.deepEqual(lines, ['1', '2', '3', '4', '5', '6', '7']);
    assert.deepEqual(failures, ['line 3', 'line 6']);
    assert.equal(client.State, wsConnected);
  });

  it('[H-26] aborts the connection once when CanClose stays True', async () => {
    const lines: string[] = [];
    const events: string[] = [];
    const { server, peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnBgException = (_sender, error) => {
        events.push(`OnBgException ${(error as Error).message}`);
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`OnSessionClosed ${error}`);
      };
      client.OnDataAvailable = () => {
        const line = client.ReceiveStr();
        lines.push(line.trim());
        if (Number(line) % 3 === 0) throw new Error(`line ${line.trim()}`);
      };
    });
    peer.write(request);
    assert.equal(await peer.closed(), 'reset');
    await waitFor(() => isDeserted(server), 'the client is gone');
    assert.deepEqual(lines, ['1', '2', '3']);
    assert.deepEqual(events, ['OnBgException line 3', 'OnSessionClosed 0']);
  });

  it('[H-26] still gets every line when the peer has closed behind them', async () => {
    const lines: string[] = [];
    let closed = false;
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnBgException = (_sender, _error, canClose) => {
        canClose.Value = false;
      };
      client.OnSessionClosed = () => {
        closed = true;
      };
      client.OnDataAvailable = () => {
        const line = client.ReceiveStr();
        lines.push(line);
        if (Number(line) % 3 === 0) throw new Error(`line ${line.trim()}`);
      };
    });
    const sent = Array.from({ length: 20 }, (_, i) => `${i + 1}\r\n`);
    peer.socket.end(sent.join(''));
    await waitFor(() => closed, 'OnSessionClosed');
    assert.deepEqual(lines, sent);
  });
});
