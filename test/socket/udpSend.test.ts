// Sending datagrams: one call, one datagram, whole or not at all.

import assert from 'node:assert/strict';
import { TSockAddr, TWSocket, wsConnected } from '../../lib';
import { drained, freePort, raised, track, waitFor } from '../support';
import { connected, newClient, startTarget } from './connecting';
import { listenUdp, newUdp, nodeUdp } from './udp';

const MAX = 65507;

describe('Sending datagrams', () => {
  it('Send, SendStr, SendStrA, SendTB, one byte, PutDataInSendBuffer: one datagram each, to Addr:Port', async () => {
    const peer = await nodeUdp();
    const socket = newUdp(peer.port);
    socket.Connect();

    assert.equal(socket.Send(Buffer.from('one')), 3);
    assert.equal(socket.Send(Buffer.from('twoXX'), 3), 3);
    assert.equal(socket.SendStr('drei ä'), 7);
    assert.equal(socket.SendStrA('ä'), 1);
    assert.equal(socket.SendTB(Buffer.from('four'), 2), 2);
    assert.equal(socket.Send(65), 1);
    socket.PutDataInSendBuffer(Buffer.from('put'));
    assert.equal(socket.PutStringInSendBuffer('text'), 4);
    await waitFor(() => peer.received.length === 8, 'eight datagrams');

    assert.deepEqual(
      peer.received.map((data) => data.toString('latin1')),
      ['one', 'two', 'drei Ã¤', 'ä', 'fo', 'A', 'put', 'text'],
    );
    assert.equal(socket.WriteCount, 3 + 3 + 7 + 1 + 2 + 1 + 3 + 4);
    assert.equal(socket.BufferedByteCount, 0);
    assert.equal(socket.AllSent, true);
    assert.deepEqual(new Set(peer.senders), new Set([`127.0.0.1:${socket.LocalPort}`]));
  });

  it('SendTo reaches anybody, also empty; OnSendData inside, OnDataSent later', async () => {
    const peers = [await nodeUdp(), await nodeUdp()];
    const socket = listenUdp();
    await drained();
    const lines: string[] = [];
    socket.OnSendData = (_Sender, BytesSent) => lines.push(`OnSendData ${BytesSent}`);
    socket.OnDataSent = (_Sender, ErrCode) => lines.push(`OnDataSent ${ErrCode}`);

    for (const peer of peers) {
      assert.equal(socket.SendTo(new TSockAddr('127.0.0.1', peer.port), Buffer.from('hello')), 5);
      assert.equal(socket.SendTo(new TSockAddr('127.0.0.1', peer.port), Buffer.alloc(0)), 0);
    }
    assert.deepEqual(lines, ['OnSendData 5', 'OnSendData 0', 'OnSendData 5', 'OnSendData 0']);
    await waitFor(() => peers.every(({ received }) => received.length === 2), 'the datagrams');
    await drained();

    assert.equal(lines.filter((line) => line === 'OnDataSent 0').length, 1);
    for (const { received } of peers) {
      assert.deepEqual(received.map(String), ['hello', '']);
    }
  });

  it(`${MAX} bytes go out whole; one more is 10040 and nothing is sent`, async () => {
    const peer = await nodeUdp();
    const socket = newUdp(peer.port);
    socket.Connect();
    const to = new TSockAddr('127.0.0.1', peer.port);
    const data = Buffer.alloc(MAX + 1, 'x');

    assert.equal(socket.Send(data, MAX), MAX);
    assert.equal(socket.SendTo(to, data, MAX), MAX);
    assert.equal(socket.SendStr('y'.repeat(MAX)), MAX);
    assert.equal(socket.WriteCount, 3 * MAX);

    for (const send of [
      () => socket.Send(data),
      () => socket.SendTo(to, data),
      () => socket.SendStr('y'.repeat(MAX + 1)),
      () => socket.SendStr('y'.repeat(3 * MAX)),
      () => socket.SendStrA('y'.repeat(70_000)),
    ]) {
      socket.LastError = 0;
      assert.equal(send(), -1);
      assert.equal(socket.LastError, 10040);
    }
    assert.equal(socket.State, wsConnected);
    assert.equal(socket.WriteCount, 3 * MAX);
    await waitFor(() => peer.received.length === 3, 'the datagrams');
    await drained();
    assert.deepEqual(
      peer.received.map((bytes) => bytes.length),
      [MAX, MAX, MAX],
    );
  });

  it('a datagram for the other family, or for nobody, is -1 with LastError', () => {
    const socket = listenUdp();
    for (const to of [new TSockAddr('::1', 9), new TSockAddr()]) {
      socket.LastError = 0;
      assert.equal(socket.SendTo(to, Buffer.from('x')), -1);
      assert.notEqual(socket.LastError, 0);
    }
    assert.equal(socket.State, wsConnected);
  });

  it('SendTo of a closed socket and of a TCP connection is -1, never an exception', async () => {
    const to = new TSockAddr('127.0.0.1', 9);
    const closed = track(new TWSocket());
    assert.equal(closed.SendTo(to, Buffer.from('x')), -1);
    assert.equal(closed.LastError, 10038);

    const { port } = await startTarget();
    const client = newClient(port);
    client.Connect();
    await connected(client);
    assert.equal(client.SendTo(to, Buffer.from('x')), -1);
    assert.equal(client.LastError, 10045);
    assert.equal(client.ReceiveFrom(Buffer.alloc(1), 1), -1);
    assert.equal(client.LastError, 10045);
    assert.equal(client.State, wsConnected);
  });

  it('a range beyond the buffer is refused before anything is sent', () => {
    const socket = listenUdp();
    const to = new TSockAddr('127.0.0.1', 9);
    assert.throws(() => socket.SendTo(to, Buffer.alloc(4), 5), RangeError);
    assert.equal(socket.SendTo(to, Buffer.alloc(4), -1), -1);
    assert.throws(() => socket.ReceiveFrom(Buffer.alloc(4), 5), RangeError);
    assert.equal(socket.WriteCount, 0);
  });

  it('nobody at the other end does no harm: the next datagrams go out and come in', async () => {
    const peer = await nodeUdp();
    const socket = newUdp(await freePort());
    let errors = 0;
    socket.OnError = () => {
      errors++;
    };
    let got = '';
    socket.OnDataAvailable = () => {
      got += socket.ReceiveStr();
    };
    socket.Connect();
    for (let i = 0; i < 20; i++) {
      assert.equal(socket.SendStr('anybody?'), 8);
      await drained();
    }
    await peer.send('here', Number(socket.LocalPort));
    await waitFor(() => got === 'here', 'a datagram');
    assert.equal(errors, 0);
    assert.equal(socket.State, wsConnected);
  });
});

describe('TSockAddr', () => {
  it('holds an address and a port, and takes others', () => {
    const address = new TSockAddr('127.0.0.1', '80');
    assert.deepEqual([address.Addr, address.Port], ['127.0.0.1', 80]);
    address.Assign('::1', 65535);
    assert.deepEqual([address.Addr, address.Port], ['::1', 65535]);
    const empty = new TSockAddr();
    assert.deepEqual([empty.Addr, empty.Port], ['', 0]);
  });

  it('raises 10022 for anything else and keeps what it has', () => {
    const address = new TSockAddr('127.0.0.1', 80);
    for (const [addr, port] of [
      ['localhost', 80],
      ['127.0.0.1', 65536],
      ['127.0.0.1', -1],
      ['127.0.0.1', 1.5],
      ['127.0.0.1', 'http'],
      ['127.0.0.1', ''],
      ['127.0.0.1', NaN],
      ['127.0.0.1\0', 80],
    ] as const) {
      assert.equal(raised(() => address.Assign(addr, port)).ErrorCode, 10022);
    }
    assert.deepEqual([address.Addr, address.Port], ['127.0.0.1', 80]);
  });
});
