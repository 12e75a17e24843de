// The items of MultiListenSockets on their way to a server in another thread.
import { DropThreadTicket, type TThreadTicketItem } from '../socket/threadTicket';
import { TSocketState } from '../types';
import type { TCustomMultiListenWSocketServer } from './TCustomMultiListenWSocketServer';
import type { TWSocketMultiListenItem } from './TWSocketMultiListenItem';

const ITEM_PROPERTIES = [
  'addr',
  'port',
  'family',
  'explicitFamily',
  'SslEnable',
  'ReusePort',
  'assignedBacklog',
] as const;

/** What an item is, and a ticket of its listener unless it is closed. */
export function takeItem(item: TWSocketMultiListenItem, lifeMs: number): TThreadTicketItem {
  const { listener } = item;
  const Properties = Object.fromEntries(ITEM_PROPERTIES.map((name) => [name, item[name]]));
  if (listener.state !== TSocketState.wsListening) return { Properties, Ticket: null };
  if (listener.ThreadID !== 0) listener.ThreadDetach(); // opened while the server was detached
  listener.TicketTimeout = lifeMs;
  try {
    return { Properties, Ticket: listener.TakeThreadTicket() };
  } catch {
    return { Properties, Ticket: null }; // its descriptor was closed behind our back
  }
}

/** Makes the items anew; the first listener that cannot be attached is raised when all are tried. */
export function attachItems(
  server: TCustomMultiListenWSocketServer,
  items: readonly TThreadTicketItem[],
): void {
  const errors: unknown[] = [];
  if (!server.isDestroyed) server.MultiListenSockets.Clear();
  for (const { Properties, Ticket } of items) {
    if (server.isDestroyed) {
      if (Ticket) DropThreadTicket(Ticket);
      continue;
    }
    const item = server.MultiListenSockets.Add();
    const values = item as unknown as Record<string, unknown>;
    for (const name of ITEM_PROPERTIES) if (name in Properties) values[name] = Properties[name];
    if (!Ticket) continue;
    if (!server.hasRef()) item.listener.unref();
    try {
      item.listener.ThreadAttach(Ticket);
    } catch (E) {
      errors.push(E);
    }
  }
  if (errors.length > 0) throw errors[0];
}
