// IPv6 listeners, and IPv4 and IPv6 side by side on one port (D-26: an IPv6 listener serves IPv6
// only, on every platform).

import assert from 'node:assert/strict';
import { sfIPv4, sfIPv6, wsListening } from '../../lib';
import type { TWSocketServer } from '../../lib';
import { connect, freePort, newServer, raised, startServer, waitFor } from '../support';
import { skipWithoutIPv6 } from '../support/ipv6';

/** The peer addresses of the clients, in the order of their arrival. */
function recordPeers(server: TWSocketServer): string[] {
  const peers: string[] = [];
  server.OnClientConnect = (_Sender, Client) => {
    peers.push(Client.PeerAddr);
  };
  return peers;
}

describe('IPv6', () => {
  it('[WSS-16] Addr ::1 makes an IPv6 listener', async function () {
    skipWithoutIPv6.call(this);
    const server = startServer({ Addr: '::1' });
    const peers = recordPeers(server);

    assert.equal(server.SocketFamily, sfIPv6);
    assert.equal(server.GetXAddr(), '::1');
    await connect({ host: '::1', port: Number(server.BindPort) });

    await waitFor(() => peers.length === 1, 'the client');
    assert.deepEqual(peers, ['::1']);
  });

  it('[WSS-17][H-14] 0.0.0.0 and :: share a port, each serves its own family', async function () {
    skipWithoutIPv6.call(this);
    const port = await freePort('::');
    const four = startServer({ Addr: '0.0.0.0', Port: String(port) });
    const six = startServer({ Addr: '::', Port: String(port) });
    const fourPeers = recordPeers(four);
    const sixPeers = recordPeers(six);

    assert.equal(four.State, wsListening);
    assert.equal(six.State, wsListening);
    await connect({ host: '127.0.0.1', port });
    await connect({ host: '::1', port });

    await waitFor(() => fourPeers.length + sixPeers.length === 2, 'two clients');
    assert.deepEqual(fourPeers, ['127.0.0.1']);
    assert.deepEqual(sixPeers, ['::1']);
  });

  it('[WSS-17] the order of the two does not matter', async function () {
    skipWithoutIPv6.call(this);
    const port = String(await freePort('::'));

    const six = startServer({ Addr: '::', Port: port });
    const four = startServer({ Addr: '0.0.0.0', Port: port });

    assert.equal(six.State, wsListening);
    assert.equal(four.State, wsListening);
  });

  it('[H-14] a listener on :: alone takes no IPv4 client', async function () {
    skipWithoutIPv6.call(this);
    const server = startServer({ Addr: '::' });

    await assert.rejects(connect({ host: '127.0.0.1', port: Number(server.BindPort) }), {
      code: 'ECONNREFUSED',
    });
  });

  it('[H-14] a second listener on :: raises 10048 and steals nothing', async function () {
    skipWithoutIPv6.call(this);
    const first = startServer({ Addr: '::' });
    const second = newServer({ Addr: '::', Port: first.BindPort });

    assert.equal(raised(() => second.Listen()).ErrorCode, 10048);

    await connect({ host: '::1', port: Number(first.BindPort) });
    await waitFor(() => first.ClientCount === 1, 'the first server’s client');
    assert.equal(second.ClientCount, 0);
  });

  it('a literal Addr sets SocketFamily', () => {
    const server = newServer({ Addr: '::1' });
    assert.equal(server.SocketFamily, sfIPv6);

    server.Addr = '127.0.0.1';

    assert.equal(server.SocketFamily, sfIPv4);
  });
});
