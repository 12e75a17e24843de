// The kernel takes only a part of what is sent, again and again, of every size: a small send buffer
// and a peer that reads in odd portions. The stream stays intact.

import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import type { Socket } from 'node:net';
import type { TWSocketClient } from '../../lib';
import { onCleanup, portOf, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { pattern } from '../socket/accepted';

const SMALLEST_BUFFER = 1; // the kernel makes 4.5 KiB of it
const TOTAL = 2 * 1024 * 1024;

interface Transfer {
  client: TWSocketClient;
  socket: Socket;
  received: Buffer[];
  /** Bytes of each physical write. */
  writes: number[];
}

/** Reads in portions of 1 byte to 100 KB, then looks away for a turn. */
function readSlowly(socket: Socket, received: Buffer[]): void {
  let portion = 1;
  const read = (): void => {
    portion = (portion * 7) % 100_003;
    const bytes = (socket.read(Math.min(portion, socket.readableLength || 1)) ??
      socket.read()) as Buffer | null;
    if (bytes) received.push(bytes);
    if (!socket.destroyed) setImmediate(read);
  };
  setImmediate(read);
}

async function startTransfer(): Promise<Transfer> {
  const server = await attackedServer();
  const writes: number[] = [];
  server.OnClientConnect = (_Sender, Client) => {
    Client.SocketSndBufSize = SMALLEST_BUFFER;
    Client.OnSendData = (_Socket, BytesSent) => void writes.push(BytesSent);
  };
  const socket = netConnect({ port: portOf(server), host: '127.0.0.1' });
  onCleanup(() => socket.destroy());
  await waitFor(() => visitors(server).length === 1, 'the client');
  return { client: visitors(server)[0]!, socket, received: [], writes };
}

function size(buffers: Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}

/** How the program hands over its data. */
const SENDERS: Record<string, (client: TWSocketClient, data: Buffer) => void> = {
  'one Send of everything': (client, data) => void client.Send(data),
  'Sends of every size': (client, data) => {
    for (let offset = 0, length = 1; offset < data.length; length = (length * 5) % 9973) {
      offset += client.Send(data.subarray(offset, offset + length));
    }
  },
  'thousands of Sends of one to nine bytes, then the rest': (client, data) => {
    let offset = 0;
    for (let i = 0; i < 5000; i++)
      offset += client.Send(data.subarray(offset, offset + 1 + (i % 9)));
    client.Send(data.subarray(offset));
  },
  'PutDataInSendBuffer and a Send': (client, data) => {
    const half = data.length >> 1;
    client.PutDataInSendBuffer(data.subarray(0, half));
    client.Send(data.subarray(half));
  },
  SendStrA: (client, data) => void client.SendStrA(data.toString('latin1')),
};

describe('Short writes', function () {
  this.timeout(30_000);

  for (const [how, send] of Object.entries(SENDERS)) {
    it(`[H-44] ${how}: the peer gets exactly these bytes`, async () => {
      const { client, socket, received, writes } = await startTransfer();
      const data = pattern(TOTAL);

      send(client, data);
      assert.ok(client.BufferedByteCount > 0, 'the kernel did not take everything');
      readSlowly(socket, received);
      await waitFor(() => size(received) >= TOTAL, 'all bytes', 20_000);

      assert.ok(Buffer.concat(received).equals(data));
      assert.equal(client.BufferedByteCount, 0);
      assert.equal(client.WriteCount, TOTAL);
      assert.equal(
        writes.reduce((sum, bytes) => sum + bytes, 0),
        TOTAL,
        'OnSendData reports every write',
      );
      // How many depends on how quickly the peer reads on this machine.
      assert.ok(writes.length > 3, `only ${writes.length} writes`);
    });
  }

  it('[H-44] Sends between the short writes keep the order', async () => {
    const { client, socket, received } = await startTransfer();
    const data = pattern(TOTAL);
    let offset = client.Send(data.subarray(0, 1_000_000));
    client.OnSendData = () => {
      const begin = offset;
      offset += 7777; // before Send, which may fire OnSendData again
      if (begin < TOTAL) client.Send(data.subarray(begin, offset));
    };
    readSlowly(socket, received);
    await waitFor(() => size(received) >= TOTAL, 'all bytes', 20_000);
    assert.ok(Buffer.concat(received).equals(data));
  });
});
