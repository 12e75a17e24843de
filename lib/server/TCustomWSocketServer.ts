// The server (ICS: TCustomWSocketServer in OverbyteIcsWSocketS.pas): accepts connections, makes a
// ClientClass object for each, keeps them in Client[], frees them when they end.
//
// Order for a connection: OnSessionAvailable, OnClientCreate, the client's OnChangeState,
// OnClientConnect, banner … OnSessionClosed of the client, then (from the queue) OnClientDisconnect.
import { numberProperties } from '../base/numberProperties';
import { indexedProperty } from '../base/indexedProperty';
import type { TComponent } from '../base/TComponent';
import { TOperation } from '../base/TComponent';
import { ESocketException, WSAECONNABORTED } from '../errors';
import { CLOSE_GRACEFUL, native } from '../native';
import { post } from '../pump/reactor';
import type { QueuedMessage } from '../pump/messageQueue';
import { dropPending } from '../socket/listen';
import { WM_ICS_CLIENT_CLOSED } from '../socket/messages';
import { DESTROYING } from '../socket/socketFlags';
import type { TCustomWSocket } from '../socket/TCustomWSocket';
import type { TThreadTicket } from '../socket/threadTicket';
import { TWSocket } from '../socket/TWSocket';
import {
  TSocketState,
  type TMessage,
  type TWSocketClientConnectEvent,
  type TWSocketClientCreateEvent,
} from '../types';
import { ClientList } from './clientList';
import { TWSocketClient } from './TWSocketClient';

export type TWSocketClientClass = new (AOwner: TComponent | null) => TWSocketClient;

/** Client[]: null outside 0 … ClientCount-1; iterable. */
export interface ClientArray extends Iterable<TWSocketClient> {
  readonly [index: number]: TWSocketClient | null;
}

const MAX_CLI_ID = 0x7fffffff;

export class TCustomWSocketServer extends TWSocket {
  /** A client object was made; it has its CliId but neither socket nor Server yet. */
  declare OnClientCreate: TWSocketClientCreateEvent<this, TWSocketClient> | null;
  /** A client is connected (Error 0), or accepting it failed with Error. */
  declare OnClientConnect: TWSocketClientConnectEvent<this, TWSocketClient> | null;
  /** A client has gone; the object is freed right after. */
  declare OnClientDisconnect: TWSocketClientConnectEvent<this, TWSocketClient> | null;

  /** Class of the client objects. Default TWSocketClient. */
  ClientClass: TWSocketClientClass = TWSocketClient;
  /** Clients served at the same time; 0 (default): no limit. More get BannerTooBusy. */
  declare MaxClients: number;
  /** Line every client is greeted with; '' for none. Default as in ICS. */
  Banner = 'Welcome to OverByte ICS TcpSrv';
  /** Line for a client above MaxClients; '' for none. */
  BannerTooBusy = 'Sorry, too many clients';
  /** Number of the latest connection (ICS: FClientNum). */
  protected FClientNum = 0;
  #bindAddr = '';
  #bindPort = '';
  #clients: ClientList<TWSocketClient> | null = null;
  #indexed: ClientArray | null = null;
  #creating: TWSocketClient | null = null;
  /** The numbers have begun again, so they may be in use. */
  #reuse = false;

  // ---- Listening -----------------------------------------------------------------------------

  /** Real port of the main listener, '' when it does not listen. */
  get BindPort(): string {
    return this.#bindPort;
  }

  /** @internal A server accepts connections. */
  override mayUseDatagrams(): boolean {
    return false;
  }

  override Listen(): void {
    super.Listen();
    this.noteBinding();
  }

  override ThreadAttach(Ticket: TThreadTicket | null = null): void {
    super.ThreadAttach(Ticket);
    if (Ticket !== null) this.noteBinding();
  }

  private noteBinding(): void {
    if (this.State !== TSocketState.wsListening) return;
    this.#bindAddr = this.GetXAddr();
    this.#bindPort = this.GetXPort();
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    this.#bindPort = '';
  }

  /** Frees the clients (last one first, no OnClientDisconnect), then closes the listener. */
  override Destroy(): void {
    if (this.isDestroyed) return;
    this.flags |= DESTROYING; // from here on no handler gets a client in or a client's event out
    for (const client of this.clients.toArray().reverse()) client.Free();
    super.Destroy();
  }

  // ---- Clients -------------------------------------------------------------------------------

  /** Clients by index, in the order of their creation: `Client[0]`. */
  get Client(): ClientArray {
    return (this.#indexed ??= indexedProperty<ClientArray, TWSocketClient>({
      get: (index) => this.clients.at(index),
      iterate: () => this.clients[Symbol.iterator](),
    }));
  }

  /** Clients in the list, those that are just leaving included. */
  get ClientCount(): number {
    return this.clients.count;
  }

  /** True when AClient is one of this server's clients. */
  IsClient(AClient: unknown): boolean {
    return AClient instanceof TWSocketClient && this.clients.has(AClient);
  }

  /** Disconnects at once: OnClientDisconnect fires before it returns, then the object is freed. */
  Disconnect(Client: TWSocketClient, ErrCode = WSAECONNABORTED): void {
    if (!this.IsClient(Client) || !this.mayLeave(Client)) return;
    try {
      this.leave(Client, ErrCode);
    } catch {
      // ICS: an exception of OnClientDisconnect does not leave Disconnect.
    }
  }

  /** Disconnects every client that is connected now. */
  DisconnectAll(): void {
    for (const client of this.clients.toArray()) this.Disconnect(client, WSAECONNABORTED);
  }

  private get clients(): ClientList<TWSocketClient> {
    return (this.#clients ??= new ClientList());
  }

  /** A client belongs to the list from the beginning of its construction to its end. */
  protected override Notification(AComponent: TComponent, Operation: TOperation): void {
    super.Notification(AComponent, Operation);
    if (!(AComponent instanceof TWSocketClient)) return;
    if (Operation === TOperation.opInsert) {
      this.clients.add(AComponent);
      this.#creating = AComponent;
    } else {
      this.clients.remove(AComponent);
    }
  }

  // ---- A client comes --------------------------------------------------------------------------

  override TriggerSessionAvailable(ErrCode: number): void {
    const listener = this.acceptingListener();
    super.TriggerSessionAvailable(ErrCode);
    // The handler may have closed the listener, or accepted the connection itself.
    if (ErrCode !== 0 || listener.pendingAccept === 0) return;
    const client = this.createClient();
    if (!this.clients.has(client)) {
      dropPending(listener); // freed in OnClientCreate
      return;
    }
    client.Banner = this.Banner;
    client.Server = this;
    this.assignListener(client);
    this.connectClient(client, listener);
  }

  /** @internal The socket whose connection TriggerSessionAvailable is about. */
  protected acceptingListener(): TCustomWSocket {
    return this;
  }

  /** @internal Tells the client, before anything is accepted, where it has come in. */
  protected assignListener(client: TWSocketClient): void {
    client.CServerAddr = this.#bindAddr;
    client.CServerPort = this.#bindPort;
  }

  private createClient(): TWSocketClient {
    this.nextClientNum();
    let client: TWSocketClient | null = null;
    try {
      client = this.constructClient();
      client.CliId = this.FClientNum;
      if (this.OnBgException) client.OnBgException = this.OnBgException;
      if (this.SocketErrs !== client.SocketErrs) client.SocketErrs = this.SocketErrs;
      if (this.BandwidthLimit > 0) client.BandwidthLimit = this.BandwidthLimit;
      if (this.BandwidthSampling !== client.BandwidthSampling)
        client.BandwidthSampling = this.BandwidthSampling;
      this.TriggerClientCreate(client);
      return client;
    } catch (E) {
      client?.Free(); // the caller of this event refuses the connection
      throw E;
    }
  }

  // Behind 2^31-1 the numbers begin again at 1; one that a client still has is passed over.
  private nextClientNum(): void {
    const wrapped = this.FClientNum >= MAX_CLI_ID;
    this.FClientNum = wrapped ? 1 : this.FClientNum + 1;
    this.#reuse ||= wrapped;
    if (!this.#reuse) return;
    const used = new Set(this.clients.toArray().map((client) => client.CliId));
    while (used.has(this.FClientNum)) this.FClientNum++;
  }

  private constructClient(): TWSocketClient {
    this.#creating = null;
    try {
      return new this.ClientClass(this);
    } catch (E) {
      // It entered the list before its constructor failed.
      (this.#creating as TWSocketClient | null)?.Free();
      throw E;
    } finally {
      this.#creating = null;
    }
  }

  private connectClient(client: TWSocketClient, listener: TCustomWSocket): void {
    const failure = this.acceptInto(client, listener);
    if (!this.clients.has(client)) return; // freed in its OnChangeState
    if (failure === 0) {
      this.clientAccepted(client);
      return;
    }
    try {
      this.TriggerClientConnect(client, failure);
    } finally {
      client.CliId = 0;
      client.Free();
    }
  }

  /** @internal The client has its connection: announces and greets it, or refuses it as too many. */
  protected clientAccepted(client: TWSocketClient): void {
    this.TriggerClientConnect(client, 0);
    if (!this.isServed(client)) return;
    const tooMany = this.MaxClients > 0 && this.ClientCount > this.MaxClients;
    if (!this.prepareSession(client, tooMany) || !this.isServed(client)) return;
    if (tooMany) client.Banner = this.BannerTooBusy;
    this.startConnection(client);
    if (tooMany && this.isServed(client)) client.CloseDelayed();
  }

  // A greeting that fails is the client's trouble: the listener goes on.
  private startConnection(client: TWSocketClient): void {
    try {
      client.StartConnection();
    } catch (E) {
      client.HandleBackGroundException(E, 'StartConnection');
    }
  }

  private isServed(client: TWSocketClient): boolean {
    return this.clients.has(client) && client.State === TSocketState.wsConnected;
  }

  /** @internal Between OnClientConnect and the banner (TLS begins there). False: no banner. */
  protected prepareSession(_client: TWSocketClient, _tooMany: boolean): boolean {
    return true;
  }

  /** Takes the connection that waits; 0 or the Windows number of what went wrong. */
  private acceptInto(client: TWSocketClient, listener: TCustomWSocket): number {
    const accepted = listener.pendingAccept;
    if (accepted === 0) return WSAECONNABORTED; // the listener was closed in OnClientCreate
    const descriptor = this.Accept();
    if (descriptor < 0) return this.LastError;
    try {
      client.Dup(descriptor);
    } catch (E) {
      if (!(E instanceof ESocketException) || client.State === TSocketState.wsConnected) throw E;
    } finally {
      // Nobody took it. (Once a client has taken and closed it, the handle is void.)
      if (client.State !== TSocketState.wsConnected) native.close(accepted, CLOSE_GRACEFUL);
    }
    return client.State === TSocketState.wsConnected || client.SessionClosedFlag
      ? 0
      : client.LastError;
  }

  // ---- A client goes ---------------------------------------------------------------------------

  /** @internal The client's session is over; the rest follows from the queue. */
  clientClosed(client: TWSocketClient, ErrCode: number): void {
    post(this, WM_ICS_CLIENT_CLOSED, ErrCode, client.CliId, client);
  }

  override WndProc(Msg: TMessage): void {
    if (Msg.Msg !== WM_ICS_CLIENT_CLOSED) {
      super.WndProc(Msg);
      return;
    }
    const { subject } = Msg as QueuedMessage;
    if (!(subject instanceof TWSocketClient) || !this.clients.has(subject)) return;
    if (subject.CliId === Msg.LParam && this.mayLeave(subject)) this.leave(subject, Msg.WParam);
  }

  // OnClientDisconnect comes once, and never for a client that is being freed already.
  private mayLeave(client: TWSocketClient): boolean {
    return !client.disconnecting && !((client.flags | this.flags) & DESTROYING);
  }

  private leave(client: TWSocketClient, ErrCode: number): void {
    client.disconnecting = true;
    try {
      this.TriggerClientDisconnect(client, ErrCode);
    } finally {
      client.CliId = 0;
      client.Free();
    }
  }

  // ---- Triggers --------------------------------------------------------------------------------

  TriggerClientCreate(Client: TWSocketClient): void {
    if (this.OnClientCreate) this.watch(this.OnClientCreate(this, Client));
  }

  TriggerClientConnect(Client: TWSocketClient, ErrCode: number): void {
    if (this.OnClientConnect) this.watch(this.OnClientConnect(this, Client, ErrCode));
  }

  TriggerClientDisconnect(Client: TWSocketClient, ErrCode: number): void {
    if (this.OnClientDisconnect) this.watch(this.OnClientDisconnect(this, Client, ErrCode));
  }
}

Object.assign(TCustomWSocketServer.prototype, {
  OnClientCreate: null,
  OnClientConnect: null,
  OnClientDisconnect: null,
});
numberProperties(TCustomWSocketServer.prototype, { MaxClients: { default: 0 } });
