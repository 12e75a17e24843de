// A connection attempt that nobody answers: it costs nothing and can be given up at any time.

import assert from 'node:assert/strict';
import { wsClosed, wsConnecting } from '../../lib';
import { drained, pollsDuring } from '../support';
import { fullBacklog } from '../support/fullBacklog';
import { skipWithoutPython } from '../support/python';
import { connected, newClient, recordSocket, startTarget } from './connecting';

describe('An attempt that is not answered', () => {
  before(skipWithoutPython);

  for (const how of ['Close', 'Abort', 'CloseDelayed', 'Free'] as const) {
    it(`${how} ends it; the socket is closed and nothing follows`, async () => {
      const client = newClient(await fullBacklog());
      const lines = recordSocket(client);
      client.Connect();
      await drained();
      assert.equal(client.State, wsConnecting);

      client[how]();
      await drained();

      assert.equal(client.State, wsClosed);
      const ends = how === 'Free' ? [] : ['OnSessionClosed 0'];
      assert.deepEqual(lines, ['Closed Opened', 'Opened Connecting', 'Connecting Closed', ...ends]);
    });
  }

  it('the loop sleeps meanwhile, and the socket connects elsewhere afterwards', async () => {
    const { port } = await startTarget();
    const client = newClient(await fullBacklog());
    client.Connect();

    const polls = await pollsDuring(200);
    assert.equal(client.State, wsConnecting);
    assert.ok(polls < 50, `${polls} polls`);

    client.Close();
    client.Port = String(port);
    client.Connect();
    await connected(client);
  });

  it('Shutdown ends it with an error, not in a wait for ever', async () => {
    const client = newClient(await fullBacklog());
    const lines = recordSocket(client);
    client.Connect();
    client.Shutdown(1);
    await drained();
    client.Close();

    assert.equal(client.State, wsClosed);
    assert.equal(lines.filter((line) => line.startsWith('OnSessionClosed')).length, 1);
  });
});
