// Banner: the first line a client receives, and where it may be changed.

import assert from 'node:assert/strict';
import { TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, startServer, track } from '../support';

describe('Banner', () => {
  it('[WSS-32] is the greeting of ICS by default', async () => {
    const server = track(new TWSocketServer());
    Object.assign(server, { Addr: '127.0.0.1', Port: '0' });
    server.OnClientConnect = (_Sender, Client) => echo(Client);
    server.Listen();

    const peer = await connect(server);

    assert.equal(await peer.line(), 'Welcome to OverByte ICS TcpSrv');
    await expectEcho(peer);
    assert.equal(peer.text, 'Welcome to OverByte ICS TcpSrv\r\nping');
  });

  it('[WSS-33] is not sent when it is empty', async () => {
    const server = startServer({ Banner: '' });
    server.OnClientConnect = (_Sender, Client) => echo(Client);

    const peer = await connect(server);

    await expectEcho(peer);
    assert.equal(peer.text, 'ping');
  });

  it('is the text the application sets', async () => {
    const server = startServer({ Banner: '220 Grüße' });

    const peer = await connect(server);

    assert.equal(Buffer.from(await peer.line(), 'latin1').toString('utf8'), '220 Grüße');
  });

  it('[WSS-34] can be replaced for one client in OnClientConnect', async () => {
    const server = startServer({ Banner: 'welcome all' });
    const before: string[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      before.push(Client.Banner);
      if (Client.CliId === 1) Client.Banner = 'hi';
    };

    const first = await connect(server);
    const second = await connect(server);

    assert.equal(await first.line(), 'hi');
    assert.equal(await second.line(), 'welcome all');
    assert.deepEqual(before, ['welcome all', 'welcome all']);
  });

  it('[WSS-34] can be suppressed for one client in OnClientConnect', async () => {
    const server = startServer({ Banner: 'welcome all' });
    server.OnClientConnect = (_Sender, Client) => {
      Client.Banner = '';
      echo(Client);
    };

    const peer = await connect(server);

    await expectEcho(peer);
    assert.equal(peer.text, 'ping');
  });

  it('[WSS-34] set in OnClientCreate is overwritten by the server’s', async () => {
    const server = startServer({ Banner: 'welcome all' });
    server.OnClientCreate = (_Sender, Client) => {
      Client.Banner = 'hi';
    };

    const peer = await connect(server);

    assert.equal(await peer.line(), 'welcome all');
  });

  it('[WSS-35] ends with the client’s LineEnd', async () => {
    const server = startServer({ Banner: 'hi' });
    server.OnClientConnect = (_Sender, Client) => {
      Client.LineEnd = '\n';
      echo(Client);
    };

    const peer = await connect(server);

    assert.equal(await peer.line('\n'), 'hi');
    await expectEcho(peer);
    assert.equal(peer.text, 'hi\nping');
  });

  it('comes after what OnClientConnect has sent', async () => {
    const server = startServer({ Banner: 'banner' });
    server.OnClientConnect = (_Sender, Client) => {
      Client.SendLine('first');
    };

    const peer = await connect(server);

    assert.equal(await peer.line(), 'first');
    assert.equal(await peer.line(), 'banner');
  });
});
