// The events of one accepted connection: their order, and what a handler finds in its client
// object at each of them (ICS: TCustomWSocketServer.TriggerSessionAvailable).

import assert from 'node:assert/strict';
import { wsClosed, wsConnected } from '../../lib';
import { connect, echo, expectEcho, record, startServer, waitFor } from '../support';

describe('A client connects', () => {
  it('[WSS-19] fires the events in the order of ICS', async () => {
    const server = startServer();
    const events = record(server);

    await connect(server);

    await waitFor(() => events.length >= 4, 'the events');
    assert.deepEqual(events, [
      'OnSessionAvailable 0',
      'OnClientCreate 1',
      'Client 1 OnChangeState Closed Connected',
      'OnClientConnect 1 0',
    ]);
  });

  it('[WSS-19] hands the server as Sender to all server events', async () => {
    const server = startServer();
    const senders: unknown[] = [];
    server.OnSessionAvailable = (Sender) => void senders.push(Sender);
    server.OnClientCreate = (Sender) => void senders.push(Sender);
    server.OnClientConnect = (Sender) => void senders.push(Sender);
    server.OnClientDisconnect = (Sender) => void senders.push(Sender);

    const peer = await connect(server);
    await waitFor(() => senders.length === 3, 'OnClientConnect');
    peer.end();

    await waitFor(() => senders.length === 4, 'OnClientDisconnect');
    assert.ok(senders.every((sender) => sender === server));
  });

  it('[WSS-20] in OnClientCreate the client has a number, but neither server nor peer', async () => {
    const server = startServer();
    let facts: unknown;
    server.OnClientCreate = (_Sender, Client) => {
      facts = {
        numbered: Client.CliId >= 1,
        server: Client.Server,
        state: Client.State,
        peerAddr: Client.PeerAddr,
        peerPort: Client.PeerPort,
        descriptor: Client.HSocket,
        isClient: server.IsClient(Client),
        count: server.ClientCount,
      };
    };

    await connect(server);

    await waitFor(() => facts !== undefined, 'OnClientCreate');
    assert.deepEqual(facts, {
      numbered: true,
      server: null,
      state: wsClosed,
      peerAddr: '',
      peerPort: '',
      descriptor: -1,
      isClient: true,
      count: 1,
    });
  });

  it('[WSS-21] in OnClientConnect server, state and peer are known', async () => {
    const server = startServer();
    let facts: Record<string, unknown> | undefined;
    server.OnClientConnect = (_Sender, Client) => {
      facts = {
        server: Client.Server === server,
        state: Client.State,
        peerAddr: Client.PeerAddr,
        peerPort: Client.PeerPort,
        cPeerAddr: Client.CPeerAddr,
        cPeerPort: Client.CPeerPort,
        ownPort: Client.GetXPort(),
        ownAddr: Client.GetXAddr(),
        open: Client.HSocket >= 0,
        closedFlag: Client.SessionClosedFlag,
      };
    };

    const peer = await connect(server);

    await waitFor(() => facts !== undefined, 'OnClientConnect');
    assert.deepEqual(facts, {
      server: true,
      state: wsConnected,
      peerAddr: '127.0.0.1',
      peerPort: String(peer.localPort),
      cPeerAddr: '127.0.0.1',
      cPeerPort: String(peer.localPort),
      ownPort: server.BindPort,
      ownAddr: '127.0.0.1',
      open: true,
      closedFlag: false,
    });
  });

  it('knows the peer in the client’s first OnChangeState already (D-30)', async () => {
    const server = startServer();
    const peers: string[] = [];
    server.OnClientCreate = (_Sender, Client) => {
      Client.OnChangeState = () => void peers.push(`${Client.PeerAddr}:${Client.PeerPort}`);
    };

    const peer = await connect(server);

    await waitFor(() => peers.length === 1, 'OnChangeState');
    assert.deepEqual(peers, [`127.0.0.1:${peer.localPort}`]);
  });

  it('tells the listener it came from (D-04)', async () => {
    const server = startServer();

    await connect(server);

    await waitFor(() => server.ClientCount === 1, 'the client');
    const client = server.Client[0]!;
    assert.equal(client.MultiListenIdx, -1);
    assert.equal(client.IcsHostIdx, -1);
    assert.equal(client.HostTag, '');
    assert.equal(client.CServerAddr, '127.0.0.1');
    assert.equal(client.CServerPort, server.BindPort);
  });

  it('is served through handlers set in OnClientCreate as well as in OnClientConnect', async () => {
    const server = startServer();
    server.OnClientCreate = (_Sender, Client) => {
      if (Client.CliId === 1) echo(Client);
    };
    server.OnClientConnect = (_Sender, Client) => {
      if (Client.CliId === 2) echo(Client);
    };

    const first = await connect(server);
    const second = await connect(server);

    await expectEcho(first);
    await expectEcho(second);
  });
});
