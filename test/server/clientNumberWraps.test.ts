// CliId at the end of its range: 2147483647 is followed by 1, never by a number that is in use.

import assert from 'node:assert/strict';
import { TWSocketServer } from '../../lib';
import { connect, startServer, waitFor } from '../support';
import { bystand, visitors } from '../support/bystander';

class NumberedServer extends TWSocketServer {
  set LastNumber(value: number) {
    this.FClientNum = value;
  }
}

describe('CliId', () => {
  it('[H-69] begins again at 1 behind 2147483647 and passes over numbers in use', async () => {
    const ids: number[] = [];
    const server = startServer(
      { OnClientConnect: (_server, client) => void ids.push(client.CliId) },
      NumberedServer,
    ) as NumberedServer;
    await bystand(server);
    await connect(server);
    await connect(server);
    await waitFor(() => ids.length === 2, 'clients 2 and 3');
    server.LastNumber = 2147483646;
    await connect(server);
    const last = await connect(server);
    await waitFor(() => ids.length === 4, 'two more clients');
    assert.deepEqual(ids, [2, 3, 2147483647, 4]);

    last.end();
    await waitFor(() => visitors(server).length === 3, 'the last client has gone');
    await connect(server);
    await waitFor(() => ids.length === 5, 'one more client');
    assert.equal(ids[4], 5);
  });
});
