// Datagram sockets for the tests of this folder, and plain Node ones to talk to.

import { createSocket } from 'node:dgram';
import type { Socket, SocketType } from 'node:dgram';
import { TSockAddr, TWSocket } from '../../lib';
import { onCleanup, track } from '../support';

/** A component with Proto 'udp' that listens on a port of the system's choice. */
export function listenUdp(props: Partial<TWSocket> = {}): TWSocket {
  const socket = newUdp('0', props);
  socket.Listen();
  return socket;
}

export function newUdp(Port: number | string, props: Partial<TWSocket> = {}): TWSocket {
  const socket = track(new TWSocket());
  return Object.assign(socket, { Proto: 'udp', Addr: '127.0.0.1', Port: String(Port) }, props);
}

/** Answers every datagram with itself; returns what it has received. */
export function echoUdp(socket: TWSocket): Buffer[] {
  const received: Buffer[] = [];
  const from = new TSockAddr();
  const buffer = Buffer.alloc(65536);
  socket.OnDataAvailable = () => {
    const size = socket.ReceiveFrom(buffer, buffer.length, from);
    if (size < 0) return;
    received.push(Buffer.from(buffer.subarray(0, size)));
    socket.SendTo(from, buffer, size);
  };
  return received;
}

export interface NodeUdp {
  socket: Socket;
  port: number;
  /** Every datagram so far, with its sender as `address:port`. */
  received: Buffer[];
  senders: string[];
  send(data: string | Buffer, port: number, address?: string): Promise<void>;
}

export async function nodeUdp(
  address = '127.0.0.1',
  type: SocketType = 'udp4',
  port = 0,
): Promise<NodeUdp> {
  const socket = createSocket(type);
  const peer: NodeUdp = {
    socket,
    port: 0,
    received: [],
    senders: [],
    send: (data, port, to = address) =>
      new Promise((resolve, reject) => {
        socket.send(data, port, to, (error) => (error ? reject(error) : resolve()));
      }),
  };
  socket.on('message', (message, from) => {
    peer.received.push(message);
    peer.senders.push(`${from.address}:${from.port}`);
  });
  onCleanup(() => socket.close());
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  peer.port = socket.address().port;
  return peer;
}
