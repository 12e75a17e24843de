// Close called inside OnDataAvailable and OnClientConnect.

import assert from 'node:assert/strict';
import { wsClosed } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { endOf } from '../support/pair';

describe('TWSocketClient.Close inside a handler', () => {
  it('[WSS-68] in OnDataAvailable ends delivery; the object lives until the handler returns', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnDataAvailable = () => {
          const first = Buffer.alloc(1);
          Client.Receive(first);
          log.push(`OnDataAvailable ${first.toString()}`);
          Client.Close();
          log.push(`still ${Client.CliId} ${Client.PeerAddr} ${Client.State === wsClosed}`);
          log.push(`Receive ${Client.Receive(first)}`);
        };
        Client.OnSessionClosed = (Socket, ErrCode) => {
          log.push(`OnSessionClosed ${ErrCode}`);
        };
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode}`);
      },
    });
    const peer = await connect(server);
    peer.write('abc');
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    await drained();
    assert.deepEqual(log, [
      'OnDataAvailable a',
      'OnSessionClosed 0',
      'still 1 127.0.0.1 true',
      'Receive -1',
      'OnClientDisconnect 0',
    ]);
  });

  it('[WSS-68] delivers the reply although input was left unread', async () => {
    const server = startServer({
      OnClientConnect: (Sender, Client) => {
        Client.OnDataAvailable = () => {
          Client.SendStr('bye');
          Client.Close();
        };
      },
    });
    const peer = await connect(server);
    peer.write('x'.repeat(100_000));
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'bye');
  });

  it('[WSS-69][H-67] in OnClientConnect sends no banner; OnClientDisconnect(0) follows', async () => {
    const log: string[] = [];
    const server = await attackedServer({
      Banner: 'welcome',
      OnClientConnect: (Sender, Client) => {
        Client.Close();
        log.push('OnClientConnect');
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode}`);
      },
    });
    const peer = await connect(server);
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => visitors(server).length === 0, 'the client gone from the list');
    assert.equal(peer.text, '');
    assert.deepEqual(log, ['OnClientConnect', 'OnClientDisconnect 0']);
  });

  it('[H-67] Abort in OnClientConnect resets the peer; the next client is served', async () => {
    const log: string[] = [];
    const server = await attackedServer({
      Banner: 'welcome',
      OnClientConnect: (Sender, Client) => {
        if (Client.CliId === 2) Client.Abort();
      },
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${Client.CliId} ${ErrCode}`);
      },
    });
    assert.equal(await endOf(server), 'reset');
    const second = await connect(server);
    assert.equal(await second.line(), 'welcome');
    assert.deepEqual(log, ['OnClientDisconnect 2 0']);
  });

  it('[H-67] Free in OnClientConnect drops the client without OnClientDisconnect', async () => {
    const log: string[] = [];
    const server = await attackedServer({
      Banner: 'welcome',
      OnClientConnect: (Sender, Client) => {
        if (Client.CliId === 2) Client.Free();
      },
      OnClientDisconnect: (Sender, Client) => {
        log.push(`OnClientDisconnect ${Client.CliId}`);
      },
    });
    const first = await connect(server);
    assert.equal(await first.closed(), 'end');
    assert.equal(first.text, '');
    const second = await connect(server);
    assert.equal(await second.line(), 'welcome');
    assert.deepEqual(log, []);
    assert.equal(visitors(server).length, 1);
  });
});
