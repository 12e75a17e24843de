// States and events of UDP: nothing has to be waited for.

import assert from 'node:assert/strict';
import { wsClosed, wsConnected, wsListening } from '../../lib';
import { drained, raised, waitFor } from '../support';
import { skipWithoutIPv6 } from '../support/ipv6';
import { recordSocket } from './connecting';
import { echoUdp, listenUdp, newUdp, nodeUdp } from './udp';

describe('UDP Connect and Listen', () => {
  it('Connect: opened, connected and OnSessionConnected(0), all inside the call', async () => {
    const peer = await nodeUdp();
    const socket = newUdp(peer.port);
    const lines = recordSocket(socket);

    socket.Connect();

    assert.deepEqual(lines, ['Closed Opened', 'Opened Connected', 'OnSessionConnected 0']);
    assert.equal(socket.PeerAddr, '127.0.0.1');
    assert.equal(socket.PeerPort, String(peer.port));
    assert.equal(socket.AddrResolvedStr, '127.0.0.1');
    assert.equal(socket.PortNum, peer.port);
    assert.ok(Number(socket.LocalPort) > 0, 'bound to a port of the system’s choice');
    assert.equal(socket.LocalPort, socket.GetXPort());
  });

  it('Listen: bound, listening, connected and OnSessionConnected(0), all inside the call', () => {
    const socket = newUdp('0');
    const lines = recordSocket(socket);

    socket.Listen();

    assert.deepEqual(lines, [
      'Closed Bound',
      'Bound Listening',
      'Listening Connected',
      'OnSessionConnected 0',
    ]);
    assert.equal(socket.State, wsConnected);
    assert.ok(Number(socket.GetXPort()) > 0);
  });

  it('Connect by name: a lookup, then the same events; Proto is still udp', async () => {
    const peer = await nodeUdp();
    const socket = newUdp(peer.port, { Addr: 'localhost' });
    const lines = recordSocket(socket);
    socket.Connect();
    await waitFor(() => socket.State === wsConnected, 'the connection');
    assert.deepEqual(lines, [
      'Closed DnsLookup',
      'OnDnsLookupDone 0',
      'DnsLookup Opened',
      'Opened Connected',
      'OnSessionConnected 0',
    ]);
    socket.SendStr('named');
    await waitFor(() => peer.received.length === 1, 'the datagram');
  });

  it('both raise OnDataSent once although nothing was sent', async () => {
    const peer = await nodeUdp();
    for (const how of ['Connect', 'Listen'] as const) {
      const socket = newUdp(how === 'Connect' ? peer.port : 0);
      let sent = 0;
      socket.OnDataSent = () => {
        sent++;
      };
      socket[how]();
      assert.equal(sent, 0);
      await drained();
      assert.equal(sent, 1, how);
    }
  });

  for (const how of ['Close', 'Abort', 'CloseDelayed'] as const) {
    it(`${how}: OnChangeState, then OnSessionClosed(0); Proto is 'tcp' again`, async () => {
      const socket = listenUdp();
      const lines = recordSocket(socket);
      socket[how]();
      await waitFor(() => socket.State === wsClosed, 'the end');
      assert.deepEqual(lines, ['Connected Closed', 'OnSessionClosed 0']);
      assert.equal(socket.Proto, 'tcp');
      assert.equal(socket.HSocket, -1);
    });
  }

  it('Listen on a busy port raises 10048 and leaves a closed socket', () => {
    const first = listenUdp();
    const second = newUdp(first.GetXPort());
    const lines = recordSocket(second);

    const error = raised(() => second.Listen());

    assert.equal(error.message, 'Address already in use (#10048 in listen: Bind)');
    assert.deepEqual(lines, []);
    assert.equal(second.State, wsClosed);
    assert.equal(second.HSocket, -1);
  });

  it('Connect with a busy local port raises `Bind socket failed - …` and leaves a closed socket', async () => {
    const peer = await nodeUdp();
    const socket = newUdp(peer.port, { LocalPort: String(peer.port), LocalAddr: '127.0.0.1' });

    const { message } = raised(() => socket.Connect());

    assert.equal(message, 'Bind socket failed - Address already in use (#10048)');
    assert.equal(socket.State, wsClosed);
    socket.LocalPort = '0';
    socket.Connect();
    assert.equal(socket.State, wsConnected);
  });

  for (const place of ['wsBound', 'wsListening', 'wsConnected', 'OnSessionConnected']) {
    for (const how of ['Close', 'Free'] as const) {
      it(`${how} in ${place} of Listen leaves a closed socket`, () => {
        const socket = newUdp('0');
        socket.OnChangeState = (_Sender, _before, after) => {
          if (after === wsListening && place === 'wsListening') socket[how]();
          if (after === wsConnected && place === 'wsConnected') socket[how]();
          if (place === 'wsBound') socket[how]();
        };
        if (place === 'OnSessionConnected') socket.OnSessionConnected = () => socket[how]();
        const lines = recordSocket(socket);

        socket.Listen();

        assert.equal(socket.State, wsClosed);
        assert.equal(socket.HSocket, -1);
        const ends = lines.filter((line) => line.startsWith('OnSessionClosed')).length;
        assert.equal(ends, how === 'Close' ? 1 : 0);
      });
    }
  }

  it('one object: Listen, Close, Connect, Close, 50 times', async () => {
    const peer = await nodeUdp();
    const socket = newUdp('0');
    for (let round = 0; round < 50; round++) {
      socket.Proto = 'udp';
      socket.Port = '0';
      socket.Listen();
      socket.Close();
      socket.Proto = 'udp';
      socket.Port = String(peer.port);
      socket.Connect();
      socket.SendStr(`round ${round}`);
      socket.Close();
    }
    await waitFor(() => peer.received.length === 50, 'all datagrams');
  });

  describe('with IPv6', () => {
    before(skipWithoutIPv6);

    it('serves ::1 like 127.0.0.1', async () => {
      const server = listenUdp({ Addr: '::1' });
      echoUdp(server);
      const peer = await nodeUdp('::1', 'udp6');
      await peer.send('six', Number(server.GetXPort()));
      await waitFor(() => peer.received.length === 1, 'the echo');
      assert.deepEqual(peer.senders, [`::1:${server.GetXPort()}`]);
    });
  });
});
