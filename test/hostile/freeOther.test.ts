// A handler of one connection ends another one whose event is already in the queue.

import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { pairs } from '../support/pair';

describe('A handler that ends another connection', () => {
  for (const action of ['Free', 'Close', 'Abort', 'Disconnect'] as const) {
    it(`[H-62] ${action}: the queued event of the other one is dropped`, async () => {
      const server = await attackedServer();
      const all = await pairs(server, 20);
      const served: number[] = [];
      for (const { client } of all) {
        client.OnDataAvailable = () => {
          served.push(client.CliId);
          client.ReceiveStr();
          for (const other of all) {
            if (other.client === client) continue;
            if (action === 'Disconnect') server.Disconnect(other.client);
            else other.client[action]();
          }
        };
      }
      // All twenty events are in the queue when the first handler runs.
      for (const { peer } of all) peer.write('data');
      server.ProcessMessages();
      await drained();
      assert.equal(served.length, 1);
      await waitFor(() => visitors(server).length === 1, 'one client left');

      const survivor = all.find(({ client }) => client.CliId === served[0])!;
      survivor.client.SendStr('alive');
      await survivor.peer.waitText('alive');
      for (const { peer } of all) if (peer !== survivor.peer) await peer.closed();
    });
  }

  it('[H-62] the close event of a freed connection is dropped too', async () => {
    const server = await attackedServer();
    const all = await pairs(server, 20);
    const log: string[] = [];
    server.OnClientDisconnect = (Sender, Client) => void log.push(`disconnect ${Client.CliId}`);
    for (const { client } of all) {
      client.OnSessionClosed = () => {
        log.push(`closed ${client.CliId}`);
        for (const other of all) if (other.client !== client) other.client.Free();
      };
    }
    for (const { peer } of all) peer.socket.destroy();
    await waitFor(() => visitors(server).length === 0, 'all gone');
    await drained();
    assert.equal(log.length, 2);
    assert.equal(log[0]!.replace('closed', 'disconnect'), log[1]);
  });
});
