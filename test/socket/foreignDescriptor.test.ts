// HSocket assigned with a descriptor that was opened outside the package: a connection works; a
// listening or UDP descriptor is taken as ICS Dup does and does no harm.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect as netConnect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onCleanup } from '../support';
import { runScript } from '../support/runScript';
import type { Script } from '../support/runScript';

interface WithDescriptor {
  _handle: { fd: number };
}

const descriptorOf = (owner: unknown): number => (owner as WithDescriptor)._handle.fd;

async function endsWell(script: Script): Promise<void> {
  assert.equal(await script.printed('busy'), 'false');
  assert.equal(await script.printed('state'), 'true');
  assert.equal(await script.ended(), 0, script.stderr);
}

describe('HSocket assigned with a descriptor from outside', () => {
  it('[H-75] a connection: State wsConnected, data flows, Close works', async () => {
    const listener = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const socket = netConnect(port, '127.0.0.1');
    onCleanup(() => socket.destroy());
    const accepted = await new Promise<unknown>((resolve) => listener.once('connection', resolve));
    onCleanup(() => (accepted as { destroy(): void }).destroy());
    listener.close();

    const script = runScript('foreignDescriptor', { descriptors: [descriptorOf(accepted)] });
    assert.equal(await script.printed('adopted'), '3 true');
    socket.write('hello');
    assert.equal(await script.printed('data'), 'hello');
    script.child.stdin!.write('end\n');
    await endsWell(script);
  });

  it('[H-75] a listening descriptor: adopted, no crash, no spin', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;

    const script = runScript('foreignDescriptor', { descriptors: [descriptorOf(listener)] });
    listener.close();
    assert.equal(await script.printed('adopted'), '3 true');
    // Now the descriptor is readable, although nothing can be received from it.
    const waiting = netConnect(port, '127.0.0.1');
    waiting.on('error', () => undefined);
    onCleanup(() => waiting.destroy());
    await new Promise((resolve) => waiting.once('connect', resolve));
    script.child.stdin!.write('end\n');
    await endsWell(script);
  });

  it('[H-75] a UDP descriptor: adopted, no crash, no spin', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    onCleanup(() => socket.close());

    const handle = (socket as unknown as Record<symbol, { handle: { fd: number } }>)[
      Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'state symbol')!
    ]!.handle;
    const script = runScript('foreignDescriptor', { descriptors: [handle.fd] });
    assert.equal(await script.printed('adopted'), '3 true');
    script.child.stdin!.write('end\n');
    await endsWell(script);
  });
});
