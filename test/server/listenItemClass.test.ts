// A server with its own class of items (ICS: MultiListenItemClass, as its FTP server has one).

import assert from 'node:assert/strict';
import { TWSocketMultiListenItem, TWSocketServer } from '../../lib';
import type { TWSocketMultiListenItemClass } from '../../lib';
import { newServer } from '../support';
import { connectTo } from './listeners';

class TFtpItem extends TWSocketMultiListenItem {
  override SslEnable = true;
  Greeting = 'hello';
}

class TFtpLikeServer extends TWSocketServer {
  asked = 0;

  protected override MultiListenItemClass(): TWSocketMultiListenItemClass {
    this.asked++;
    return TFtpItem;
  }
}

describe('MultiListenItemClass', () => {
  it('decides what Add makes; a client finds its item by MultiListenIdx', async () => {
    const server = newServer({}, TFtpLikeServer) as TFtpLikeServer;
    server.MultiListenSockets.Add();
    const item = server.MultiListenSockets.Add() as TFtpItem;
    Object.assign(item, { Addr: '127.0.0.1', Port: '0', Greeting: 'welcome' });
    server.OnClientConnect = (Sender, Client) => {
      const its = Sender.MultiListenSockets.Items[Client.MultiListenIdx] as TFtpItem;
      Client.SendStr(its.Greeting);
    };

    item.Listen();
    const peer = await connectTo(item);

    await peer.waitText('welcome');
    assert.ok(item instanceof TFtpItem);
    assert.equal(item.SslEnable, true);
    assert.equal(server.asked, 1);
    assert.match(server.ListenStates(), / SSL\r\n$/);
  });

  it('is TWSocketMultiListenItem by default', () => {
    const server = newServer();
    assert.equal(server.MultiListenSockets.ItemClass, TWSocketMultiListenItem);
    assert.equal(server.MultiListenSockets.Owner, server);
    assert.equal(server.MultiListenSockets.Add().OwnerServer, server);
  });
});
