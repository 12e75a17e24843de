// The usual subject of the tests in this folder: one accepted connection and its peer.
//
//  - accepted() takes the connection from a TWSocketServer (a TWSocketClient).
//  - acceptedByHand() takes it from a listening TWSocket: Accept, then HSocket of a second TWSocket.
//
// setup runs where a Delphi program assigns its handlers, before any data can arrive. In tests of
// [H-20] to [H-104] accepted() has a bystander on the same server.
import { TCustomLineWSocket, TWSocket, TWSocketClient, TWSocketServer } from '../../lib';
import { connect, Peer, track } from '../support';
import { attackedServer, visitors } from '../support/bystander';

export interface Accepted {
  server: TWSocketServer;
  client: TWSocketClient;
  peer: Peer;
}

export async function accepted(
  setup: (client: TWSocketClient) => void = () => {},
  props: Partial<TWSocketServer> = {},
): Promise<Accepted> {
  const server = await attackedServer(props);
  const arrived = new Promise<TWSocketClient>((resolve) => {
    server.OnClientConnect = (_server, client) => {
      setup(client);
      resolve(client);
    };
  });
  const peer = await connect(server);
  return { server, client: await arrived, peer };
}

/** Have all clients left but the bystanders? */
export function isDeserted(server: TWSocketServer): boolean {
  return visitors(server).length === 0;
}

export async function acceptedByHand(
  setup: (socket: TWSocket) => void = () => {},
): Promise<{ listener: TWSocket; client: TWSocket; peer: Peer }> {
  const listener = track(new TWSocket());
  const client = track(new TWSocket());
  setup(client);
  listener.Addr = '127.0.0.1';
  listener.Port = '0';
  const arrived = new Promise<void>((resolve) => {
    listener.OnSessionAvailable = () => {
      client.HSocket = listener.Accept();
      resolve();
    };
  });
  listener.Listen();
  const peer = await connect(Number(listener.GetXPort()));
  await arrived;
  return { listener, client, peer };
}

/** Every OnDataAvailable appends what ReceiveStr returns; the list is returned at once. */
export function receiveStrings(client: TCustomLineWSocket): string[] {
  const received: string[] = [];
  client.OnDataAvailable = () => {
    received.push(client.ReceiveStr());
  };
  return received;
}

/** Lets the event loop go round, so that what was just written arrives as a segment of its own. */
export async function turns(count = 2): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Sends to a peer that does not read until our own queue holds more than `wanted` bytes. */
export function fillSendQueue(client: TCustomLineWSocket, wanted: number): number {
  const block = Buffer.alloc(64 * 1024, 'q');
  let sent = 0;
  while (client.BufferedByteCount <= wanted) {
    if (sent > 128 * 1024 * 1024) throw new Error('the kernel takes everything, nothing queues up');
    sent += client.Send(block);
  }
  return sent;
}

/** Bytes in which every position is recognizable, so that loss and disorder show. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = (i + (i >> 8) * 7 + (i >> 16) * 13) & 0xff;
  return bytes;
}
