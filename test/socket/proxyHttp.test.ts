// HTTP CONNECT against tinyproxy (HTTP/1.0, Basic, a new connection after each refusal) and Squid
// (HTTP/1.1, Digest, the same connection).

import assert from 'node:assert/strict';
import { htatBasic, htatDigest, htatNone, wsoNoHttp10Tunnel } from '../../lib';
import { freePort, waitFor } from '../support';
import { skipWithoutIPv6 } from '../support/ipv6';
import { echoServer, echoed, newProxied, outcome, plainServer } from './proxied';
import type { Proxied } from './proxied';
import { squid, tinyproxy } from './realProxies';
import type { RealProxy } from './realProxies';

function through(proxy: RealProxy, client: Proxied, user = '', password = ''): Proxied {
  client.socket.HttpTunnelServer = '127.0.0.1';
  client.socket.HttpTunnelPort = `${proxy.port}`;
  client.socket.HttpTunnelUsercode = user;
  client.socket.HttpTunnelPassword = password;
  return client;
}

describe('HTTP tunnel through tinyproxy', () => {
  let open: RealProxy;
  let locked: RealProxy;

  before('start the proxies', async function () {
    open = await tinyproxy(this);
    locked = await tinyproxy(this, 'user', 'secret');
  });

  after(() => {
    open?.stop();
    locked?.stop();
  });

  it('connects, and the events come in the order of ICS', async () => {
    const { port } = await echoServer();
    const client = through(open, newProxied(port));

    assert.equal(await outcome(client), 0);
    await echoed(client, 'hello');

    assert.deepEqual(client.lines, ['OnHttpTunnelConnected 0', 'OnSessionConnected 0']);
    assert.match(client.socket.HttpTunnelLastResponse, /^HTTP\/1\.0 200 /);
  });

  it('leaves the lookup of a name to the proxy', async () => {
    const { port } = await echoServer();
    const client = through(open, newProxied(port, 'localhost'));
    client.socket.DnsServers = ['127.0.0.1:9'];

    assert.equal(await outcome(client), 0);
    await echoed(client, 'by name');
  });

  it('reaches an IPv6 address', async function () {
    skipWithoutIPv6.call(this);
    const server = await echoServer('::1');
    const client = through(open, newProxied(server.port, '::1'));

    assert.equal(await outcome(client), 0);
    await echoed(client, 'six');
  });

  it('delivers what the server says first', async () => {
    const { port } = await plainServer((peer) => peer.write('220 ready\r\n'));
    const client = through(open, newProxied(port));
    client.socket.LineMode = true;

    assert.equal(await outcome(client), 0);
    await waitFor(() => client.received.length > 0, 'the greeting');
    assert.deepEqual(client.received, ['220 ready\r\n']);
  });

  it('takes the HTTP/1.0 answer for an error with wsoNoHttp10Tunnel', async () => {
    const { port } = await echoServer();
    const client = through(open, newProxied(port));
    client.socket.ComponentOptions.add(wsoNoHttp10Tunnel);

    assert.equal(await outcome(client), 21002);
    const text = 'OnHttpTunnelError 21002 [] HTTP Proxy - Proxy server must support HTTP/1.1';
    assert.ok(client.lines.includes(text), client.lines.join());
  });

  it('answers the demand for Basic on a new connection, because the proxy closes', async () => {
    const { port } = await echoServer();
    const client = through(locked, newProxied(port, '127.0.0.1', true), 'user', 'secret');

    assert.equal(await outcome(client), 0);
    await echoed(client, 'proved');

    assert.equal(client.socket.HttpTunnelCurrentAuthType, htatBasic);
    assert.deepEqual(client.lines, [
      'OnChangeState Closed Opened',
      'OnChangeState Opened Connecting',
      'OnChangeState Connecting Connected',
      'OnHttpTunnelConnected 0',
      'OnChangeState Connected Opened',
      'OnChangeState Opened Connecting',
      'OnChangeState Connecting Connected',
      'OnSessionConnected 0',
    ]);
  });

  it('sends Basic with the first request when told so', async () => {
    const { port } = await echoServer();
    const client = through(locked, newProxied(port, '127.0.0.1', true), 'user', 'secret');
    client.socket.HttpTunnelAuthType = htatBasic;

    assert.equal(await outcome(client), 0);
    await echoed(client, 'proved at once');
    const connects = client.lines.filter((line) => line.endsWith('Connecting Connected'));
    assert.equal(connects.length, 1);
  });

  it('fails with the status of this proxy for a wrong password, and names what it offered', async () => {
    const client = through(locked, newProxied(80), 'user', 'wrong');

    // Other proxies say 407 once more.
    assert.equal(await outcome(client), 21401);
    assert.deepEqual(client.lines.slice(1, 3), [
      `OnHttpTunnelError 21401 [${htatBasic}] HTTP Proxy - Unauthorized`,
      'OnSessionConnected 21401',
    ]);
  });

  it('fails with 21407 when there is nothing to prove with, or it is forbidden', async () => {
    const nobody = through(locked, newProxied(80));
    const silent = through(locked, newProxied(80), 'user', 'secret');
    silent.socket.HttpTunnelAuthType = htatNone;

    assert.equal(await outcome(nobody), 21407);
    assert.equal(await outcome(silent), 21407);
  });

  it('fails with 21000 + the HTTP status when nobody listens on the target', async () => {
    const client = through(open, newProxied(await freePort()));

    assert.equal(await outcome(client), 21500);
    const [, error] = client.lines;
    assert.equal(error, 'OnHttpTunnelError 21500 [] HTTP Proxy - Internal Server Error');
  });

  it('keeps the proxy for the next Connect', async () => {
    const { port } = await echoServer();
    const client = through(open, newProxied(port));
    assert.equal(await outcome(client), 0);
    client.socket.Close();
    client.lines.length = 0;

    assert.equal(await outcome(client), 0);
    assert.deepEqual(client.lines, ['OnHttpTunnelConnected 0', 'OnSessionConnected 0']);
    await echoed(client, 'again');
  });
});

describe('HTTP tunnel through Squid', () => {
  let proxy: RealProxy;

  before('start the proxy', async function () {
    this.timeout(30000);
    proxy = await squid(this, 'user', 'secret');
  });

  after(() => proxy?.stop());

  it('answers the demand for Digest on the same connection', async () => {
    const { port } = await echoServer();
    const client = through(proxy, newProxied(port, '127.0.0.1', true), 'user', 'secret');

    assert.equal(await outcome(client), 0);
    await echoed(client, 'digested');

    assert.equal(client.socket.HttpTunnelCurrentAuthType, htatDigest);
    assert.match(client.socket.HttpTunnelLastResponse, /^HTTP\/1\.1 200 /);
    const connects = client.lines.filter((line) => line.endsWith('Connecting Connected'));
    assert.equal(connects.length, 1);
  });

  it('fails with 21407 for a wrong password', async () => {
    const client = through(proxy, newProxied(80), 'user', 'wrong');

    assert.equal(await outcome(client), 21407);
    assert.ok(
      client.lines.some((line) => line.startsWith(`OnHttpTunnelError 21407 [${htatDigest}]`)),
    );
  });

  it('does not send the password readable to a proxy that wants Digest', async () => {
    const { port } = await echoServer();
    const client = through(proxy, newProxied(port), 'user', 'secret');
    client.socket.HttpTunnelAuthType = htatDigest;

    assert.equal(await outcome(client), 0);
    await echoed(client, 'digest only');
    assert.equal(client.socket.HttpTunnelCurrentAuthType, htatDigest);
  });
});
