// SOCKS 5 against microsocks: methods, names, both address families, the proxy's refusals.

import assert from 'node:assert/strict';
import { socksAuthenticateUsercode, wsClosed, wsConnected } from '../../lib';
import { freePort, waitFor } from '../support';
import { skipWithoutIPv6 } from '../support/ipv6';
import { echoServer, echoed, newProxied, outcome, plainServer } from './proxied';
import { microsocks } from './realProxies';
import type { RealProxy } from './realProxies';

describe('SOCKS 5 through microsocks', () => {
  let open: RealProxy;
  let locked: RealProxy;

  before('start the proxies', async function () {
    open = await microsocks(this);
    locked = await microsocks(this, 'user', 'sécret');
  });

  after(() => {
    open?.stop();
    locked?.stop();
  });

  it('connects to an address, and the events come in the order of ICS', async () => {
    const { port } = await echoServer();
    const client = newProxied(port, '127.0.0.1', true);
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${open.port}`;

    assert.equal(await outcome(client), 0);
    await echoed(client, 'hello');

    assert.deepEqual(client.lines, [
      'OnChangeState Closed Opened',
      'OnChangeState Opened Connecting',
      'OnChangeState Connecting Connected',
      'OnSocksConnected 0',
      'OnSocksAuthState socksAuthNotRequired',
      'OnSessionConnected 0',
    ]);
    assert.equal(client.socket.State, wsConnected);
    assert.equal(client.socket.PortNum, port);
    assert.equal(client.socket.PeerPort, `${open.port}`);
  });

  it('leaves the lookup of a name to the proxy', async () => {
    const { port } = await echoServer();
    const client = newProxied(port, 'localhost');
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${open.port}`;
    let lookups = 0;
    client.socket.OnDnsLookupDone = () => void lookups++;
    // Nobody answers there: a lookup of our own would fail.
    client.socket.DnsServers = ['127.0.0.1:9'];

    assert.equal(await outcome(client), 0);
    await echoed(client, 'by name');
    assert.equal(lookups, 0);
  });

  it('looks up the name of the proxy itself', async () => {
    const { port } = await echoServer();
    const client = newProxied(port);
    client.socket.SocksServer = 'localhost';
    client.socket.SocksPort = `${open.port}`;

    assert.equal(await outcome(client), 0);
    await echoed(client, 'proxy by name');
    assert.equal(client.socket.AddrResolvedStr, '127.0.0.1');
  });

  it('reaches an IPv6 address through a proxy that has a name and only IPv4', async function () {
    skipWithoutIPv6.call(this);
    const server = await echoServer('::1');
    const client = newProxied(server.port, '::1');
    client.socket.SocksServer = 'localhost';
    client.socket.SocksPort = `${open.port}`;

    assert.equal(await outcome(client), 0);
    await echoed(client, 'six');
  });

  it('proves the user by name and password', async () => {
    const { port } = await echoServer();
    const client = newProxied(port);
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${locked.port}`;
    client.socket.SocksAuthentication = socksAuthenticateUsercode;
    client.socket.SocksUsercode = 'user';
    client.socket.SocksPassword = 'sécret';

    assert.equal(await outcome(client), 0);
    await echoed(client, 'proved');
    assert.deepEqual(client.lines, [
      'OnSocksConnected 0',
      'OnSocksAuthState socksAuthStart',
      'OnSocksAuthState socksAuthSuccess',
      'OnSessionConnected 0',
    ]);
  });

  it('fails with 20015 for a wrong password, then closes', async () => {
    const client = newProxied(80);
    client.socket.ProxyURL = `socks5://user:wrong@127.0.0.1:${locked.port}`;

    assert.equal(await outcome(client), 20015);
    await waitFor(() => client.socket.State === wsClosed, 'the close');
    assert.deepEqual(client.lines, [
      'OnSocksConnected 0',
      'OnSocksAuthState socksAuthStart',
      'OnSocksAuthState socksAuthFailure',
      'OnSocksError 20015 SOCKS - Authentication Failed',
      'OnSessionConnected 20015',
      'OnSessionClosed 0',
    ]);
    assert.equal(client.socket.LastError, 20015);
  });

  it('fails with 20003 when the proxy wants a user and none was given', async () => {
    const client = newProxied(80);
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${locked.port}`;

    assert.equal(await outcome(client), 20003);
    assert.ok(client.lines.includes('OnSocksError 20003 SOCKS - Authentication Method Error'));
  });

  it('fails with 20008 when nobody listens on the target', async () => {
    const client = newProxied(await freePort());
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${open.port}`;

    assert.equal(await outcome(client), 20008);
    assert.ok(client.lines.includes('OnSocksError 20008 SOCKS - Connection Refused'));
  });

  it('reports a proxy that is not there by OnSocksConnected and OnSessionConnected', async () => {
    const client = newProxied(80);
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${await freePort()}`;

    assert.equal(await outcome(client), 10061);
    assert.deepEqual(client.lines.slice(0, 2), [
      'OnSocksConnected 10061',
      'OnSessionConnected 10061',
    ]);
  });

  it('delivers lines, and what the server says first, in line mode', async () => {
    const { port } = await plainServer((peer) => peer.write('220 ready\r\nsecond\r\npart'));
    const client = newProxied(port);
    client.socket.LineMode = true;
    client.socket.SocksServer = '127.0.0.1';
    client.socket.SocksPort = `${open.port}`;

    assert.equal(await outcome(client), 0);
    await waitFor(() => client.received.length >= 2, 'two lines');
    assert.deepEqual(client.received, ['220 ready\r\n', 'second\r\n']);
  });

  it('fires OnDataSent once for the fresh connection and OnSendData only for own bytes', async () => {
    const { port } = await echoServer();
    const client = newProxied(port);
    const { socket, lines } = client;
    socket.OnDataSent = () => void lines.push('OnDataSent');
    socket.OnSendData = (_s, count) => void lines.push(`OnSendData ${count}`);
    socket.SocksServer = '127.0.0.1';
    socket.SocksPort = `${open.port}`;

    assert.equal(await outcome(client), 0);
    await waitFor(() => lines.includes('OnDataSent'), 'OnDataSent');
    await echoed(client, 'abc');
    await waitFor(() => lines.filter((line) => line === 'OnDataSent').length === 2, 'the second');
    assert.deepEqual(lines.slice(2), [
      'OnSessionConnected 0',
      'OnDataSent',
      'OnSendData 3',
      'OnDataSent',
    ]);
  });

  it('forgets the proxy with the close, as ICS does', async () => {
    const { port } = await echoServer();
    const client = newProxied(port);
    client.socket.ProxyURL = `socks5://127.0.0.1:${open.port}`;
    assert.equal(await outcome(client), 0);

    client.socket.Close();

    const { SocksServer, SocksPort, SocksLevel, ProxyURL, Addr, Port } = client.socket;
    assert.deepEqual([SocksServer, SocksPort, SocksLevel, ProxyURL], ['', '', '5', '']);
    assert.deepEqual([Addr, Port], ['127.0.0.1', `${port}`]);
  });
});
