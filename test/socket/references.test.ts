// unref, ref, hasRef: what they answer and that they stay as set. That an unreferenced server lets
// its process end is tested in test/hostile/processLives.test.ts.

import assert from 'node:assert/strict';
import { TWSocket } from '../../lib';
import { connect, echo, expectEcho, newServer, startServer, track } from '../support';
import { attackedServer } from '../support/bystander';
import { pair } from '../support/pair';

describe('unref and ref', () => {
  it('a component is referenced until unref is called; both return the component', () => {
    const socket = track(new TWSocket());
    assert.equal(socket.hasRef(), true);
    assert.equal(socket.unref(), socket);
    assert.equal(socket.hasRef(), false);
    assert.equal(socket.ref(), socket);
    assert.equal(socket.hasRef(), true);
  });

  it('[H-81] calling either twice counts once', () => {
    const server = startServer();
    server.unref().unref().ref().ref();
    assert.equal(server.hasRef(), true);
  });

  it('[H-81] what was set outlives Listen, Close and Listen', () => {
    const server = newServer();
    server.unref();
    server.Listen();
    server.Close();
    assert.equal(server.hasRef(), false);
    server.Listen();
    assert.equal(server.hasRef(), false);
  });

  it('[H-81] a server and its clients are independent of each other', async () => {
    const server = await attackedServer();
    server.unref();
    const { client } = await pair(server);
    assert.equal(client.hasRef(), true);
    client.unref();
    server.ref();
    assert.equal(client.hasRef(), false);
  });

  it('[H-81] an unreferenced server serves its clients all the same', async () => {
    const server = await attackedServer({
      OnClientConnect: (_Sender, Client) => echo(Client.unref()),
    });
    server.unref();
    await expectEcho(await connect(server));
  });

  it('[H-81] is harmless after Free', () => {
    const server = startServer();
    server.Free();
    server.unref().ref();
    assert.equal(server.hasRef(), true);
  });
});
