// Listen while listening is refused, Listen after Close works without setting anything again
// (D-12, D-13: friendlier than ICS in both).

import assert from 'node:assert/strict';
import { wsClosed, wsListening } from '../../lib';
import { connect, echo, expectEcho, raised, record, startServer, waitFor } from '../support';

describe('Listen again', () => {
  it('[WSS-13][H-12] while listening raises 10022 and changes nothing', async () => {
    const server = startServer();
    const events = record(server);
    const { HSocket, BindPort } = server;

    const error = raised(() => server.Listen());

    assert.equal(error.ErrorCode, 10022);
    assert.equal(error.Func, 'listen: socket is already listening');
    assert.equal(error.message, 'Invalid argument (#10022 in listen: socket is already listening)');
    assert.deepEqual(events, []);
    assert.equal(server.State, wsListening);
    assert.equal(server.HSocket, HSocket);
    assert.equal(server.BindPort, BindPort);
    await connect(Number(BindPort));
    await waitFor(() => server.ClientCount === 1, 'the client');
  });

  it('[WSS-14][H-12] after Close needs no new Addr and Port', async () => {
    const server = startServer();
    server.Close();
    assert.equal(server.State, wsClosed);

    server.Listen();

    assert.equal(server.State, wsListening);
    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });

  it('works many times in a row, on the same port', async () => {
    const server = startServer();
    const port = server.BindPort;
    server.Close();
    server.Port = port;

    for (let round = 1; round <= 20; round++) {
      server.Listen();
      assert.equal(server.BindPort, port);
      await connect(server);
      await waitFor(() => server.ClientCount === round, `client ${round}`);
      server.Close();
    }
  });

  it('[H-12] Close and Listen inside OnClientConnect: this client and the next are served', async () => {
    const server = startServer();
    let restarts = 0;
    server.OnClientConnect = (_Sender, Client) => {
      echo(Client);
      if (restarts++ > 0) return;
      server.Close();
      server.Listen();
    };

    const first = await connect(server);
    await waitFor(() => restarts === 1 && server.State === wsListening, 'the restart');
    const second = await connect(server);

    await expectEcho(first);
    await expectEcho(second);
    assert.equal(server.ClientCount, 2);
  });
});
