// TWSocketServer.Disconnect: synchronous removal of one client.

import assert from 'node:assert/strict';
import { wsListening } from '../../lib';
import type { TWSocketServer } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { bystand } from '../support/bystander';
import { pair } from '../support/pair';

function loggingServer(log: string[]): TWSocketServer {
  const server = startServer({
    OnClientConnect: (Sender, Client) => {
      Client.OnSessionClosed = (Socket, ErrCode) => {
        log.push(`OnSessionClosed ${ErrCode}`);
      };
    },
    OnClientDisconnect: (Sender, Client, ErrCode) => {
      log.push(`OnClientDisconnect ${Client.CliId} ${ErrCode}`);
    },
  });
  return server;
}

describe('TWSocketServer.Disconnect', () => {
  it('[WSS-73] fires OnClientDisconnect(10053) before it returns and no OnSessionClosed', async () => {
    const log: string[] = [];
    const server = loggingServer(log);
    const { peer, client } = await pair(server);
    server.Disconnect(client);
    assert.deepEqual(log, ['OnClientDisconnect 1 10053']);
    assert.equal(server.IsClient(client), false);
    assert.equal(server.ClientCount, 0);
    assert.equal(client.CliId, 0);

    assert.equal(await peer.closed(), 'end');
    await drained();
    assert.equal(log.length, 1);
  });

  it('[WSS-74] passes the given code; a handler that raises does not stop it', async () => {
    const seen: unknown[] = [];
    const server = startServer({
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        seen.push(ErrCode);
        throw new Error('raised in OnClientDisconnect');
      },
      OnBgException: (Sender, E) => {
        seen.push(E);
      },
    });
    const { peer, client } = await pair(server);
    server.Disconnect(client, 10060);
    assert.deepEqual(seen, [10060]);
    assert.equal(server.ClientCount, 0);
    assert.equal(server.State, wsListening);
    assert.equal(await peer.closed(), 'end');
  });

  it('has no effect on an object that is not in the list', async () => {
    const log: string[] = [];
    const server = loggingServer(log);
    const other = startServer();
    const { client } = await pair(server);
    const foreign = await pair(other);
    server.Disconnect(foreign.client);
    server.Disconnect(client);
    server.Disconnect(client);
    assert.deepEqual(log, ['OnClientDisconnect 1 10053']);
    assert.equal(other.ClientCount, 1);
    foreign.client.SendStr('untouched');
    await foreign.peer.waitText('untouched');
  });

  for (const action of ['Close', 'Abort', 'Disconnect', 'Free'] as const) {
    it(`[WSS-80] in OnClientDisconnect ${action} of the same client has no effect`, async () => {
      const log: string[] = [];
      const server = startServer({
        OnClientDisconnect: (Sender, Client, ErrCode) => {
          log.push(`OnClientDisconnect ${ErrCode}`);
          if (action === 'Disconnect') server.Disconnect(Client);
          else Client[action]();
          log.push('returned');
        },
        OnBgException: (Sender, E) => {
          log.push(`OnBgException ${E.message}`);
        },
      });
      const { peer } = await pair(server);
      peer.end();
      await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
      await drained();
      assert.deepEqual(log, ['OnClientDisconnect 0', 'returned']);

      const next = await connect(server);
      await waitFor(() => server.ClientCount === 1, 'the next client');
      assert.equal(next.isClosed, false);
    });
  }

  it('[H-61] inside OnDataAvailable of the same client is safe', async () => {
    const log: string[] = [];
    const server = loggingServer(log);
    await bystand(server);
    const { peer, client } = await pair(server);
    client.OnDataAvailable = () => {
      log.push('OnDataAvailable');
      server.Disconnect(client);
      log.push(`behind it ${client.ReceiveStr()} ${client.HSocket}`);
    };
    peer.write('data');
    assert.equal(await peer.closed(), 'end');
    await drained();
    assert.deepEqual(log, ['OnDataAvailable', 'OnClientDisconnect 2 10053', 'behind it  -1']);
  });
});
