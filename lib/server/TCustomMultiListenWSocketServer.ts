// A server that listens on several addresses and ports (ICS: TCustomMultiListenWSocketServer in
// OverbyteIcsWSocketS.pas): its own Addr and Port, and the items of MultiListenSockets.
//
//  - Clients, MaxClients, banners and events are the server's, whoever has accepted.
//  - One listener's failure leaves the others alone.
import {
  INVALID_SOCKET,
  SocketFamilyNames,
  SocketStateNames,
  TSocketState,
  type TSocketFamily,
} from '../types';
import { EIcsException, WSAEINVAL } from '../errors';
import { DESTROYING } from '../socket/socketFlags';
import type { TCustomWSocket } from '../socket/TCustomWSocket';
import type { TThreadTicket } from '../socket/threadTicket';
import { TCustomWSocketServer } from './TCustomWSocketServer';
import type { TWSocketClient } from './TWSocketClient';
import { TWSocketMultiListenCollection } from './TWSocketMultiListenCollection';
import {
  TWSocketMultiListenItem,
  type TWSocketMultiListenItemClass,
} from './TWSocketMultiListenItem';
import { ItemListener } from './itemListener';
import { attachItems, takeItem } from './itemTickets';

const CRLF = '\r\n';

export class TCustomMultiListenWSocketServer extends TCustomWSocketServer {
  #sockets: TWSocketMultiListenCollection | null = null;
  #index = -1;
  /** The listener whose events are being dispatched, null outside such a dispatch. */
  #listener: TCustomWSocket | null = null;

  /** Listeners besides Addr and Port. Assigning another collection copies its items. */
  get MultiListenSockets(): TWSocketMultiListenCollection {
    return (this.#sockets ??= new TWSocketMultiListenCollection(this, this.MultiListenItemClass()));
  }

  set MultiListenSockets(value: TWSocketMultiListenCollection) {
    this.MultiListenSockets.Assign(value);
  }

  /**
   * The listener that accepts now or has accepted last: -1 the server's own, else the index into
   * MultiListenSockets. In OnSessionClosed of an item it is that item's.
   */
  get MultiListenIndex(): number {
    return this.#index;
  }

  /** Class of the items; descendants return their own. Asked once. */
  protected MultiListenItemClass(): TWSocketMultiListenItemClass {
    return TWSocketMultiListenItem;
  }

  // ---- Listening -----------------------------------------------------------------------------

  /** Listens on Addr and Port only; see MultiListen. */
  override Listen(): void {
    this.#index = -1;
    super.Listen();
  }

  /**
   * Listens on Addr and Port and on all items that do not listen yet. The first exception ends it:
   * later items are not tried, earlier ones stay open. MultiListenEx tries all.
   */
  MultiListen(): void {
    if (this.State !== TSocketState.wsListening) this.Listen();
    for (const item of this.items())
      if (item.State !== TSocketState.wsListening && this.has(item)) item.Listen();
  }

  /**
   * MultiListen that tries every listener. The result is '' or one line (joined by CRLF) for each
   * one that failed. With OnError or OnException assigned nothing is raised, so nothing is
   * reported here; ask ListenAllOK then.
   */
  MultiListenEx(): string {
    const failures: string[] = [];
    const attempt = (listener: { Addr: string; Port: string; Listen(): void }, n: number): void => {
      try {
        listener.Listen();
      } catch (E) {
        const text = E instanceof Error ? E.message : String(E);
        failures.push(
          `Socket ${n} Listen Failed: ${listener.Addr} port ${listener.Port} - ${text}`,
        );
      }
    };
    if (this.State !== TSocketState.wsListening) attempt(this, 1);
    for (const item of this.items())
      if (item.State !== TSocketState.wsListening && this.has(item)) attempt(item, item.Index + 2);
    return failures.join(CRLF);
  }

  /** Stops listening on Addr and Port; items go on, clients stay. */
  override Close(): void {
    this.#index = -1;
    super.Close();
  }

  /**
   * Stops listening everywhere; clients stay. What a handler throws is raised when all listeners
   * are closed.
   */
  MultiClose(): void {
    const errors: unknown[] = [];
    for (const listener of [this, ...this.items()])
      try {
        if (listener.State !== TSocketState.wsClosed) listener.Close();
      } catch (E) {
        errors.push(E);
      }
    if (errors.length > 0) throw errors[0];
  }

  /** True when the server and every item listen. */
  ListenAllOK(): boolean {
    return this.listeners().every(({ State }) => State === TSocketState.wsListening);
  }

  /** True when the server or any item listens. */
  ListenAny(): boolean {
    return this.listeners().some(({ State }) => State === TSocketState.wsListening);
  }

  /** A line, ended by CRLF, for every listener: number, state, family, address, port, SSL. */
  ListenStates(): string {
    const own = stateLine(1, this, this.mainUsesSsl());
    const lines = this.items().map((item, index) => stateLine(index + 2, item, item.SslEnable));
    return [own, ...lines].join('');
  }

  /**
   * Accepts one connection of the listener MultiListenIndex names: its descriptor, or -1. Meant for
   * OnSessionAvailable.
   */
  override Accept(): number {
    const listener = this.#listener ?? this.listenerAt(this.#index);
    if (listener instanceof ItemListener) {
      const descriptor = listener.Accept();
      if (descriptor < 0) this.LastError = listener.item.LastError = listener.LastError;
      return descriptor;
    }
    if (listener) return super.Accept();
    this.SocketError('not a listening socket', WSAEINVAL); // the item was deleted
    return INVALID_SOCKET;
  }

  // ---- Life ----------------------------------------------------------------------------------

  /** Closes the items, frees the clients, closes the server's own listener. */
  override Destroy(): void {
    if (this.isDestroyed) return;
    this.flags |= DESTROYING; // items fire no OnSessionClosed any more
    this.#sockets?.Free();
    super.Destroy();
  }

  override unref(): this {
    for (const item of this.items()) item.listener.unref();
    return super.unref();
  }

  override ref(): this {
    for (const item of this.items()) item.listener.ref();
    return super.ref();
  }

  override ThreadDetach(): void {
    super.ThreadDetach();
    this.#index = -1;
    for (const { listener } of this.items()) if (listener.ThreadID !== 0) listener.ThreadDetach();
  }

  /**
   * As ThreadAttach of a socket. A ticket brings all listeners of the server it was taken from: items
   * this server has already are replaced (EIcsException when one of them listens).
   */
  override ThreadAttach(Ticket: TThreadTicket | null = null): void {
    const arriving = Ticket?.Items ?? null;
    if (arriving && this.items().some(({ State }) => State !== TSocketState.wsClosed))
      throw new EIcsException('Cannot attach a ticket when not closed', 'ETICKET');
    super.ThreadAttach(Ticket);
    this.#index = -1;
    for (const { listener } of this.items()) if (listener.ThreadID === 0) listener.ThreadAttach();
    if (arriving) attachItems(this, arriving);
  }

  /**
   * Addition: as TakeThreadTicket of a socket; the ticket carries the items of MultiListenSockets as
   * well. The server itself must listen. Clients stay with this object, each is moved on its own.
   */
  override TakeThreadTicket(): TThreadTicket {
    const ticket = super.TakeThreadTicket();
    return { ...ticket, Items: this.items().map((item) => takeItem(item, this.TicketTimeout)) };
  }

  // ---- Accepting -----------------------------------------------------------------------------

  override onSocketEvent(events: number, error: number): void {
    const outer = this.enterListener(this);
    try {
      super.onSocketEvent(events, error);
    } finally {
      this.leaveListener(outer);
    }
  }

  /** @internal Events of `listener` follow. Handlers may pump, so calls may be nested. */
  enterListener(listener: TCustomWSocket): TCustomWSocket | null {
    const outer = this.#listener;
    this.#listener = listener;
    this.#index = indexOf(listener);
    return outer;
  }

  /** @internal They are over; a dispatch they have interrupted goes on. */
  leaveListener(outer: TCustomWSocket | null): void {
    this.#listener = outer;
    if (outer) this.#index = indexOf(outer);
  }

  // A handler of the connection before may have moved the index.
  override TriggerSessionAvailable(ErrCode: number): void {
    this.#index = indexOf(this.acceptingListener());
    super.TriggerSessionAvailable(ErrCode);
  }

  protected override acceptingListener(): TCustomWSocket {
    return this.#listener ?? this;
  }

  protected override assignListener(client: TWSocketClient): void {
    const listener = this.acceptingListener();
    if (!(listener instanceof ItemListener)) {
      super.assignListener(client);
      return;
    }
    client.MultiListenIdx = listener.item.Index;
    client.CServerAddr = listener.item.Addr;
    client.CServerPort = listener.bindPort;
  }

  /** @internal Does the server's own listener use TLS? */
  protected mainUsesSsl(): boolean {
    return false;
  }

  /** @internal */
  markListener(index: number): void {
    this.#index = index;
  }

  /** @internal An item was closed: tells it as OnSessionClosed, with MultiListenIndex naming it. */
  itemClosed(item: TWSocketMultiListenItem, ErrCode: number): void {
    if (this.flags & DESTROYING) return;
    this.#index = item.Index;
    if (this.OnSessionClosed) this.watch(this.OnSessionClosed(this, ErrCode));
  }

  private items(): TWSocketMultiListenItem[] {
    return this.#sockets ? [...this.#sockets] : [];
  }

  private listeners(): { State: TSocketState }[] {
    return [this, ...this.items()];
  }

  // Handlers may have deleted an item, or freed the server, while the items are walked.
  private has(item: TWSocketMultiListenItem): boolean {
    return item.OwnerServer === this && !this.isDestroyed;
  }

  private listenerAt(index: number): TCustomWSocket | null {
    return index < 0 ? this : (this.items()[index]?.listener ?? null);
  }
}

function indexOf(listener: TCustomWSocket): number {
  return listener instanceof ItemListener ? listener.item.Index : -1;
}

interface ShownListener {
  readonly State: TSocketState;
  readonly SocketFamily: TSocketFamily;
  readonly Addr: string;
  readonly Port: string;
  readonly BindPort: string;
}

function stateLine(n: number, listener: ShownListener, ssl: boolean): string {
  const { State, SocketFamily, Addr, Port, BindPort } = listener;
  const state = SocketStateNames[State];
  const port = State === TSocketState.wsListening ? BindPort : Port;
  const end = ssl ? ' SSL' : '';
  return `Socket ${n} State: ${state} ${SocketFamilyNames[SocketFamily]} on ${Addr} port ${port}${end}${CRLF}`;
}
