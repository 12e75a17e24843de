// One more address and port a server listens on (ICS: TWSocketMultiListenItem in
// OverbyteIcsWSocketS.pas). Made by MultiListenSockets.Add; freeing it closes it.
//
//  - Its connections are clients of the server like all others; their MultiListenIdx is Index.
//  - State changes fire no OnChangeState; closing fires OnSessionClosed of the server.
import type { TCollection } from '../base/TCollection';
import { numberProblem } from '../base/numberProperties';
import { TCollectionItem } from '../base/TCollectionItem';
import type { TPersistent } from '../base/TPersistent';
import { ESocketException, WSAEINVAL, WSocketErrorDesc } from '../errors';
import { FD_ACCEPT, FD_CLOSE } from '../native';
import { literalFamily } from '../socket/names';
import { PAUSED } from '../socket/socketFlags';
import { DefaultSocketFamily, TSocketState, type TSocketFamily } from '../types';
import type { TCustomMultiListenWSocketServer } from './TCustomMultiListenWSocketServer';
import { ItemListener } from './itemListener';

export type TWSocketMultiListenItemClass<
  T extends TWSocketMultiListenItem = TWSocketMultiListenItem,
> = new (Collection: TCollection | null) => T;

export class TWSocketMultiListenItem extends TCollectionItem {
  /** TLS for connections accepted here. Without effect in TWSocketServer. Default False. */
  declare SslEnable: boolean;
  /** Addition: as ReusePort of the server, for this item. Default False. */
  declare ReusePort: boolean;
  /** Last error of this item as a Windows number; 0 at the start of Listen. */
  declare LastError: number;
  /** @internal */
  declare addr: string;
  /** @internal */
  declare port: string;
  /** @internal */
  declare family: TSocketFamily;
  /** @internal The family the application set itself. */
  declare explicitFamily: TSocketFamily;
  /** @internal */
  declare assignedBacklog: number | undefined;
  /** @internal */
  declare ownListener: ItemListener | null;

  // ---- Properties ----------------------------------------------------------------------------

  /** Like Addr of the server, but may be changed at any time; the next Listen uses it. */
  get Addr(): string {
    return this.addr;
  }

  set Addr(value: string) {
    this.addr = String(value).trim();
    this.family = literalFamily(this.addr) ?? this.explicitFamily;
  }

  /** Port number or service name, as text (a number is accepted too). Default ''. */
  get Port(): string {
    return this.port;
  }

  set Port(value: string | number) {
    this.port = String(value).trim();
  }

  /** IP versions that may be used. Default sfIPv4; a literal Addr sets it. */
  get SocketFamily(): TSocketFamily {
    return this.family;
  }

  set SocketFamily(value: TSocketFamily) {
    this.family = this.explicitFamily = value;
  }

  /** As ListenBacklog of the server: reads 15 until assigned. */
  get ListenBacklog(): number {
    return this.assignedBacklog ?? 15;
  }

  set ListenBacklog(value: number) {
    const problem = numberProblem('ListenBacklog', value);
    if (problem !== '') throw new ESocketException(problem);
    this.assignedBacklog = value;
  }

  /** wsListening or wsClosed. */
  get State(): TSocketState {
    return this.listener.state;
  }

  /** The system's descriptor, -1 when the item does not listen. */
  get HSocket(): number {
    return this.listener.HSocket;
  }

  /** Numeric value of Port while the item listens; 0 for a dynamic port. */
  get PortNum(): number {
    return this.State === TSocketState.wsListening ? this.listener.PortNum : 0;
  }

  /** Real port, '' when the item does not listen. */
  get BindPort(): string {
    return this.listener.bindPort;
  }

  /** The numeric address the item listens on, '' when it does not listen. */
  get AddrResolved(): string {
    return this.listener.bindAddr;
  }

  /** True between Pause and Resume. */
  get Paused(): boolean {
    return (this.listener.flags & PAUSED) !== 0;
  }

  /** The events of Winsock the item waits for: FD_ACCEPT and FD_CLOSE while it listens. */
  get SelectEvent(): number {
    return this.State === TSocketState.wsListening && !this.Paused ? FD_ACCEPT | FD_CLOSE : 0;
  }

  /** The server, null for an item without a collection. */
  get OwnerServer(): TCustomMultiListenWSocketServer | null {
    return (this.Collection?.Owner ?? null) as TCustomMultiListenWSocketServer | null;
  }

  // ---- Methods -------------------------------------------------------------------------------

  /**
   * Begins to listen on Addr and Port. ESocketException `Listening socket index #…` when it cannot;
   * the item is closed then. OnError and OnException of the server take its place as usual, but
   * not for a port or address that cannot be resolved: that raises `listen: …` always, as in ICS.
   */
  Listen(): void {
    const server = this.OwnerServer;
    server?.markListener(this.Index);
    try {
      const refused = this.refusal(server);
      if (refused) this.SocketError(refused, WSAEINVAL);
      else this.open();
    } finally {
      server?.markListener(-1);
    }
  }

  /** Stops listening; clients stay. Fires OnSessionClosed(0) of the server. */
  Close(): void {
    this.OwnerServer?.markListener(this.Index);
    this.listener.Close();
  }

  /** Stops accepting: connections wait in the system's queue. The result is Paused. */
  Pause(): boolean {
    this.listener.Pause();
    return this.Paused;
  }

  /** Accepts again, what has waited first. True when the item is not paused any more. */
  Resume(): boolean {
    this.listener.Resume();
    return !this.Paused;
  }

  /** Windows only in ICS; always False. */
  SetAddressListChangeNotification(): boolean {
    return false;
  }

  /** Windows only in ICS; always False. */
  SetRoutingInterfaceChangeNotification(): boolean {
    return false;
  }

  /** Copies Addr, Port, SocketFamily, SslEnable, ReusePort and ListenBacklog; a listening item listens on. */
  override Assign(Source: TPersistent | null): void {
    if (!(Source instanceof TWSocketMultiListenItem)) {
      super.Assign(Source);
      return;
    }
    this.addr = Source.addr;
    this.port = Source.port;
    this.family = Source.family;
    this.explicitFamily = Source.explicitFamily;
    this.SslEnable = Source.SslEnable;
    this.ReusePort = Source.ReusePort;
    this.assignedBacklog = Source.assignedBacklog;
  }

  /** Takes the item out of the collection, which closes it as Close does. */
  override Destroy(): void {
    if (this.isDestroyed) return;
    try {
      super.Destroy();
    } finally {
      this.ownListener?.Free();
    }
  }

  // ---- Internal ------------------------------------------------------------------------------

  /** @internal Listens for this item. */
  get listener(): ItemListener {
    return (this.ownListener ??= new ItemListener(this));
  }

  /** @internal Reports an error the ICS way: the text names the item (ICS: MlSocketError). */
  SocketError(Func: string, Code: number, FriendlyMsg = ''): void {
    const { OwnerServer: server, Index } = this;
    const desc = WSocketErrorDesc(Code);
    const text = `Listening socket index #${Index} ${desc} (#${Code} in ${Func})`;
    this.LastError = Code;
    if (!server)
      throw new ESocketException(text, Code, desc, FriendlyMsg, Func, this.addr, this.port);
    server.LastError = Code;
    server.RaiseException(text, Code, desc, FriendlyMsg, Func, this.addr, this.port);
  }

  private refusal(server: TCustomMultiListenWSocketServer | null): string {
    if (!server || this.isDestroyed) return 'listen: item has no server';
    if (this.State !== TSocketState.wsClosed) return 'listen: socket is already listening';
    if (server.Proto.toLowerCase() !== 'tcp') return 'listen: protocol unsupported';
    if (this.port === '') return 'listen: port not assigned';
    return this.addr === '' ? 'listen: address not assigned' : '';
  }

  private open(): void {
    const { listener } = this;
    this.LastError = 0;
    listener.SocketFamily = this.family;
    listener.Addr = this.addr;
    listener.Port = this.port;
    listener.assignedBacklog = this.assignedBacklog;
    listener.ReusePort = this.ReusePort;
    if (this.OwnerServer?.hasRef() === false) listener.unref();
    else listener.ref();
    listener.Listen();
    if (listener.state !== TSocketState.wsListening) return;
    listener.bindAddr = listener.GetXAddr();
    listener.bindPort = listener.GetXPort();
  }
}

Object.assign(TWSocketMultiListenItem.prototype, {
  SslEnable: false,
  ReusePort: false,
  LastError: 0,
  addr: '',
  port: '',
  family: DefaultSocketFamily,
  explicitFamily: DefaultSocketFamily,
  ownListener: null,
  assignedBacklog: undefined,
});
