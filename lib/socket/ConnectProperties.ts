// Properties and events of outgoing connections, name lookups and UDP: the part of ICS's
// TCustomWSocket that a server's connections leave at their defaults.
import { numberProperties } from '../base/numberProperties';
import { TStringList } from '../base/TStringList';
import type * as T from '../types';
import { SocketProperties } from './SocketProperties';
import type { Route } from './connect';
import * as F from './socketFlags';

/** Windows' numbers, like all numbers of the package. */
export const AF_INET = 2;
export const AF_INET6 = 23;

export abstract class ConnectProperties extends SocketProperties {
  /** Connect has succeeded (ErrCode 0) or failed; a failed socket is closed right after. */
  declare OnSessionConnected: T.TSessionConnected<this> | null;
  /** A lookup has ended; DnsResult may be changed before Connect goes on. */
  declare OnDnsLookupDone: T.TDnsLookupDone<this> | null;

  /** First answer of the last lookup; '' when it failed. */
  declare DnsResult: string;
  /** Addition: DNS servers to ask, `address` or `address:port`. Default null (and []): the system. */
  declare DnsServers: readonly string[] | null;
  /** UDP: joins MultiCastAddrStr in Listen, sets the interface in Connect. Default False. */
  declare MultiCast: boolean;
  /** Group to join in Listen. Default ''. */
  declare MultiCastAddrStr: string;
  /** Time to live of multicast datagrams, 0 to 255: 1 (default) stays in the local network. */
  declare MultiCastIpTTL: number;
  /** Addition: multicast datagrams also reach sockets of this machine. Default True. */
  declare MultiCastLoop: boolean;
  /** Addition: datagrams may go to broadcast addresses. 255.255.255.255 needs no permission. */
  declare Broadcast: boolean;
  /** UDP Listen: other sockets may listen on the same address and port. Default False. */
  declare ReuseAddr: boolean;
  /**
   * Addition: Listen shares address and port with other sockets that say the same, in this process
   * or in others of the same user; the system spreads connections (UDP: datagrams) over them.
   * Default False. 10042 where the system cannot.
   */
  declare ReusePort: boolean;

  /** @internal The lookup that is running, 0: none. */
  declare lookup: number;
  /** @internal Connect waits for that lookup. */
  declare lookupInternal: boolean;
  /** @internal */
  declare addrResolved: string;
  /** @internal */
  declare punycodeHost: string;
  /** @internal */
  declare dnsResults: TStringList | null;

  /** Numeric address the last Connect went to. */
  get AddrResolvedStr(): string {
    return this.addrResolved;
  }

  /** 2 (IPv4) or 23 (IPv6): the family of AddrResolvedStr. */
  get AddrFormat(): number {
    return this.addrResolved.includes(':') ? AF_INET6 : AF_INET;
  }

  /** The host that was looked up, in its ASCII form. */
  get PunycodeHost(): string {
    return this.punycodeHost;
  }

  /** Every answer of the last lookup. */
  get DnsResultList(): TStringList {
    return (this.dnsResults ??= new TStringList());
  }

  // ---- Seams for the layers above: what a plain connection does ------------------------------

  /** @internal Where Connect goes: the peer itself, or a proxy. */
  route(): Route {
    return { host: this.Addr, port: this.Port };
  }

  /** @internal A proxy is being asked for the connection; the application may not use it yet. */
  get negotiating(): boolean {
    return (this.flags & F.NEGOTIATING) !== 0;
  }

  /** @internal The proxy has agreed: from here on the bytes are the application's. */
  negotiated(): void {}

  /** @internal False where UDP makes no sense. */
  mayUseDatagrams(): boolean {
    return true;
  }

  /** @internal A filter turns what has arrived into input; false: there is none yet. */
  pullInput(): boolean {
    return true;
  }

  /** @internal Output goes through the filter. */
  filterWrite(_bytes: Uint8Array): void {}

  /** @internal Everything that could be delivered was. */
  inputDelivered(): void {}

  /** @internal Input that is being delivered is forgotten: it will not be the application's. */
  stopDelivery(): void {}

  /** @internal Sending what is queued needs answers of the peer. */
  needsInputToSend(): boolean {
    return false;
  }

  /** @internal IP versions that suit the host of route(). */
  get routeFamily(): T.TSocketFamily {
    return this.SocketFamily;
  }

  override AssignDefaultValue(): void {
    super.AssignDefaultValue();
    if (this.addrResolved !== '') this.addrResolved = '';
    if (this.punycodeHost !== '') this.punycodeHost = '';
  }

  /**
   * TCP stands (ErrCode 0) or has failed: OnSessionConnected, unless a descendant has something to
   * arrange with the peer before the application may use the connection.
   */
  TriggerSessionConnectedSpecial(ErrCode: number): void {
    this.TriggerSessionConnected(ErrCode);
  }

  TriggerSessionConnected(ErrCode: number): void {
    if (this.OnSessionConnected) this.watch(this.OnSessionConnected(this, ErrCode));
  }

  TriggerDnsLookupDone(ErrCode: number): void {
    if (this.OnDnsLookupDone) this.watch(this.OnDnsLookupDone(this, ErrCode));
  }
}

Object.assign(ConnectProperties.prototype, {
  OnSessionConnected: null,
  OnDnsLookupDone: null,
  DnsResult: '',
  DnsServers: null,
  MultiCast: false,
  MultiCastAddrStr: '',
  MultiCastLoop: true,
  Broadcast: false,
  ReuseAddr: false,
  ReusePort: false,
  lookup: 0,
  lookupInternal: false,
  addrResolved: '',
  punycodeHost: '',
  dnsResults: null,
});
numberProperties(ConnectProperties.prototype, { MultiCastIpTTL: { default: 1, max: 255 } });
