// Outgoing connections through an HTTP proxy (ICS: TCustomHttpTunnelWSocket): with HttpTunnelServer
// set, Connect goes to the proxy and asks it for a tunnel to Addr and Port. Names are looked up by
// the proxy. OnSessionConnected fires when the tunnel stands; until then the application gets no
// input and cannot send.
//
//  - Basic and Digest are supported. NTLM is not: Connect refuses htatNtlm.
//  - ReadCount and WriteCount include what was said to the proxy.
import { numberProperties } from '../base/numberProperties';
import { THttpTunnelAuthType, TSocketState } from '../types';
import type * as T from '../types';
import type { TunnelProgress } from './HttpTunnelNegotiation';
import { HttpTunnelNegotiation } from './HttpTunnelNegotiation';
import { TCustomWSocket } from './TCustomWSocket';
import type { Route } from './connect';
import { PROTO_UDP } from './connect';
import { asciiHost } from './names';
import type { ProxyNegotiation } from './proxyNegotiation';
import { hasControls, isLiteral, refuse } from './proxyNegotiation';
import * as F from './socketFlags';

const { htatDetect, htatNone, htatNtlm } = THttpTunnelAuthType;
const MAX_HOST_NAME = 255;

interface TunnelTexts {
  readonly server: string;
  readonly port: string;
  readonly usercode: string;
  readonly password: string;
}

const NO_TUNNEL: TunnelTexts = { server: '', port: '', usercode: '', password: '' };

export class TCustomHttpTunnelWSocket extends TCustomWSocket {
  /** TCP to the HTTP proxy stands (0) or has failed; the request for the tunnel follows. */
  declare OnHttpTunnelConnected: T.TSessionConnected<this> | null;
  /** The proxy has refused: 21000 + HTTP status, 21000 no HTTP, 21001 closed, 21002 HTTP/1.0. */
  declare OnHttpTunnelError: T.THttpTunnelErrorEvent<this> | null;
  /** Bytes of the proxy's answer looked at in one go, 64 to 65536. Default 1024. */
  declare HttpTunnelBufferSize: number;
  /** For NTLM, which is not supported; kept for ported code, without effect. Default 0. */
  declare HttpTunnelLmCompatLevel: number;
  /** @internal The proxy that is being asked, null: none. */
  declare negotiation: ProxyNegotiation | null;
  /** @internal For the next connection to the same proxy, which that proxy has asked for. */
  declare tunnelProgress: TunnelProgress | null;
  /** @internal */
  declare tunnel: TunnelTexts;
  /** @internal */
  declare tunnelAuthType: THttpTunnelAuthType;
  /** @internal */
  declare tunnelCurrentAuthType: THttpTunnelAuthType;
  /** @internal */
  declare tunnelLastResponse: string;

  /** Host name or address of the HTTP proxy; '' (the default): none. Not with SocksServer. */
  get HttpTunnelServer(): string {
    return this.tunnel.server;
  }

  set HttpTunnelServer(value: string) {
    const text = String(value).trim();
    if (text !== '' && this.usesSocks) {
      refuse(this, "Can't use HTTP proxy when Socks is used as well");
      return;
    }
    this.setTunnel('server', text);
  }

  /** Port of the proxy: a number or service name, as text. Default ''. */
  get HttpTunnelPort(): string {
    return this.tunnel.port;
  }

  set HttpTunnelPort(value: string | number) {
    this.setTunnel('port', String(value).trim());
  }

  /** User name for the proxy; '' (the default): none. */
  get HttpTunnelUsercode(): string {
    return this.tunnel.usercode;
  }

  set HttpTunnelUsercode(value: string) {
    this.setTunnel('usercode', String(value));
  }

  /** Default ''. */
  get HttpTunnelPassword(): string {
    return this.tunnel.password;
  }

  set HttpTunnelPassword(value: string) {
    this.setTunnel('password', String(value));
  }

  /**
   * How to prove the user. Default htatDetect: what the proxy asks for, Digest rather than Basic.
   * htatBasic sends the password with the first request, htatDigest never sends it readable.
   */
  get HttpTunnelAuthType(): THttpTunnelAuthType {
    return this.tunnelAuthType;
  }

  set HttpTunnelAuthType(value: THttpTunnelAuthType) {
    if (this.mayChangeTunnel('authentication type')) this.tunnelAuthType = value;
  }

  /** The type the last request to the proxy used. */
  get HttpTunnelCurrentAuthType(): THttpTunnelAuthType {
    return this.tunnelCurrentAuthType;
  }

  /** Status line of the proxy's last answer, `HTTP/1.1 200 Connection established`. */
  get HttpTunnelLastResponse(): string {
    return this.tunnelLastResponse;
  }

  private mayChangeTunnel(what: string): boolean {
    if (this.state === TSocketState.wsClosed) return true;
    refuse(this, `Can't change HTTP proxy ${what} if not closed`);
    return false;
  }

  private setTunnel(key: keyof TunnelTexts, value: string): void {
    if (value === this.tunnel[key] || !this.mayChangeTunnel(key)) return;
    this.tunnel = { ...this.tunnel, [key]: value };
  }

  /** @internal */
  noteTunnel(type: THttpTunnelAuthType, response: string): void {
    this.tunnelCurrentAuthType = type;
    this.tunnelLastResponse = response;
  }

  // ---- Connecting --------------------------------------------------------------------------

  /** @internal A SOCKS proxy is in use. */
  get usesSocks(): boolean {
    return false;
  }

  /** @internal A proxy of either kind is in use. */
  get usesProxy(): boolean {
    return this.tunnel.server !== '' || this.usesSocks;
  }

  override Connect(): void {
    if (this.usesProxy && this.proxyRefuses()) return;
    super.Connect();
  }

  override Listen(): void {
    if (this.tunnel.server === '') super.Listen();
    else refuse(this, 'Listening is not supported thru HTTP proxy servers');
  }

  /** @internal What no proxy, or not this one, can do: raises, and the state is unchanged. */
  protected proxyRefuses(): boolean {
    if (this.isDatagram()) {
      const by = this.usesSocks ? 'thru socks server' : 'by HTTP proxies';
      return refuse(this, `TCP is the only protocol supported ${by}`);
    }
    const { Addr } = this;
    const host = isLiteral(Addr) || Addr === '' ? Addr : asciiHost(Addr, this);
    if (host === null || /\s/.test(host) || hasControls(host) || host.length > MAX_HOST_NAME)
      return refuse(this, 'Connect: Invalid Host Name Specified');
    if (this.usesSocks) return false;
    if (this.tunnelAuthType === htatNtlm)
      return refuse(this, 'NTLM authentication is not supported: use htatBasic or htatDigest');
    if (hasControls(this.tunnel.usercode + this.tunnel.password))
      return refuse(this, 'HTTP proxy usercode and password must not have control characters');
    return false;
  }

  private isDatagram(): boolean {
    const { Proto } = this;
    return Proto.toLowerCase() === 'udp' || Proto === String(PROTO_UDP);
  }

  /** @internal */
  override route(): Route {
    const { server, port } = this.tunnel;
    return server === '' ? super.route() : { host: server, port };
  }

  /** @internal A literal Addr decides its own family, not that of the way to the proxy. */
  override get routeFamily(): T.TSocketFamily {
    return this.usesProxy ? this.explicitFamily : super.routeFamily;
  }

  // ---- Negotiating -------------------------------------------------------------------------

  /** @internal */
  override adopted(): void {
    super.adopted();
    // Dup and Accept get here as well, but from another state.
    if (this.state !== TSocketState.wsConnecting || !this.usesProxy) return;
    this.flags |= F.NEGOTIATING;
    this.negotiation = this.newNegotiation();
    this.tunnelProgress = null;
  }

  /** @internal */
  protected newNegotiation(): ProxyNegotiation {
    return new HttpTunnelNegotiation(this, this.tunnelProgress);
  }

  /** @internal The bytes are the application's from here on, or the connection is gone. */
  endNegotiation(): void {
    const { negotiation } = this;
    if (negotiation === null) return;
    this.negotiation = null;
    this.flags &= ~F.NEGOTIATING;
    negotiation.stop();
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    this.endNegotiation();
  }

  override AssignDefaultValue(): void {
    super.AssignDefaultValue();
    if (this.tunnelProgress !== null) this.tunnelProgress = null;
  }

  override TriggerSessionConnectedSpecial(ErrCode: number): void {
    if (this.negotiation !== null) {
      this.negotiation.begin();
      return;
    }
    const handle = this.socketHandle;
    const again = this.tunnelProgress !== null;
    this.tunnelProgress = null;
    if (ErrCode !== 0 && this.usesProxy && !again) this.TriggerProxyConnected(ErrCode);
    if (this.socketHandle === handle) super.TriggerSessionConnectedSpecial(ErrCode);
  }

  /** @internal */
  protected TriggerProxyConnected(ErrCode: number): void {
    this.TriggerHttpTunnelConnected(ErrCode);
  }

  /** @internal */
  override deliver(ending: boolean): void {
    const { negotiation } = this;
    if (negotiation === null) {
      super.deliver(ending);
      return;
    }
    try {
      negotiation.receive();
    } catch (E) {
      this.HandleBackGroundException(E, 'TCustomHttpTunnelWSocket.Negotiation');
    }
  }

  /** @internal A proxy that closes has decided; what it sent before is looked at first. */
  override deliverRest(error: number): void {
    const { negotiation, socketHandle: handle } = this;
    super.deliverRest(error);
    if (negotiation === null || this.socketHandle !== handle || this.flags & F.PAUSED) return;
    if (this.negotiation === null) this.deliverRest(error);
    else negotiation.ended();
  }

  TriggerHttpTunnelConnected(ErrCode: number): void {
    if (this.OnHttpTunnelConnected) this.watch(this.OnHttpTunnelConnected(this, ErrCode));
  }

  TriggerHttpTunnelError(
    ErrCode: number,
    TunnelServerAuthTypes: T.THttpTunnelServerAuthTypes,
    Msg: string,
  ): void {
    if (this.OnHttpTunnelError)
      this.watch(this.OnHttpTunnelError(this, ErrCode, TunnelServerAuthTypes, Msg));
  }
}

Object.assign(TCustomHttpTunnelWSocket.prototype, {
  OnHttpTunnelConnected: null,
  OnHttpTunnelError: null,
  negotiation: null,
  tunnelProgress: null,
  tunnel: NO_TUNNEL,
  tunnelAuthType: htatDetect,
  tunnelCurrentAuthType: htatNone,
  tunnelLastResponse: '',
});
numberProperties(TCustomHttpTunnelWSocket.prototype, {
  HttpTunnelBufferSize: { default: 1024 },
  HttpTunnelLmCompatLevel: { default: 0 },
});
