// ClientClass, and what a new client takes over from its server.

import assert from 'node:assert/strict';
import { TWSocketClient, wsErrFriendly } from '../../lib';
import type { TComponent, TIcsBgExceptionEvent, TSocketErrs } from '../../lib';
import { connect, expectEcho, startServer, waitFor } from '../support';

class ChatClient extends TWSocketClient {
  static made = 0;
  nickname = 'unknown';

  constructor(Owner: TComponent | null = null) {
    super(Owner);
    ChatClient.made++;
    this.OnDataAvailable = () => {
      this.SendStr(this.ReceiveStr());
    };
  }
}

describe('ClientClass', () => {
  it('[WSS-25] is the class of the objects in all events, made once per connection', async () => {
    ChatClient.made = 0;
    const server = startServer({ ClientClass: ChatClient });
    const seen: unknown[] = [];
    server.OnClientCreate = (_Sender, Client) => void seen.push(Client);
    server.OnClientConnect = (_Sender, Client) => void seen.push(Client);
    server.OnClientDisconnect = (_Sender, Client) => void seen.push(Client);

    const peer = await connect(server);
    await expectEcho(peer);
    peer.end();

    await waitFor(() => seen.length === 3, 'the events');
    assert.ok(seen.every((client) => client instanceof ChatClient && client === seen[0]));
    assert.equal((seen[0] as ChatClient).nickname, 'unknown');
    assert.equal(ChatClient.made, 1);
  });

  it('gives the server as Owner to the constructor', async () => {
    const server = startServer();
    const owners: unknown[] = [];
    server.OnClientCreate = (_Sender, Client) => void owners.push(Client.Owner);

    await connect(server);

    await waitFor(() => owners.length === 1, 'OnClientCreate');
    assert.equal(owners[0], server);
  });

  it('[WSS-26] is TWSocketClient by default', async () => {
    const server = startServer();
    assert.equal(server.ClientClass, TWSocketClient);

    await connect(server);

    await waitFor(() => server.ClientCount === 1, 'the client');
    assert.equal(server.Client[0]?.constructor, TWSocketClient);
  });

  it('may be changed between two clients', async () => {
    const server = startServer();
    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the first client');

    server.ClientClass = ChatClient;
    await connect(server);

    await waitFor(() => server.ClientCount === 2, 'the second client');
    assert.equal(server.Client[0] instanceof ChatClient, false);
    assert.equal(server.Client[1] instanceof ChatClient, true);
  });
});

describe('A new client', () => {
  it('[WSS-28] is named after its server and its number', async () => {
    const server = startServer({ Name: 'Srv' });

    await connect(server);
    await connect(server);

    await waitFor(() => server.ClientCount === 2, 'two clients');
    assert.equal(server.Client[0]?.Name, 'SrvClient1');
    assert.equal(server.Client[1]?.Name, 'SrvClient2');
  });

  it('[WSS-29] carries the server’s OnBgException and SocketErrs in OnClientCreate', async () => {
    const OnBgException: TIcsBgExceptionEvent = () => undefined;
    const server = startServer({ OnBgException, SocketErrs: wsErrFriendly });
    let taken: [TIcsBgExceptionEvent | null, TSocketErrs] | undefined;
    server.OnClientCreate = (_Sender, Client) => {
      taken = [Client.OnBgException, Client.SocketErrs];
    };

    await connect(server);

    await waitFor(() => taken !== undefined, 'OnClientCreate');
    assert.deepEqual(taken, [OnBgException, wsErrFriendly]);
  });
});
