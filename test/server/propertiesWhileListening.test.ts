// Addr, Port, Proto and SocketFamily are fixed while the server listens.

import assert from 'node:assert/strict';
import { sfIPv4, sfIPv6, wsListening } from '../../lib';
import { connect, raised, startServer, waitFor } from '../support';

describe('Properties of a listening server', () => {
  it('[WSS-10] refuse another value and keep the old one', async () => {
    const server = startServer();

    const addr = raised(() => (server.Addr = '127.0.0.2'));
    const port = raised(() => (server.Port = '1'));
    const proto = raised(() => (server.Proto = 'udp'));
    const family = raised(() => (server.SocketFamily = sfIPv6));

    assert.equal(addr.message, 'Cannot change Addr if not closed');
    assert.equal(port.message, 'Cannot change Port if not closed');
    assert.equal(proto.message, 'Cannot change Proto if not closed');
    assert.equal(family.message, 'Cannot change SocketFamily when not closed or in DNS lookup');
    assert.equal(server.Addr, '127.0.0.1');
    assert.equal(server.Port, '0');
    assert.equal(server.Proto, 'tcp');
    assert.equal(server.SocketFamily, sfIPv4);
    assert.equal(server.State, wsListening);
    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });

  it('[WSS-11] accept the value they already have', () => {
    const server = startServer();

    server.Addr = '127.0.0.1';
    server.Port = '0';
    server.Proto = 'tcp';

    assert.equal(server.State, wsListening);
  });

  it('can be changed again after Close', async () => {
    const server = startServer();
    server.Close();

    server.Addr = '127.0.0.2';
    server.Port = '0';
    server.Listen();

    assert.equal(server.GetXAddr(), '127.0.0.2');
    await connect({ host: '127.0.0.2', port: Number(server.BindPort) });
    await waitFor(() => server.ClientCount === 1, 'the client');
  });
});
