// Exceptions in the handlers of a connection attempt.

import assert from 'node:assert/strict';
import { SocketStateNames, wsClosed, wsConnected } from '../../lib';
import type { TSocketState } from '../../lib';
import { drained, freePort, waitFor } from '../support';
import { connected, echoTarget, expectAnswer, newClient, recordSocket } from './connecting';

const BOOM = new Error('boom');

function fail(): never {
  throw BOOM;
}

describe('An exception on the way of a connection', () => {
  it('in OnSessionConnected goes to OnBgException; then the connection is aborted', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    const caught: unknown[] = [];
    client.OnSessionConnected = fail;
    client.OnBgException = (_Sender, E) => {
      caught.push(E);
    };
    const lines = recordSocket(client);

    client.Connect();
    await waitFor(() => lines.includes('OnSessionClosed 0'), 'the abort');

    assert.deepEqual(caught, [BOOM]);
    assert.equal(client.State, wsClosed);
  });

  it('in OnSessionConnected with CanClose False keeps the connection', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    client.OnSessionConnected = fail;
    client.OnBgException = (_Sender, _E, CanClose) => {
      CanClose.Value = false;
    };

    client.Connect();
    await connected(client);
    await drained();

    assert.equal(client.State, wsConnected);
    await expectAnswer(client);
  });

  it('in OnSessionConnected of a refused attempt does not keep the socket open', async () => {
    const client = newClient(await freePort());
    client.OnSessionConnected = fail;
    let caught = 0;
    client.OnBgException = (_Sender, _E, CanClose) => {
      caught++;
      CanClose.Value = false;
    };

    client.Connect();
    await waitFor(() => caught === 1, 'OnBgException');

    assert.equal(client.State, wsClosed);
    assert.equal(client.HSocket, -1);
  });

  for (const place of ['Opened', 'Connecting']) {
    it(`in OnChangeState to ${place} leaves Connect, and a closed socket that may try again`, async () => {
      const { port } = await echoTarget();
      const client = newClient(port);
      client.OnChangeState = (_Sender, _before, after: TSocketState) => {
        if (SocketStateNames[after] === place) fail();
      };

      assert.throws(() => client.Connect(), BOOM);

      assert.equal(client.State, wsClosed);
      assert.equal(client.HSocket, -1);
      client.OnChangeState = null;
      client.Connect();
      await connected(client);
    });
  }

  it('a rejected promise of OnSessionConnected is treated like it', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    const caught: unknown[] = [];
    client.OnSessionConnected = async () => {
      await Promise.resolve();
      fail();
    };
    client.OnBgException = (_Sender, E) => {
      caught.push(E);
    };

    client.Connect();
    await waitFor(() => caught.length === 1, 'OnBgException');

    assert.deepEqual(caught, [BOOM]);
    assert.equal(client.State, wsClosed);
  });
});
