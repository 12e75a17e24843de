// Listeners that ValidateHosts makes of addresses and ports.
import assert from 'node:assert/strict';
import { TSocketState, wsListening } from '../../lib';
import { raised } from '../support';
import { addHost, certFile, freePort, hostServer } from './hosts';

describe('ValidateHosts: bindings', () => {
  it('[WSS-121] one host with two ports: the server listens without TLS, an item with it', async () => {
    const [p1, p2] = [await freePort(), await freePort()];
    const server = hostServer();
    const host = addHost(server, ['a.test'], { BindNonPort: p1, BindSslPort: p2 });
    host.SslCert = certFile(['a.test']);
    assert.equal(server.ValidateHosts(), '');
    assert.deepEqual([server.Addr, server.Port, server.SslEnable], ['127.0.0.1', `${p1}`, false]);
    const item = server.MultiListenSockets.Items[0]!;
    assert.deepEqual([item.Addr, item.Port, item.SslEnable], ['127.0.0.1', `${p2}`, true]);
    assert.equal(server.MultiListenSockets.Count, 1);
    const { BindIdxNone, BindIdxSsl, BindIdx2None, BindIdx2Ssl } = host;
    assert.deepEqual([BindIdxNone, BindIdxSsl, BindIdx2None, BindIdx2Ssl], [-1, 0, -2, -2]);
    assert.equal(host.BindInfo, `127.0.0.1:${p1}, 127.0.0.1:${p2}`);
    assert.equal(server.Validated, true);
  });

  it('[WSS-122] two addresses: plain-1, plain-2, TLS-1, TLS-2', async () => {
    const server = hostServer();
    const ports = { BindNonPort: await freePort(), BindSslPort: await freePort() };
    const host = addHost(server, ['a.test'], { ...ports, BindIpAddr2: '::1' });
    host.SslCert = certFile(['a.test']);
    server.ValidateHosts();
    const { BindIdxNone, BindIdxSsl, BindIdx2None, BindIdx2Ssl } = host;
    assert.deepEqual([BindIdxNone, BindIdx2None, BindIdxSsl, BindIdx2Ssl], [-1, 0, 1, 2]);
  });

  it('[WSS-123] hosts with the same address and port share a listener', async () => {
    const server = hostServer();
    const port = await freePort();
    const a = addHost(server, ['a.test'], { BindSslPort: port, SslCert: certFile(['a.test']) });
    const b = addHost(server, ['b.test'], { BindSslPort: port, SslCert: certFile(['b.test']) });
    assert.equal(server.ValidateHosts(), '');
    assert.deepEqual([a.BindIdxSsl, b.BindIdxSsl], [-1, -1]);
    assert.equal(server.MultiListenSockets.Count, 0);
    assert.equal(b.BindInfo, `127.0.0.1:${port}`);
  });

  it('[WSS-124] a host with TLS only makes the listener of the server a TLS listener', async () => {
    const server = hostServer();
    server.SslEnable = false;
    const host = addHost(server, ['a.test'], { BindSslPort: await freePort() });
    host.SslCert = certFile(['a.test']);
    server.ValidateHosts();
    assert.equal(host.BindIdxNone, -2);
    assert.equal(server.SslEnable, true);
  });

  it('[WSS-125] without ports a host gets a dynamic one, without TLS', () => {
    const server = hostServer();
    const host = addHost(server, ['a.test']);
    assert.equal(server.ValidateHosts(), '');
    assert.equal(host.BindSrvPort, '');
    server.Listen();
    assert.ok(Number(server.BindPort) > 0);
    assert.equal(host.BindSrvPort, server.BindPort);
    server.Close();
    assert.equal(host.BindSrvPort, '');
  });

  it('[WSS-125] BindSrvPort of a host on an item is the port of that item', async () => {
    const server = hostServer();
    addHost(server, ['a.test'], { BindNonPort: await freePort() });
    const port = await freePort();
    const host = addHost(server, ['b.test'], { BindSslPort: port, SslCert: certFile(['b.test']) });
    server.MultiListen();
    assert.equal(host.BindSrvPort, `${port}`);
  });

  it('[WSS-126] a disabled host has no bindings', async () => {
    const server = hostServer();
    addHost(server, ['a.test'], { BindNonPort: await freePort() });
    const off = addHost(server, ['b.test'], { BindNonPort: await freePort(), HostEnabled: false });
    assert.equal(server.ValidateHosts(), '');
    const { BindIdxNone, BindIdxSsl, BindIdx2None, BindIdx2Ssl } = off;
    assert.deepEqual([BindIdxNone, BindIdxSsl, BindIdx2None, BindIdx2Ssl], [-2, -2, -2, -2]);
    assert.equal(off.BindInfo, '');
    assert.equal(server.MultiListenSockets.Count, 0);
  });

  it('[WSS-126] without any enabled host there is nothing to listen on', () => {
    const server = hostServer();
    addHost(server, ['a.test'], { HostEnabled: false });
    assert.match(raised(() => server.ValidateHosts()).message, /No Bindings Found/);
    assert.match(server.ValidateHosts(true, true), /No Bindings Found/);
    assert.equal(server.Validated, false);
  });

  it('[WSS-127] only literal addresses are taken, and the other hosts are still bound', () => {
    const server = hostServer();
    addHost(server, ['a.test'], { BindIpAddr: 'localhost' });
    const good = addHost(server, ['b.test']);
    const text = 'Host #0, Invalid host listen IP address: localhost';
    assert.equal(raised(() => server.ValidateHosts()).message, text);
    assert.equal(server.ValidateHosts(false), `${text}\r\n`);
    assert.equal(good.BindIdxNone, -1);
    assert.equal(server.Validated, true);
  });

  it('[WSS-129] NoSSL: TLS ports are an error, plain ones are bound', async () => {
    const server = hostServer();
    server.NoSSL = true;
    const ports = { BindNonPort: await freePort(), BindSslPort: await freePort() };
    const host = addHost(server, ['a.test'], { ...ports, AuthSslCmd: true });
    assert.match(raised(() => server.ValidateHosts()).message, /^Host #0, SSL\/TLS Not Allowed$/);
    assert.equal(server.ValidateHosts(false), 'Host #0, SSL/TLS Not Allowed\r\n');
    assert.equal(server.ValidateHosts(true, true), 'Host #0, SSL/TLS Not Allowed\r\n');
    assert.deepEqual([host.BindIdxNone, host.BindIdxSsl, host.AuthSslCmd], [-1, -2, false]);
  });

  it('[WSS-130] Listen validates by itself, MultiListen opens the items', async () => {
    const server = hostServer();
    const ports = { BindNonPort: await freePort(), BindSslPort: await freePort() };
    addHost(server, ['a.test'], { ...ports, SslCert: certFile(['a.test']) });
    server.Listen();
    assert.equal(server.State, wsListening);
    assert.equal(server.Validated, false);
    assert.equal(server.MultiListenSockets.Items[0]!.State, TSocketState.wsClosed);
    server.MultiListen();
    assert.ok(server.ListenAllOK());
  });

  it('[WSS-131] while the server listens on a port it cannot be validated', async () => {
    const server = hostServer();
    addHost(server, ['a.test'], { BindNonPort: await freePort() });
    server.Listen();
    assert.equal(raised(() => server.ValidateHosts()).message, 'Cannot change Port if not closed');
    assert.match(server.ValidateHosts(true, true), /Cannot change Port if not closed/);
    assert.equal(server.State, wsListening);
  });

  it('ListenStates shows the family ICS chooses for any address', async () => {
    const server = hostServer();
    addHost(server, ['a.test'], { BindIpAddr: '0.0.0.0', BindNonPort: await freePort() });
    server.ValidateHosts();
    assert.match(server.ListenStates(), /Prefer IPv4 on 0\.0\.0\.0/);
  });

  it('FindBinding compares address and port as texts', async () => {
    const server = hostServer();
    const ports = { BindNonPort: await freePort(), BindSslPort: await freePort() };
    addHost(server, ['a.test'], { ...ports, SslCert: certFile(['a.test']) });
    server.ValidateHosts();
    const at = { Value: 7 };
    assert.equal(server.FindBinding('0.0.0.0', ports.BindNonPort, at), false);
    assert.equal(at.Value, 7);
    assert.equal(server.FindBinding('127.0.0.1', ports.BindNonPort, at), true);
    assert.equal(at.Value, -1);
    assert.equal(server.FindBinding('127.0.0.1', ports.BindSslPort, at), true);
    assert.equal(at.Value, 0);
  });
});
