// Close, Abort and Free of the connection inside each of its own events: always safe, every event
// at most once, everybody else undisturbed.

import assert from 'node:assert/strict';
import { wsoNoReceiveLoop } from '../../lib';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { drained, waitFor } from '../support';
import type { Peer } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { tryConnect } from '../support/pair';

const ACTIONS = ['Close', 'Abort', 'Free'] as const;

interface EventCase {
  /** Assigns the handler that calls `act`; runs in OnClientCreate unless it says otherwise. */
  arrange: (Client: TWSocketClient, act: () => void) => void;
  /** What the peer does to make the event happen. */
  provoke?: (peer: Peer, server: TWSocketServer) => void;
}

/** Data for a peer that does not read: more than the kernel takes. */
function fillQueue(Client: TWSocketClient): void {
  Client.SendQueueHigh = 1024;
  Client.SendQueueLow = 512;
  Client.OnDataAvailable = () => {
    Client.ReceiveStr();
    Client.Send(Buffer.alloc(8 << 20));
  };
}

const write = (peer: Peer): void => peer.write('some data\r\nmore');

const EVENTS: Record<string, EventCase> = {
  OnChangeState: {
    arrange: (Client, act) => {
      Client.OnChangeState = act;
    },
  },
  OnDataAvailable: {
    arrange: (Client, act) => {
      Client.OnDataAvailable = act;
    },
    provoke: write,
  },
  'OnDataAvailable in line mode': {
    arrange: (Client, act) => {
      Client.LineMode = true;
      Client.OnDataAvailable = act;
    },
    provoke: (peer) => peer.write('one\r\ntwo\r\nthree\r\n'),
  },
  'OnDataAvailable after a part was read': {
    arrange: (Client, act) => {
      Client.ComponentOptions = new Set([wsoNoReceiveLoop]);
      Client.OnDataAvailable = () => {
        Client.Receive(Buffer.alloc(2));
        Client.SendStr('answer');
        act();
      };
    },
    provoke: write,
  },
  OnLineLimitExceeded: {
    arrange: (Client, act) => {
      Client.LineMode = true;
      Client.LineLimit = 4;
      Client.OnLineLimitExceeded = act;
    },
    provoke: (peer) => peer.write('much too long'),
  },
  OnDataSent: {
    arrange: (Client, act) => {
      Client.OnDataAvailable = () => void Client.SendStr(Client.ReceiveStr());
      Client.OnDataSent = act;
    },
    provoke: write,
  },
  OnSendData: {
    arrange: (Client, act) => {
      Client.OnDataAvailable = () => void Client.SendStr(Client.ReceiveStr());
      Client.OnSendData = act;
    },
    provoke: write,
  },
  OnSendQueueHigh: {
    arrange: (Client, act) => {
      fillQueue(Client);
      Client.OnSendQueueHigh = act;
    },
    provoke: (peer) => {
      peer.socket.pause();
      peer.write('x');
      setImmediate(() => peer.socket.resume());
    },
  },
  OnSendQueueLow: {
    arrange: (Client, act) => {
      fillQueue(Client);
      Client.OnSendQueueLow = act;
    },
    provoke: write,
  },
  OnPeerShutdown: {
    arrange: (Client, act) => {
      Client.HalfClose = true;
      Client.OnPeerShutdown = act;
    },
    provoke: (peer) => peer.end(),
  },
  OnBgException: {
    arrange: (Client, act) => {
      Client.OnBgException = act;
      Client.OnDataAvailable = () => {
        throw new Error('raised in OnDataAvailable');
      };
    },
    provoke: write,
  },
  OnError: {
    arrange: (Client, act) => {
      Client.OnError = act;
      Client.OnDataAvailable = () => {
        Client.ReceiveStr();
        Client.Dup(0);
      };
    },
    provoke: write,
  },
  onException: {
    arrange: (Client, act) => {
      Client.onException = act;
      Client.OnDataAvailable = () => {
        Client.ReceiveStr();
        Client.Dup(0);
      };
    },
    provoke: write,
  },
  OnSessionClosed: {
    arrange: (Client, act) => {
      Client.OnSessionClosed = act;
    },
    provoke: (peer) => peer.end(),
  },
  'OnSessionClosed after a reset': {
    arrange: (Client, act) => {
      Client.OnSessionClosed = act;
    },
    provoke: (peer) => peer.reset(),
  },
  OnMessagePump: {
    arrange: (Client, act) => {
      Client.OnMessagePump = act;
      Client.OnDataAvailable = () => {
        Client.ReceiveStr();
        Client.MessagePump();
      };
    },
    provoke: write,
  },
};

describe('A connection that ends itself inside its own event', () => {
  for (const [name, { arrange, provoke }] of Object.entries(EVENTS)) {
    for (const action of ACTIONS) {
      it(`[H-61] ${action} in ${name}`, async () => {
        let acted = false;
        const log: string[] = [];
        const server = await attackedServer();
        server.OnClientCreate = (Sender, Client) => {
          Client.OnSessionClosed = () => void log.push('OnSessionClosed');
          arrange(Client, () => {
            if (acted) return;
            acted = true;
            log.push('acted');
            Client[action]();
            // Whatever became of it, the object must still answer.
            void [Client.State, Client.HSocket, Client.PeerAddr, Client.ReceiveStr()];
          });
        };
        server.OnClientDisconnect = () => void log.push('OnClientDisconnect');

        const peer = await tryConnect(server);
        if (peer) provoke?.(peer, server);
        await waitFor(() => acted, name);
        await peer?.closed();
        await waitFor(() => visitors(server).length === 0, 'only the bystander left');
        await drained();

        const behind = log.slice(log.indexOf('acted') + 1);
        const own = name.startsWith('OnSessionClosed');
        const expected =
          action === 'Free'
            ? []
            : own
              ? ['OnClientDisconnect']
              : ['OnSessionClosed', 'OnClientDisconnect'];
        assert.deepEqual(behind, expected);
      });
    }
  }
});
