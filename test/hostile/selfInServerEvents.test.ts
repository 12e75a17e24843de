// Close, Abort and Free of the client inside the events of its server.

import assert from 'node:assert/strict';
import { wsListening } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { connect, drained, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { endOf, pair } from '../support/pair';

const ACTIONS = ['Close', 'CloseDelayed', 'Abort', 'Free', 'Release', 'Disconnect'] as const;
type Action = (typeof ACTIONS)[number];

const act = (Client: TWSocketClient, action: Action): void => {
  if (action === 'Disconnect') Client.Server?.Disconnect(Client);
  else Client[action]();
};

describe('A client that is ended inside an event of its server', () => {
  for (const action of ACTIONS) {
    it(`[H-61] ${action} in OnClientCreate: safe, the next client is served`, async () => {
      const log: string[] = [];
      const server = await attackedServer({
        OnClientCreate: (Sender, Client) => {
          if (Client.CliId === 2) act(Client, action);
        },
        OnClientConnect: (Sender, Client) => void log.push(`connect ${Client.CliId}`),
        OnClientDisconnect: (Sender, Client) => void log.push(`disconnect ${Client.CliId}`),
        OnBgException: (Sender, E) => void log.push(E.message),
      });
      const first = await connect(server);
      const gone = ['CloseDelayed', 'Free', 'Release'].includes(action);
      if (gone) await first.closed();
      else await waitFor(() => visitors(server).length === 1, 'the first client');

      await connect(server);
      await waitFor(() => log.includes('connect 3'), 'the second client');
      await drained();
      const expected: Record<Action, string[]> = {
        Close: ['connect 2', 'connect 3'],
        Abort: ['connect 2', 'connect 3'],
        Disconnect: ['connect 2', 'connect 3'],
        CloseDelayed: ['connect 2', 'disconnect 2', 'connect 3'],
        Release: ['connect 2', 'connect 3'],
        Free: ['connect 3'],
      };
      assert.deepEqual(log, expected[action]);
      assert.equal(visitors(server).length, gone ? 1 : 2);
      assert.equal(server.State, wsListening);
    });

    it(`[H-61] ${action} in OnClientConnect: safe, the next client is served`, async () => {
      const log: string[] = [];
      const server = await attackedServer({
        OnClientConnect: (Sender, Client) => {
          log.push(`connect ${Client.CliId}`);
          if (Client.CliId === 2) act(Client, action);
        },
        OnClientDisconnect: (Sender, Client, ErrCode) => {
          log.push(`disconnect ${Client.CliId} ${ErrCode}`);
        },
        OnBgException: (Sender, E) => void log.push(E.message),
      });
      assert.equal(await endOf(server), action === 'Abort' ? 'reset' : 'end');
      await waitFor(() => visitors(server).length === 0, 'the first client gone');
      await connect(server);
      await waitFor(() => visitors(server).length === 1, 'the second client');
      await drained();
      const silent = action === 'Free' || action === 'Release';
      const code = action === 'Disconnect' ? 10053 : 0;
      const between = silent ? [] : [`disconnect 2 ${code}`];
      assert.deepEqual(log, ['connect 2', ...between, 'connect 3']);
    });

    it(`[H-61] ${action} of another client in OnClientDisconnect`, async () => {
      const log: string[] = [];
      const server = await attackedServer();
      const leaving = await pair(server);
      const other = await pair(server);
      server.OnClientDisconnect = (Sender, Client, ErrCode) => {
        log.push(`disconnect ${Client.CliId} ${ErrCode}`);
        if (Client.CliId === 2) act(other.client, action);
      };
      leaving.peer.end();
      await other.peer.closed();
      await waitFor(() => visitors(server).length === 0, 'the bystander only');
      await drained();
      const silent = action === 'Free' || action === 'Release';
      const code = action === 'Disconnect' ? 10053 : 0;
      assert.deepEqual(log, ['disconnect 2 0', ...(silent ? [] : [`disconnect 3 ${code}`])]);
    });
  }
});
