// Servers with more than one listener, for the tests of MultiListenSockets.

import type { TWSocketMultiListenItem, TWSocketServer } from '../../lib';
import { connect, newServer } from '../support';
import type { Peer } from '../support';

/** Adds a listener to the server; it does not listen yet. */
export function addItem(
  server: TWSocketServer,
  Addr = '127.0.0.1',
  Port = '0',
): TWSocketMultiListenItem {
  const item = server.MultiListenSockets.Add();
  item.Addr = Addr;
  item.Port = Port;
  return item;
}

/** A server with `count` items on 127.0.0.1, nothing listening yet. */
export function newMultiServer(
  count: number,
  props: Partial<TWSocketServer> = {},
): { server: TWSocketServer; items: TWSocketMultiListenItem[] } {
  const server = newServer(props);
  const items = Array.from({ length: count }, () => addItem(server));
  return { server, items };
}

/** The same, listening everywhere. */
export function startMultiServer(
  count: number,
  props: Partial<TWSocketServer> = {},
): { server: TWSocketServer; items: TWSocketMultiListenItem[] } {
  const made = newMultiServer(count, props);
  made.server.MultiListen();
  return made;
}

/** A peer of this listener: an item, or the server itself. */
export function connectTo(listener: { Addr: string; BindPort: string }): Promise<Peer> {
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listener.Addr] ?? listener.Addr;
  return connect({ host, port: Number(listener.BindPort) });
}
