// Peers that act before our side has heard of the connection.

import assert from 'node:assert/strict';
import { wsConnected } from '../../lib';
import { drained, waitFor } from '../support';
import { newClient, recordSocket, startTarget } from './connecting';

const CONNECTED = [
  'Closed Opened',
  'Opened Connecting',
  'Connecting Connected',
  'OnSessionConnected 0',
];

describe('A peer that is faster', () => {
  it('sends at once: OnSessionConnected comes before OnDataAvailable, nothing is lost', async () => {
    const { port } = await startTarget((socket) => socket.write('welcome'));
    for (let round = 0; round < 20; round++) {
      const client = newClient(port);
      let text = '';
      client.OnDataAvailable = () => {
        if (text === '') lines.push('OnDataAvailable');
        text += client.ReceiveStr();
      };
      const lines = recordSocket(client);

      client.Connect();
      await waitFor(() => text === 'welcome', 'the greeting');

      assert.deepEqual(lines, [...CONNECTED, 'OnDataAvailable']);
      client.Close();
    }
  });

  it('sends and closes at once: everything arrives, then OnSessionClosed(0)', async () => {
    const { port } = await startTarget((socket) => socket.end('x'.repeat(100_000)));
    const client = newClient(port);
    let received = 0;
    let stateAtEnd = 0;
    client.OnDataAvailable = () => {
      received += client.ReceiveStrA().length;
    };
    client.OnSessionClosed = () => {
      stateAtEnd = client.State;
    };
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => lines.includes('OnSessionClosed 0'), 'the end');

    assert.equal(received, 100_000);
    assert.equal(stateAtEnd, wsConnected);
    assert.deepEqual(lines, [...CONNECTED, 'OnSessionClosed 0', 'Connected Closed']);
  });

  it('closes at once: connected, then closed, each told once', async () => {
    const { port } = await startTarget((socket) => socket.end());
    const client = newClient(port);
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => lines.includes('Connected Closed'), 'the end');
    await drained();

    assert.deepEqual(lines, [...CONNECTED, 'OnSessionClosed 0', 'Connected Closed']);
  });

  it('resets at once: one OnSessionConnected and one OnSessionClosed', async () => {
    const { port } = await startTarget((socket) => socket.resetAndDestroy());
    for (let round = 0; round < 20; round++) {
      const client = newClient(port);
      const lines = recordSocket(client);
      client.Connect();
      await waitFor(() => lines.some((line) => line.endsWith(' Closed')), 'the end');
      await drained();
      assert.equal(lines.filter((line) => line.startsWith('OnSessionConnected')).length, 1);
      assert.equal(lines.filter((line) => line.startsWith('OnSessionClosed')).length, 1);
      assert.equal(client.HSocket, -1);
    }
  });
});
