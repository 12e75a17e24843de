// Broadcast, multicast and shared ports: on the loopback interface, or in a network namespace that has
// no other.

import assert from 'node:assert/strict';
import { ESocketException, TSockAddr, TWSocket, wsClosed, wsConnected } from '../../lib';
import { drained, freePort, raised, track, waitFor } from '../support';
import { skipWithoutIPv6 } from '../support/ipv6';
import { runInNamespace, skipWithoutNamespace } from '../support/namespace';
import { pythonWithDescriptor, skipWithoutPython } from '../support/python';
import { recordSocket } from './connecting';
import { listenUdp, newUdp, nodeUdp } from './udp';

const GROUP = '239.255.41.7';

function collect(socket: TWSocket): string[] {
  const seen: string[] = [];
  socket.OnDataAvailable = () => {
    const text = socket.ReceiveStr();
    if (text !== '') seen.push(text);
  };
  return seen;
}

/** A member of the group on the loopback interface; Addr is the any address, the group's port. */
function member(port: number, props: Partial<TWSocket> = {}): TWSocket {
  const socket = newUdp(port, { Addr: '0.0.0.0', ReuseAddr: true, ...props });
  socket.Listen();
  return socket;
}

/** Sends to the group over the loopback interface. */
function groupSender(port: number, props: Partial<TWSocket> = {}): TWSocket {
  const socket = newUdp(port, { Addr: GROUP, MultiCast: true, LocalAddr: '127.0.0.1', ...props });
  socket.Connect();
  return socket;
}

describe('Multicast, IPv4', () => {
  it('JoinGroup: datagrams of the group arrive; LeaveGroup: they do not any more', async () => {
    const port = await freePort();
    const socket = member(port);
    const seen = collect(socket);
    const sender = groupSender(port);

    assert.equal(socket.JoinGroup(GROUP, '127.0.0.1'), true);
    sender.SendStr('inside');
    await waitFor(() => seen.length === 1, 'the datagram');
    assert.equal(socket.LeaveGroup(GROUP, '127.0.0.1'), true);
    sender.SendStr('outside');
    sender.Close();
    const direct = await nodeUdp();
    await direct.send('direct', port);
    await waitFor(() => seen.length === 2, 'a direct datagram');

    assert.deepEqual(seen, ['inside', 'direct']);
  });

  it('MultiCast in Listen joins MultiCastAddrStr on the interface with Addr', async () => {
    const port = await freePort();
    const joined = newUdp(port, { MultiCast: true, MultiCastAddrStr: GROUP, ReuseAddr: true });
    joined.Listen();
    assert.equal(joined.State, wsConnected);
    // Bound to 127.0.0.1 it does not receive for the group; membership is what can be asked.
    assert.equal(raised(() => joined.JoinGroup(GROUP, '127.0.0.1')).ErrorCode, 10048);
  });

  it('a second member of the same port (ReuseAddr) gets each datagram too', async () => {
    const port = await freePort();
    const sockets = [member(port), member(port)];
    const seen = sockets.map(collect);
    for (const socket of sockets) socket.JoinGroup(GROUP, '127.0.0.1');
    groupSender(port).SendStr('to all');
    await waitFor(() => seen.every((texts) => texts.length === 1), 'both');
    assert.deepEqual(seen, [['to all'], ['to all']]);
  });

  it('MultiCastLoop False keeps datagrams from sockets of this machine', async () => {
    const port = await freePort();
    const socket = member(port);
    const seen = collect(socket);
    socket.JoinGroup(GROUP, '127.0.0.1');
    groupSender(port, { MultiCastLoop: false }).SendStr('unheard');
    groupSender(port).SendStr('heard');
    await waitFor(() => seen.length > 0, 'a datagram');
    await drained();
    assert.equal(seen.at(-1), 'heard');
  });

  for (const group of ['127.0.0.1', '10.0.0.1']) {
    it(`${group} is no group: an exception from JoinGroup, the socket lives`, () => {
      const socket = listenUdp();
      const { message, ErrorCode } = raised(() => socket.JoinGroup(group));
      assert.equal(ErrorCode, 10022);
      assert.match(message, /setsockopt\(IP_ADD_MEMBERSHIP\)/);
      assert.equal(socket.State, wsConnected);
    });
  }

  it('LeaveGroup of a group it is not in raises 10049', () => {
    const socket = listenUdp();
    assert.equal(raised(() => socket.LeaveGroup(GROUP, '127.0.0.1')).ErrorCode, 10049);
  });

  it('JoinGroup of a closed socket raises 10038', () => {
    assert.equal(raised(() => track(new TWSocket()).JoinGroup(GROUP)).ErrorCode, 10038);
  });

  for (const bad of ['', 'nonsense', '127.0.0.1']) {
    it(`Listen with MultiCastAddrStr '${bad}' raises and leaves a closed socket without descriptor`, () => {
      const socket = newUdp('0', { MultiCast: true, MultiCastAddrStr: bad });
      const { ErrorCode } = raised(() => socket.Listen());
      assert.equal(ErrorCode, 10022);
      assert.equal(socket.State, wsClosed);
      assert.equal(socket.HSocket, -1);
      socket.MultiCast = false;
      socket.Listen();
      assert.equal(socket.State, wsConnected);
    });

    it(`the same with OnError assigned: '${bad}' is told once, closed`, () => {
      const socket = newUdp('0', { MultiCast: true, MultiCastAddrStr: bad });
      let errors = 0;
      socket.OnError = () => {
        errors++;
      };
      const lines = recordSocket(socket);
      socket.Listen();
      assert.equal(errors, 1);
      assert.deepEqual(lines, ['Closed Bound', 'Bound Closed']);
    });
  }

  describe('options, asked of the kernel', () => {
    before(skipWithoutPython);

    const READ_OPTIONS = `
import json, socket
s = socket.socket(fileno=3)
ip = socket.IPPROTO_IP
print(json.dumps({
    'ttl': s.getsockopt(ip, socket.IP_MULTICAST_TTL),
    'loop': s.getsockopt(ip, socket.IP_MULTICAST_LOOP),
    'interface': socket.inet_ntoa(s.getsockopt(ip, socket.IP_MULTICAST_IF, 4)),
    'broadcast': s.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST),
}))
`;
    const read = (socket: TWSocket): unknown =>
      JSON.parse(pythonWithDescriptor(READ_OPTIONS, socket.HSocket));

    it('MultiCastIpTTL, MultiCastLoop, LocalAddr and Broadcast reach it', () => {
      assert.deepEqual(
        read(groupSender(9, { MultiCastIpTTL: 7, MultiCastLoop: false, Broadcast: true })),
        { ttl: 7, loop: 0, interface: '127.0.0.1', broadcast: 1 },
      );
    });

    it('the defaults leave all of it alone', () => {
      assert.deepEqual(read(listenUdp()), { ttl: 1, loop: 1, interface: '0.0.0.0', broadcast: 0 });
    });
  });
});

describe('Multicast, IPv6', () => {
  before(skipWithoutIPv6);

  it('text that is no IPv6 address: the ICS text', () => {
    const socket = newUdp('0', { Addr: '::1', MultiCast: true, MultiCastAddrStr: 'ff02::zz' });
    const { message, ErrorCode } = raised(() => socket.Listen());
    assert.equal(ErrorCode, 10022);
    assert.match(message, /setsockopt\(IPV6_ADD_MEMBERSHIP\) Invalid multicast address/);
    assert.equal(socket.State, wsClosed);
  });

  it('an IPv4 group for an IPv6 socket raises and leaves it closed', () => {
    const socket = newUdp('0', { Addr: '::1', MultiCast: true, MultiCastAddrStr: GROUP });
    assert.throws(() => socket.Listen(), ESocketException);
    assert.equal(socket.State, wsClosed);
    assert.equal(socket.HSocket, -1);
  });
});

describe('Broadcast', () => {
  it('to 127.255.255.255 arrives with Broadcast True', async () => {
    const receiver = listenUdp({ Addr: '0.0.0.0' });
    const seen = collect(receiver);
    const sender = newUdp(receiver.GetXPort(), { Addr: '127.255.255.255', Broadcast: true });
    sender.Connect();
    assert.equal(sender.SendStr('all'), 3, `${sender.LastError}`);
    await waitFor(() => seen.length === 1, 'the datagram');
  });

  it('to 127.255.255.255 without it is refused with 10013', () => {
    const sender = newUdp(9, { Addr: '127.255.255.255' });
    sender.Connect();
    assert.equal(sender.SendStr('all'), -1);
    assert.equal(sender.LastError, 10013);
    assert.equal(sender.State, wsConnected);
  });
});

describe('In a network namespace', () => {
  before(skipWithoutNamespace);

  const LOOPBACK = [
    'ip link set lo multicast on',
    'ip addr add 10.7.0.1/24 brd + dev lo',
    'ip route add default dev lo',
    'ip -6 route add ff01::/16 dev lo table local',
  ];

  it('255.255.255.255 needs no permission, another broadcast does, IPv6 joins, receives, leaves', async () => {
    const script = runInNamespace('manyReceivers', LOOPBACK);
    assert.deepEqual(JSON.parse(await script.printed('done')), {
      everybody: 'to everybody',
      forbidden: 10013,
      network: 'to the network',
      group: [true, 'six', true, 10049],
    });
  });
});

describe('ReuseAddr', () => {
  it('two listeners share a port; without it the second is refused', async () => {
    const first = listenUdp({ ReuseAddr: true });
    const port = first.GetXPort();
    const second = newUdp(port, { ReuseAddr: true });
    second.Listen();
    const third = newUdp(port);
    assert.equal(raised(() => third.Listen()).ErrorCode, 10048);

    const seen = [collect(first), collect(second)];
    const sender = listenUdp();
    sender.SendTo(new TSockAddr('127.0.0.1', port), Buffer.from('one of them'));
    await waitFor(() => seen[0]!.length + seen[1]!.length === 1, 'the datagram');
  });
});
