// Clients that hardly read. A connection on which nothing moves is found by TimeoutIdle, one that is
// closing by CloseFlushTimeout; a thousand of them do not hold up one that reads.

import assert from 'node:assert/strict';
import { TWSocket, wsConnected } from '../../lib';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, portOf, track, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';

const MANY = 1000;
const FOR_EACH = Buffer.alloc(128 * 1024, 's');
const BLOCK = Buffer.alloc(64 * 1024, 'f');
const BLOCKS = 512;
const SMALL_BUFFER = 4096;

/** A peer that reads only when it is told to. */
async function slowReader(port: number): Promise<TWSocket> {
  const reader = track(new TWSocket());
  Object.assign(reader, { Addr: '127.0.0.1', Port: String(port), OnDataAvailable: null });
  const connected = new Promise<void>((resolve) => {
    reader.OnSessionConnected = () => {
      reader.SocketRcvBufSize = SMALL_BUFFER;
      reader.Pause();
      resolve();
    };
  });
  reader.Connect();
  await connected;
  return reader;
}

/** Reads a byte per second from now on; the function ends it. */
function readBytePerSecond(reader: TWSocket): () => void {
  const byte = Buffer.alloc(1);
  const timer = setInterval(() => void reader.Receive(byte, 1), 1000);
  return () => clearInterval(timer);
}

/** Sends until the own queue holds a good deal. */
function fill(client: TWSocketClient): void {
  while (client.BufferedByteCount < 1024 * 1024) client.Send(BLOCK);
}

async function served(server: TWSocketServer, prepare: (client: TWSocketClient) => void) {
  let client: TWSocketClient | null = null;
  server.OnClientConnect = (_server, newClient) => {
    client = newClient;
    prepare(newClient);
  };
  const reader = await slowReader(portOf(server));
  await waitFor(() => client !== null, 'the client');
  return { reader, client: client as unknown as TWSocketClient };
}

describe('A client that reads a byte per second', function () {
  this.timeout(60_000);

  it('[H-41] has its OnTimeout as soon as nothing moves for TimeoutIdle; the others go on', async () => {
    const server = await attackedServer();
    const timeouts: number[] = [];
    const { reader, client } = await served(server, (newClient) => {
      newClient.TimeoutSampling = 1000;
      newClient.TimeoutIdle = 2500;
      newClient.OnTimeout = (_sender, reason) => {
        timeouts.push(reason);
        newClient.Abort();
      };
    });
    const stop = readBytePerSecond(reader);
    try {
      fill(client);
      await waitFor(() => visitors(server).length === 0, 'the end', 20_000);
    } finally {
      stop();
    }
    assert.equal(timeouts.length, 1);
  });

  it('[H-41] cannot hold a closing connection longer than CloseFlushTimeout', async () => {
    const server = await attackedServer();
    const { reader, client } = await served(server, (newClient) => {
      newClient.CloseFlushTimeout = 2500;
    });
    const stop = readBytePerSecond(reader);
    try {
      fill(client);
      client.CloseDelayed();
      await waitFor(() => visitors(server).length === 0, 'the end', 20_000);
    } finally {
      stop();
    }
    assert.ok(client.DroppedByteCount > 0, 'what it did not read was dropped');
  });
});

describe('A thousand clients that read slowly', function () {
  this.timeout(90_000);

  it('[H-42] do not hold up one that reads, and get all their bytes in the end', async () => {
    const server = await attackedServer();
    server.OnClientConnect = (_server, client) => {
      client.SocketSndBufSize = SMALL_BUFFER;
      client.Send(FOR_EACH);
    };
    const readers: TWSocket[] = [];
    while (readers.length < MANY) readers.push(await slowReader(portOf(server)));
    await waitFor(() => visitors(server).length === MANY, 'all of them');
    const portion = Buffer.alloc(512);
    const slowly = setInterval(() => readers.forEach((reader) => reader.Receive(portion)), 250);
    try {
      await fastOne(server);
    } finally {
      clearInterval(slowly);
    }
    await allGet(readers);
  });
});

/** 32 MB and an echo, while the others read next to nothing. */
async function fastOne(server: TWSocketServer): Promise<void> {
  server.OnClientConnect = (_server, client) => {
    let left = BLOCKS;
    client.OnDataSent = () => {
      if (left-- > 0) client.Send(BLOCK);
    };
  };
  const peer = await connect(server);
  let received = 0;
  peer.socket.removeAllListeners('data').on('data', (bytes: Buffer) => (received += bytes.length));
  await waitFor(() => received === BLOCKS * BLOCK.length, 'all bytes of the fast one', 30_000);
  let waiting = 0;
  for (let i = 0; i < server.ClientCount; i++)
    if (server.Client[i]!.BufferedByteCount > 0) waiting++;
  assert.ok(waiting > MANY / 2, `only ${waiting} of the slow ones are still waiting`);
  server.OnClientConnect = (_server, client) => echo(client);
  await expectEcho(await connect(server));
}

async function allGet(readers: readonly TWSocket[]): Promise<void> {
  const block = Buffer.alloc(64 * 1024);
  for (const reader of readers) {
    reader.OnDataAvailable = () => void reader.Receive(block);
    reader.Resume();
  }
  const complete = (reader: TWSocket): boolean => reader.ReadCount === FOR_EACH.length;
  await waitFor(() => readers.every(complete), 'the bytes of the slow ones', 30_000);
  assert.ok(readers.every((reader) => reader.State === wsConnected));
}
