// BandwidthLimit changed on a live connection, on many at once, on an outgoing one, and on UDP.
import assert from 'node:assert/strict';
import { TWSocket, type TWSocketClient } from '../../lib';
import { startServer, track, waitFor } from '../support';
import { pairs } from '../support/pair';
import { accepted, pattern } from './accepted';
import { connected, Meter } from './timed';

const DEADLINE = 25_000;

describe('BandwidthLimit of a live connection', () => {
  it('begins at once and ends at once', async () => {
    const { client, peer } = await accepted();
    client.Send(Buffer.alloc(5_000));
    assert.equal(client.WriteCount, 5_000);

    client.BandwidthLimit = 1_000;
    client.Send(Buffer.alloc(20_000));
    assert.equal(client.WriteCount, 6_000);
    assert.equal(client.BufferedByteCount, 19_000);

    client.BandwidthLimit = 0;
    assert.equal(client.BufferedByteCount, 0);
    await waitFor(() => peer.bytes().length === 25_000, 'all bytes');
  });

  it('reports input that waited when the limit ends', async () => {
    const { client, peer } = await accepted();
    let received = 0;
    client.OnDataAvailable = () => void (received += client.ReceiveTB().length);
    client.BandwidthLimit = 1_000;
    peer.write(Buffer.alloc(30_000));
    await waitFor(() => received === 1_000, 'the first portion');
    client.BandwidthLimit = 0;
    await waitFor(() => received === 30_000, 'the rest', 900);
  });

  it('takes another value with the next portion', async () => {
    const { client, peer } = await accepted();
    client.BandwidthSampling = 500;
    client.BandwidthLimit = 2_000;
    client.Send(Buffer.alloc(50_000));
    client.BandwidthLimit = 200_000;
    assert.equal(client.WriteCount, 1_000);
    await waitFor(() => peer.bytes().length === 50_000, 'all bytes', 8_000);
  });

  it('rests with a detached component and goes on when it is attached', async () => {
    const { client, peer } = await accepted();
    client.BandwidthSampling = 500;
    client.BandwidthLimit = 8_000;
    client.Send(pattern(10_000));
    client.ThreadDetach();
    client.BandwidthLimit = 10_000;
    client.ThreadAttach();
    await waitFor(() => peer.bytes().length === 10_000, 'all bytes', DEADLINE);
    assert.ok(peer.bytes().equals(pattern(10_000)));
  });

  it('holds for 60 connections at once, and every byte arrives', async () => {
    const server = startServer({ BandwidthLimit: 20_000, BandwidthSampling: 500 });
    const all = await pairs(server, 60);
    const meter = new Meter(20_000, 500);
    const data = pattern(15_000);
    const received = new Map<TWSocketClient, number>();
    for (const { client, peer } of all) {
      client.OnDataAvailable = () => {
        received.set(client, (received.get(client) ?? 0) + client.ReceiveTB().length);
      };
      client.Send(data);
      peer.write(data);
    }
    const complete = (): boolean =>
      all.every(
        ({ client, peer }) =>
          received.get(client) === data.length && peer.bytes().length === data.length,
      );
    await waitFor(complete, 'all bytes of all', DEADLINE);
    for (const { peer } of all) assert.ok(peer.bytes().equals(data));
    // The first portion may have begun before the measurement.
    assert.ok(meter.elapsed >= meter.shortest(2 * data.length) - 500, `${meter.elapsed} ms`);
  });

  it('holds for an outgoing connection', async () => {
    const server = startServer();
    let received = 0;
    server.OnClientConnect = (_server, client) => {
      client.OnDataAvailable = () => void (received += client.ReceiveTB().length);
    };
    const socket = track(new TWSocket());
    const meter = new Meter(10_000, 500);
    socket.BandwidthLimit = 10_000;
    socket.BandwidthSampling = 500;
    await connected(socket, server.GetXPort());
    socket.Send(Buffer.alloc(20_000));
    await waitFor(() => received === 20_000, 'all bytes', DEADLINE);
    assert.ok(meter.elapsed >= meter.shortest(20_000));
  });

  it('does not concern UDP', async () => {
    const receiver = track(new TWSocket());
    Object.assign(receiver, { Addr: '127.0.0.1', Port: '0', Proto: 'udp' });
    let received = 0;
    receiver.OnDataAvailable = () => void (received += receiver.ReceiveTB().length);
    receiver.Listen();
    const sender = track(new TWSocket());
    Object.assign(sender, { Addr: '127.0.0.1', Port: receiver.GetXPort(), Proto: 'udp' });
    sender.BandwidthLimit = 10;
    sender.Connect();
    for (let i = 0; i < 10; i++) sender.Send(Buffer.alloc(500));
    await waitFor(() => received === 5_000, 'all datagrams');
  });
});
