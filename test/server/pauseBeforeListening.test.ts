// Pause called in OnChangeState while Listen is on its way (wsBound): Listen succeeds and clients
// wait until Resume.

import assert from 'node:assert/strict';
import { wsBound, wsListening } from '../../lib';
import { connect, drained, newServer, waitFor } from '../support';

describe('Pause in OnChangeState(wsBound)', () => {
  it('lets Listen succeed; clients wait until Resume', async () => {
    const server = newServer();
    let connects = 0;
    server.OnClientConnect = () => void connects++;
    server.OnChangeState = (Sender, before, after) => {
      if (after === wsBound) server.Pause();
    };

    server.Listen();

    assert.equal(server.State, wsListening);
    await connect(server);
    await drained();
    assert.equal(connects, 0);
    server.Resume();
    await waitFor(() => connects === 1, 'OnClientConnect');
    await connect(server);
    await waitFor(() => connects === 2, 'OnClientConnect of the next client');
  });

  it('followed by Resume there: clients are served at once', async () => {
    const server = newServer();
    let connects = 0;
    server.OnClientConnect = () => void connects++;
    server.OnChangeState = (Sender, before, after) => {
      if (after !== wsBound) return;
      server.Pause();
      server.Resume();
    };

    server.Listen();

    await connect(server);
    await waitFor(() => connects === 1, 'OnClientConnect');
  });

  it('allows Close and another Listen', async () => {
    const server = newServer();
    let connects = 0;
    server.OnClientConnect = () => void connects++;
    server.OnChangeState = (Sender, before, after) => {
      if (after === wsBound) server.Pause();
    };
    server.Listen();
    server.Close();
    server.OnChangeState = null;

    server.Listen();

    await connect(server);
    await waitFor(() => connects === 1, 'OnClientConnect');
  });
});
