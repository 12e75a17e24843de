// Outgoing connections for the tests of this folder: a client, what it reports, and a plain Node
// server at the other end.

import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { SocketStateNames, TWSocket, wsClosed, wsConnected } from '../../lib';
import { onCleanup, track, waitFor } from '../support';

export function newClient(Port: number | string, Addr = '127.0.0.1'): TWSocket {
  return Object.assign(track(new TWSocket()), { Addr, Port: String(Port) });
}

/** Writes down what a socket reports, one line per event; earlier handlers still run, after it. */
export function recordSocket(socket: TWSocket): string[] {
  const lines: string[] = [];
  const { OnChangeState, OnSessionConnected, OnSessionClosed, OnDnsLookupDone } = socket;
  socket.OnChangeState = (Sender, before, after) => {
    lines.push(`${SocketStateNames[before]} ${SocketStateNames[after]}`);
    OnChangeState?.(Sender, before, after);
  };
  socket.OnSessionConnected = (Sender, ErrCode) => {
    lines.push(`OnSessionConnected ${ErrCode}`);
    OnSessionConnected?.(Sender, ErrCode);
  };
  socket.OnSessionClosed = (Sender, ErrCode) => {
    lines.push(`OnSessionClosed ${ErrCode}`);
    OnSessionClosed?.(Sender, ErrCode);
  };
  socket.OnDnsLookupDone = (Sender, ErrCode) => {
    lines.push(`OnDnsLookupDone ${ErrCode}`);
    OnDnsLookupDone?.(Sender, ErrCode);
  };
  return lines;
}

export interface Target {
  server: Server;
  port: number;
  /** Every connection so far, open or not. */
  sockets: Socket[];
}

/** A node:net server; it and its connections are gone after the test. */
export async function startTarget(
  onConnection: (socket: Socket) => void = () => undefined,
  host = '127.0.0.1',
  port = 0,
): Promise<Target> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  onCleanup(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { server, port: (server.address() as AddressInfo).port, sockets };
}

export const echoTarget = (): Promise<Target> =>
  startTarget((socket) => socket.on('data', (data) => socket.write(data)));

export async function connected(socket: TWSocket): Promise<void> {
  await waitFor(() => socket.State === wsConnected, 'the connection');
}

export async function closed(socket: TWSocket): Promise<void> {
  await waitFor(() => socket.State === wsClosed, 'the end of the connection');
}

/** Passes when an echoing peer returns what the socket sends. */
export async function expectAnswer(socket: TWSocket, text = 'ping'): Promise<void> {
  let got = '';
  socket.OnDataAvailable = () => {
    got += socket.ReceiveStr();
  };
  socket.SendStr(text);
  await waitFor(() => got === text, `the echo of "${text}"`);
}
