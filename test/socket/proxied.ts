// A TWSocket that connects to an echo server through a proxy, and what it reports, one readable
// line per event.

import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { SocketStateNames, TSocksAuthState, TWSocket } from '../../lib';
import { onCleanup, track, waitFor } from '../support';

/** A server of node:net on a free port of 127.0.0.1, closed with its connections after the test. */
export async function plainServer(
  talk: (peer: Socket) => void,
  host = '127.0.0.1',
): Promise<Server & { port: number }> {
  const peers = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (peer) => {
    peers.add(peer);
    peer.on('error', () => {});
    peer.on('close', () => peers.delete(peer));
    talk(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onCleanup(() => {
    server.close();
    for (const peer of peers) peer.destroy();
  });
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

export const echoServer = (host?: string): Promise<Server & { port: number }> =>
  plainServer((peer) => void peer.pipe(peer), host);

export interface Proxied {
  socket: TWSocket;
  /** `OnSocksConnected 0`, `OnChangeState Connecting Connected`, `OnSessionConnected 20008`, … */
  lines: string[];
  /** Everything OnDataAvailable has brought. */
  received: string[];
}

/** Not connected yet. States are recorded only when asked for. */
export function newProxied(port: number | string, addr = '127.0.0.1', states = false): Proxied {
  const socket = track(new TWSocket());
  const lines: string[] = [];
  const received: string[] = [];
  const note = (name: string) => (_sender: object, value: unknown) => {
    lines.push(`${name} ${String(value)}`);
  };
  socket.Addr = addr;
  socket.Port = port;
  if (states)
    socket.OnChangeState = (_s, before, after) => {
      lines.push(`OnChangeState ${SocketStateNames[before]} ${SocketStateNames[after]}`);
    };
  socket.OnSocksConnected = note('OnSocksConnected');
  socket.OnSocksAuthState = (_s, state) => {
    lines.push(`OnSocksAuthState ${TSocksAuthState[state]}`);
  };
  socket.OnSocksError = (_s, code, text) => {
    lines.push(`OnSocksError ${code} ${text}`);
  };
  socket.OnHttpTunnelConnected = note('OnHttpTunnelConnected');
  socket.OnHttpTunnelError = (_s, code, types, text) => {
    lines.push(`OnHttpTunnelError ${code} [${[...types].join()}] ${text}`);
  };
  socket.OnSessionConnected = note('OnSessionConnected');
  socket.OnSessionClosed = note('OnSessionClosed');
  socket.OnDataAvailable = () => {
    received.push(socket.ReceiveStr());
  };
  return { socket, lines, received };
}

/** Connects and waits for OnSessionConnected; its code. */
export async function outcome({ socket, lines }: Proxied): Promise<number> {
  const ready = (): string | undefined =>
    lines.find((line) => line.startsWith('OnSessionConnected'));
  socket.Connect();
  await waitFor(() => ready() !== undefined, `OnSessionConnected; so far ${lines.join(' | ')}`);
  return Number(ready()!.split(' ')[1]);
}

/** Sends a text and waits until all of it is back. */
export async function echoed({ socket, received }: Proxied, text: string): Promise<void> {
  socket.SendStr(text);
  await waitFor(() => received.join('').endsWith(text), `the echo of ${text}`);
}
