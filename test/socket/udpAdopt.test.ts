// HSocket assigned with a UDP descriptor from outside.

import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { TWSocket, wsClosed, wsConnected } from '../../lib';
import { track, waitFor } from '../support';
import { runScript } from '../support/runScript';
import type { Script } from '../support/runScript';
import { listenUdp, newUdp, nodeUdp } from './udp';
import type { NodeUdp } from './udp';

function descriptorOf(socket: Socket): number {
  const isState = (symbol: symbol): boolean => symbol.description === 'state symbol';
  const state = Object.getOwnPropertySymbols(socket).find(isState)!;
  return (socket as unknown as Record<symbol, { handle: { fd: number } }>)[state]!.handle.fd;
}

function close(peer: NodeUdp): void {
  peer.socket.close();
  peer.socket.close = () => peer.socket;
}

/** The script has the only descriptor of the socket afterwards. */
function runWith(peer: NodeUdp, ...args: string[]): Script {
  const script = runScript('udpDescriptor', { args, descriptors: [descriptorOf(peer.socket)] });
  close(peer);
  return script;
}

describe('A UDP descriptor assigned to HSocket', () => {
  it('receives and answers like one of our own; Send without a target is -1', async () => {
    const outside = await nodeUdp();
    const script = runWith(outside);
    assert.equal(await script.printed('adopted'), '-1 10022');
    const peer = await nodeUdp();

    await peer.send('hello', outside.port);
    await waitFor(() => peer.received.length === 1, 'the echo');
    await peer.send('end', outside.port);

    assert.equal(String(peer.received[0]), 'echo hello');
    assert.equal(await script.printed('closed'), '0');
    assert.equal(await script.ended(), 0, script.stderr);
  });

  it('a connected one hears once that nobody is at the other end, and goes on', async () => {
    const outside = await nodeUdp();
    const gone = await nodeUdp();
    await new Promise<void>((resolve) => outside.socket.connect(gone.port, '127.0.0.1', resolve));
    close(gone);
    const script = runWith(outside, 'connected');

    assert.equal(await script.printed('adopted'), '5 0');
    assert.equal(await script.printed('error'), '10061');
    const back = await nodeUdp('127.0.0.1', 'udp4', gone.port);
    await back.send('hello', outside.port);
    await waitFor(() => back.received.length === 1, 'the echo');
    await back.send('end', outside.port);

    assert.equal(await script.ended(), 0, script.stderr);
    assert.equal(script.stdout.split('error').length, 2, script.stdout);
  });

  it('that another component has is refused', async () => {
    const server = listenUdp();
    const first = newUdp(server.GetXPort());
    first.Connect();
    const second = track(new TWSocket());

    assert.throws(() => (second.HSocket = first.HSocket), { ErrorCode: 10022 });

    assert.equal(first.State, wsConnected);
    assert.equal(second.State, wsClosed);
  });
});
