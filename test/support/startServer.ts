// A listening server for one test: loopback, a port chosen by the kernel, no banner.

import { TWSocketServer } from '../../lib';
import type { TComponent } from '../../lib';
import { track } from './cleanup';

type ServerConstructor<T extends TWSocketServer> = new (Owner?: TComponent | null) => T;

/** Assigns `props` over the test defaults and listens; the server is freed after the test. */
export function startServer(props?: Partial<TWSocketServer>): TWSocketServer;
export function startServer<T extends TWSocketServer>(
  props: Partial<T>,
  ServerClass: ServerConstructor<T>,
): T;
export function startServer(
  props: Partial<TWSocketServer> = {},
  ServerClass: ServerConstructor<TWSocketServer> = TWSocketServer,
): TWSocketServer {
  const server = newServer(props, ServerClass);
  server.Listen();
  return server;
}

/** The same server before Listen. */
export function newServer(
  props: Partial<TWSocketServer> = {},
  ServerClass: ServerConstructor<TWSocketServer> = TWSocketServer,
): TWSocketServer {
  const server = track(new ServerClass());
  Object.assign(server, { Addr: '127.0.0.1', Port: '0', Proto: 'tcp', Banner: '' }, props);
  return server;
}

/** The port the kernel has chosen, as a number. */
export function portOf(server: TWSocketServer): number {
  return Number(server.GetXPort());
}
