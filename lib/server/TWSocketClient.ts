// One accepted connection of a server (ICS: TWSocketClient in OverbyteIcsWSocketS.pas). Derive from
// it for private data and methods, and name the class in the server's ClientClass.
//
// The server creates, owns and frees it: after OnClientDisconnect the object is gone.
import { addressPart, portPart } from '../socket/addressText';
import type { TThreadTicket } from '../socket/threadTicket';
import { TWSocket } from '../socket/TWSocket';
import { CLOSE_SIGNALLED, SEND_SHUT } from '../socket/socketFlags';
import type { TCustomWSocketServer } from './TCustomWSocketServer';

const CRLF = '\r\n';

/** @internal Who frees a client when its session is over. */
export interface SessionHost {
  clientClosed(client: TWSocketClient, ErrCode: number): void;
}

export class TWSocketClient extends TWSocket {
  /** The server; null in OnClientCreate, and for an object that does not free itself. */
  declare Server: TCustomWSocketServer | null;
  /** Number of the connection, 1 for a server's first; 0 just before the object is freed. */
  declare CliId: number;
  /** Sent by StartConnection; the server's Banner unless OnClientConnect changes it. */
  declare Banner: string;
  /** Index into IcsHosts, -1: none. */
  declare IcsHostIdx: number;
  /** Listener that accepted: -1 the main one, 0.. an item of MultiListenSockets. */
  declare MultiListenIdx: number;
  /** HostTag of the IcsHost. Default ''. */
  declare HostTag: string;
  /** Address and port of the listener that accepted. */
  declare CServerAddr: string;
  declare CServerPort: string;
  /** @internal */
  declare listPlace: number;
  /** @internal Who is told of the end instead of Server: set in a worker of TWSocketThrdServer. */
  declare sessionHost: SessionHost | null;
  /** @internal OnClientDisconnect is running or has run. */
  declare disconnecting: boolean;
  /** @internal `<address> <port>`, kept so that it is known after the close; '' unknown. */
  declare peer: string;

  /** `<server Name>Client<CliId>` unless assigned. */
  override get Name(): string {
    const own = super.Name;
    return own !== '' || !this.Server ? own : `${this.Server.Name}Client${this.CliId}`;
  }

  override set Name(value: string) {
    super.Name = value;
  }

  /** True from the moment the connection is closing on. */
  get SessionClosedFlag(): boolean {
    return (this.flags & CLOSE_SIGNALLED) !== 0;
  }

  /** Address of the peer; '' before the connection, still readable after it. */
  override get PeerAddr(): string {
    return addressPart(this.knownPeer());
  }

  override get PeerPort(): string {
    return portPart(this.knownPeer());
  }

  get CPeerAddr(): string {
    return this.PeerAddr;
  }

  get CPeerPort(): string {
    return this.PeerPort;
  }

  override GetPeerAddr(): string {
    return this.PeerAddr;
  }

  override GetPeerPort(): string {
    return this.PeerPort;
  }

  /**
   * Sends Banner and LineEnd (in TWSocketThrdServer, as ICS: CR LF), unless Banner is '' or Shutdown
   * has ended sending.
   */
  StartConnection(): void {
    if (this.Banner !== '' && !(this.flags & SEND_SHUT))
      this.SendStr(this.Banner + (this.sessionHost ? CRLF : this.LineEnd));
  }

  /** Tells the server, which fires OnClientDisconnect and frees the object from the queue. */
  override TriggerSessionClosed(ErrCode: number): void {
    if (this.SessionClosedFlag) return;
    (this.sessionHost ?? this.Server)?.clientClosed(this, ErrCode);
    super.TriggerSessionClosed(ErrCode);
  }

  override TakeThreadTicket(): TThreadTicket {
    this.knownPeer();
    return super.TakeThreadTicket();
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    this.knownPeer();
  }

  /** @internal */
  protected knownPeer(): string {
    if (this.peer === '' && this.socketHandle !== 0) this.peer = this.acceptedPeer();
    return this.peer;
  }
}

Object.assign(TWSocketClient.prototype, {
  Server: null,
  sessionHost: null,
  CliId: 0,
  Banner: '',
  IcsHostIdx: -1,
  MultiListenIdx: -1,
  HostTag: '',
  CServerAddr: '',
  CServerPort: '',
  listPlace: -1,
  disconnecting: false,
  peer: '',
});
