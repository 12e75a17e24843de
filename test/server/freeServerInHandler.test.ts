// A handler frees the server it belongs to.

import assert from 'node:assert/strict';
import type { TWSocketServer } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { pair } from '../support/pair';

type Free = (event: string) => void;
type Arrange = (server: TWSocketServer, free: Free) => void;

// Event name → assigns a handler that frees the server; every one fires when a peer connects,
// sends a byte and leaves.
const EVENTS: Record<string, Arrange> = {
  OnSessionAvailable: (server, free) => {
    server.OnSessionAvailable = () => free('OnSessionAvailable');
  },
  OnClientCreate: (server, free) => {
    server.OnClientCreate = () => free('OnClientCreate');
  },
  OnClientConnect: (server, free) => {
    server.OnClientConnect = () => free('OnClientConnect');
  },
  'OnChangeState of the client': (server, free) => {
    server.OnClientCreate = (Sender, Client) => {
      Client.OnChangeState = () => free('OnChangeState');
    };
  },
  OnDataAvailable: (server, free) => {
    server.OnClientConnect = (Sender, Client) => {
      Client.OnDataAvailable = () => free('OnDataAvailable');
    };
  },
  OnSessionClosed: (server, free) => {
    server.OnClientConnect = (Sender, Client) => {
      Client.OnSessionClosed = () => free('OnSessionClosed');
    };
  },
  OnClientDisconnect: (server, free) => {
    server.OnClientDisconnect = () => free('OnClientDisconnect');
  },
  OnBgException: (server, free) => {
    server.OnBgException = () => free('OnBgException');
    server.OnClientConnect = (Sender, Client) => {
      Client.OnDataAvailable = () => {
        throw new Error('raised in OnDataAvailable');
      };
    };
  },
};

describe('Free of the server inside a handler', () => {
  for (const [name, arrange] of Object.entries(EVENTS)) {
    it(`[H-63] in ${name}: no event afterwards, every peer gets its end`, async () => {
      const log: string[] = [];
      const server = startServer();
      const bystander = await pair(server);
      let freed = false;
      arrange(server, (event) => {
        // The free itself changes the client's state once more (F15).
        if (freed) return;
        log.push(event);
        freed = true;
        server.Free();
      });
      for (const event of ['OnClientConnect', 'OnClientDisconnect'] as const) {
        server[event] ??= () => void log.push(`late ${event} ${freed}`);
      }

      const peer = await connect(server);
      peer.write('x');
      peer.end();
      await waitFor(() => freed, name);
      await peer.closed();
      await bystander.peer.closed();
      await drained();
      const late = log.filter((entry) => entry.endsWith('true'));
      assert.deepEqual(late, []);
      assert.equal(log.filter((entry) => !entry.startsWith('late')).length, 1);
      assert.equal(server.ClientCount, 0);
    });
  }
});
