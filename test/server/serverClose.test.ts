// TWSocketServer.Close: the listener goes, the clients stay.

import assert from 'node:assert/strict';
import { wsClosed } from '../../lib';
import { connect, portOf, startServer, waitFor } from '../support';
import { pairs } from '../support/pair';

describe('TWSocketServer.Close', () => {
  it('[WSS-76] fires OnSessionClosed(server, 0) once and refuses new connections', async () => {
    const log: string[] = [];
    const server = startServer({
      OnSessionClosed: (Sender, ErrCode) => {
        log.push(`OnSessionClosed ${Sender === server} ${ErrCode}`);
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${Client.CliId} ${ErrCode}`);
      },
    });
    const port = portOf(server);
    const all = await pairs(server, 3);
    server.Close();
    server.Close();
    assert.equal(server.State, wsClosed);
    assert.deepEqual(log, ['OnSessionClosed true 0']);
    await assert.rejects(connect(port), { code: 'ECONNREFUSED' });

    for (const { peer, client } of all) {
      client.OnDataAvailable = () => {
        client.SendStr(`echo ${client.ReceiveStr()}`);
      };
      peer.write('hello');
      await peer.waitText('echo hello');
    }
    for (const { peer } of all) peer.end();
    await waitFor(() => server.ClientCount === 0, 'all clients gone');
    const disconnects = log.slice(1).sort();
    assert.deepEqual(
      disconnects,
      [1, 2, 3].map((id) => `OnClientDisconnect ${id} 0`),
    );
  });

  it('connections that waited in the backlog are refused, not leaked', async () => {
    const created: number[] = [];
    const server = startServer({
      OnClientCreate: (Sender, Client) => {
        created.push(Client.CliId);
      },
    });
    server.Pause();
    const waiting = await connect(server);
    server.Close();
    await waiting.closed();
    assert.deepEqual(created, []);
    assert.equal(server.ClientCount, 0);
  });

  it('CloseDelayed closes the listener after the current event', async () => {
    const states: boolean[] = [];
    const server = startServer({
      OnClientConnect: () => {
        server.CloseDelayed();
        states.push(server.State === wsClosed);
      },
    });
    const [only] = await pairs(server, 1);
    await waitFor(() => server.State === wsClosed, 'the listener closed');
    assert.deepEqual(states, [false]);
    only!.client.SendStr('still served');
    await only!.peer.waitText('still served');
  });
});
