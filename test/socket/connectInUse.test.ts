// Connect in a state that does not allow it.

import assert from 'node:assert/strict';
import { wsConnected, wsConnecting, wsListening } from '../../lib';
import { raised } from '../support';
import { connected, expectAnswer, echoTarget, newClient } from './connecting';
import { startListener } from './listening';

const IN_USE = 'Connect: Socket already in use';

describe('Connect of a socket that is in use', () => {
  it('[WS-28] raises while connected and harms nothing', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    client.Connect();
    await connected(client);

    assert.equal(raised(() => client.Connect()).message, IN_USE);

    assert.equal(client.State, wsConnected);
    await expectAnswer(client);
  });

  it('[WS-28] raises while connecting', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    client.Connect();

    assert.equal(raised(() => client.Connect()).message, IN_USE);

    assert.equal(client.State, wsConnecting);
    await connected(client);
  });

  it('[WS-28] raises while listening', () => {
    const listener = startListener();
    assert.equal(raised(() => listener.Connect()).message, IN_USE);
    assert.equal(listener.State, wsListening);
  });

  it('[WS-28] goes to OnError instead when that is assigned', async () => {
    const { port } = await echoTarget();
    const client = newClient(port);
    client.Connect();
    await connected(client);
    let errors = 0;
    client.OnError = () => {
      errors++;
    };

    client.Connect();

    assert.equal(errors, 1);
    assert.equal(client.State, wsConnected);
  });
});
