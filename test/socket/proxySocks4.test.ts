// SOCKS 4 against Dante, 4 and 4A against OpenSSH.

import assert from 'node:assert/strict';
import { freePort } from '../support';
import { echoServer, echoed, newProxied, outcome } from './proxied';
import { dante, sshProxy } from './realProxies';
import type { RealProxy } from './realProxies';

describe('SOCKS 4 through Dante', () => {
  let proxy: RealProxy;

  before('start the proxy', async function () {
    proxy = await dante(this);
  });

  after(() => proxy?.stop());

  it('connects to an address, without an authentication event', async () => {
    const { port } = await echoServer();
    const client = newProxied(port);
    client.socket.SocksLevel = '4';
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${proxy.port}`;
    client.socket.SocksUsercode = 'somebody';

    assert.equal(await outcome(client), 0);
    await echoed(client, 'four');
    assert.deepEqual(client.lines, ['OnSocksConnected 0', 'OnSessionConnected 0']);
  });

  it('looks a name up here, because the protocol has only addresses', async () => {
    const { port } = await echoServer();
    const client = newProxied(port, 'localhost');
    client.socket.ProxyURL = `socks4://127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 0);
    await echoed(client, 'four by name');
  });

  it('fails with 20016 when nobody listens on the target', async () => {
    const client = newProxied(await freePort());
    client.socket.ProxyURL = `socks4://127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 20016);
    assert.ok(client.lines.includes('OnSocksError 20016 SOCKS - Rejected Or Failed'));
  });

  it('fails with 20017 when the name is unknown here', async () => {
    // The leading hyphen makes the system refuse it without asking a name server.
    const client = newProxied(80, '-no-such-name.invalid');
    client.socket.ProxyURL = `socks4://127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 20017);
    assert.ok(client.lines.includes('OnSocksError 20017 SOCKS - Host Resolution Failed'));
  });

  it('is another protocol than SOCKS 5, which the same proxy speaks too', async () => {
    const { port } = await echoServer();
    const client = newProxied(port);
    client.socket.ProxyURL = `socks5://127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 0);
    await echoed(client, 'five');
    assert.equal(client.lines[1], 'OnSocksAuthState socksAuthNotRequired');
  });
});

describe('SOCKS 4A through OpenSSH', () => {
  let proxy: RealProxy;

  before('start the proxy', async function () {
    proxy = await sshProxy(this);
  });

  after(() => proxy?.stop());

  it('leaves the lookup of a name to the proxy', async () => {
    const { port } = await echoServer();
    const client = newProxied(port, 'localhost');
    client.socket.SocksLevel = '4a';
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${proxy.port}`;
    // Nobody answers there: a lookup of our own would fail.
    client.socket.DnsServers = ['127.0.0.1:9'];

    assert.equal(await outcome(client), 0);
    await echoed(client, 'four A by name');
  });

  it('sends an address as SOCKS 4 does', async () => {
    const { port } = await echoServer();
    const client = newProxied(port);
    client.socket.ProxyURL = `socks4a://127.0.0.1:${proxy.port}`;
    assert.equal(client.socket.SocksLevel, '4A');

    assert.equal(await outcome(client), 0);
    await echoed(client, 'four A');
  });
});
