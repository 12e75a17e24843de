// A client leaves by itself: which events announce it, in which order, and what the client object
// still answers inside them.

import assert from 'node:assert/strict';
import { SocketStateNames, wsConnected } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';

describe('TWSocketServer, when a client leaves', () => {
  it('[WSS-62] fires OnSessionClosed(0), then OnClientDisconnect(0), each once', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnSessionClosed = (Socket, ErrCode) => {
          log.push(`OnSessionClosed ${ErrCode} ${server.ClientCount}`);
        };
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode} ${server.ClientCount}`);
      },
    });
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client in the list');

    peer.end();
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    await drained();
    assert.deepEqual(log, ['OnSessionClosed 0 1', 'OnClientDisconnect 0 1']);
  });

  it('[WSS-63][H-72] still lists the client in OnClientDisconnect and forgets it right after', async () => {
    const left: TWSocketClient[] = [];
    const inside: unknown[] = [];
    const server = await attackedServer({
      OnClientDisconnect: (Sender, Client) => {
        left.push(Client);
        inside.push(server.ClientCount, server.IsClient(Client), server.Client[1] === Client);
        inside.push(Client.CliId);
      },
    });
    const peer = await connect(server);
    await waitFor(() => visitors(server).length === 1, 'the client in the list');

    peer.end();
    await waitFor(() => visitors(server).length === 0, 'the client gone from the list');
    assert.deepEqual(inside, [2, true, true, 2]);
    assert.equal(left[0]!.CliId, 0);
    assert.equal(server.IsClient(left[0]!), false);
    assert.equal(server.Client[1], null);
  });

  it('[WSS-64] passes 10054 to both events after a reset', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnSessionClosed = (Socket, ErrCode) => {
          log.push(`OnSessionClosed ${ErrCode}`);
        };
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode}`);
      },
    });
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client in the list');

    peer.reset();
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    await drained();
    assert.deepEqual(log, ['OnSessionClosed 10054', 'OnClientDisconnect 10054']);
  });

  it('[WSS-81] has SessionClosedFlag False while connected and True in both events', async () => {
    const flags: boolean[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        flags.push(Client.SessionClosedFlag);
        Client.OnDataAvailable = () => {
          flags.push(Client.SessionClosedFlag);
          Client.ReceiveStr();
        };
        Client.OnSessionClosed = () => {
          flags.push(Client.SessionClosedFlag);
        };
      },
      OnClientDisconnect: (Sender, Client) => {
        flags.push(Client.SessionClosedFlag);
      },
    });
    const peer = await connect(server);
    peer.write('x');
    await waitFor(() => flags.length === 2, 'OnDataAvailable');
    peer.end();
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    assert.deepEqual(flags, [false, false, true, true]);
  });

  it('[WSS-82] keeps PeerAddr and PeerPort readable in OnClientDisconnect', async () => {
    let seen = '';
    const server = startServer({
      OnClientDisconnect: (Sender, Client) => {
        seen = `${Client.PeerAddr}:${Client.PeerPort} ${Client.GetPeerAddr()}:${Client.GetPeerPort()}`;
      },
    });
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client in the list');

    peer.end();
    await waitFor(() => seen !== '', 'OnClientDisconnect');
    const address = `127.0.0.1:${peer.localPort}`;
    assert.equal(seen, `${address} ${address}`);
  });

  it('[WS-51] delivers everything before OnSessionClosed(0), where State is still wsConnected', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnDataAvailable = () => {
          log.push(`data ${Client.ReceiveStr()}`);
        };
        Client.OnSessionClosed = (Socket, ErrCode) => {
          log.push(`closed ${ErrCode} ${Client.State === wsConnected}`);
        };
        Client.OnChangeState = (Socket, OldState, NewState) => {
          log.push(`state ${SocketStateNames[OldState]} ${SocketStateNames[NewState]}`);
        };
      },
    });
    const peer = await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client in the list');

    peer.socket.end('the last words');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    assert.deepEqual(log, ['data the last words', 'closed 0 true', 'state Connected Closed']);
  });
});
