// Outgoing connections through a SOCKS 4, 4A or 5 proxy (ICS: TCustomSocksWSocket): with SocksServer
// set, Connect goes to the proxy and asks it for a connection to Addr and Port. SOCKS 4A and 5 let
// the proxy look names up; for SOCKS 4 they are looked up here. ProxyURL sets up either kind.
//
//  - As in ICS, every close forgets SocksServer, SocksPort, SocksLevel and ProxyURL.
//  - ReadCount and WriteCount include what was said to the proxy.
import { TSocketState, TSocksAuthentication } from '../types';
import type * as T from '../types';
import { SocksNegotiation } from './SocksNegotiation';
import { TCustomHttpTunnelWSocket } from './TCustomHttpTunnelWSocket';
import type { Route } from './connect';
import type { ProxyNegotiation } from './proxyNegotiation';
import { hasControls, isIPv6, refuse } from './proxyNegotiation';
import { parseProxyUrl } from './proxyUrl';
import { MAX_SOCKS_TEXT } from './socksProtocol';

const LEVELS: readonly string[] = ['4', '4A', '5'];
const { socksNoAuthentication, socksAuthenticateUsercode } = TSocksAuthentication;

interface SocksTexts {
  readonly level: string;
  readonly server: string;
  readonly port: string;
  readonly usercode: string;
  readonly password: string;
  readonly url: string;
}

const NO_SOCKS: SocksTexts = {
  level: '5',
  server: '',
  port: '',
  usercode: '',
  password: '',
  url: '',
};

export class TCustomSocksWSocket extends TCustomHttpTunnelWSocket {
  /** TCP to the SOCKS proxy stands (0) or has failed; the negotiation follows. */
  declare OnSocksConnected: T.TSessionConnected<this> | null;
  /** The negotiation has failed: 20001 to 20017. OnSessionConnected with the number follows. */
  declare OnSocksError: T.TSocksErrorEvent<this> | null;
  /** How the proxy wants the user to be proved (SOCKS 5), and what it said to that. */
  declare OnSocksAuthState: T.TSocksAuthStateEvent<this> | null;
  /** Whether SocksUsercode and SocksPassword are offered (SOCKS 5). Default: no. */
  declare SocksAuthentication: TSocksAuthentication;
  /** @internal */
  declare socks: SocksTexts;

  /** '4', '4A' or '5' (the default). */
  get SocksLevel(): string {
    return this.socks.level;
  }

  set SocksLevel(value: string) {
    const level = String(value).trim().toUpperCase();
    if (level === this.socks.level || !this.mayChangeSocks('level')) return;
    if (LEVELS.includes(level)) this.socks = { ...this.socks, level };
    else refuse(this, 'Invalid socks level. Must be 4, 4A or 5.');
  }

  /** Host name or address of the SOCKS proxy; '' (the default): none. Not with HttpTunnelServer. */
  get SocksServer(): string {
    return this.socks.server;
  }

  set SocksServer(value: string) {
    const text = String(value).trim();
    if (text !== '' && this.tunnel.server !== '') {
      refuse(this, "Can't use Socks when HTTP proxy is used as well");
      return;
    }
    this.setSocks('server', text);
  }

  /** Port of the proxy: a number or service name, as text. Default ''. */
  get SocksPort(): string {
    return this.socks.port;
  }

  set SocksPort(value: string | number) {
    this.setSocks('port', String(value).trim());
  }

  /** User name for the proxy; SOCKS 4 and 4A send it without a password. Default ''. */
  get SocksUsercode(): string {
    return this.socks.usercode;
  }

  set SocksUsercode(value: string) {
    this.setSocks('usercode', String(value));
  }

  /** Default ''. */
  get SocksPassword(): string {
    return this.socks.password;
  }

  set SocksPassword(value: string) {
    this.setSocks('password', String(value));
  }

  /**
   * Either proxy as one text: `http://user:password@host:port` or `socks5://…` (also socks4,
   * socks4a); sets the properties of that kind and clears the server of the other. Without a port
   * 8080 or 1080. '' (the default) clears both. ESocketException for anything else.
   */
  get ProxyURL(): string {
    return this.socks.url;
  }

  set ProxyURL(value: string) {
    const url = String(value).trim();
    if (this.state !== TSocketState.wsClosed) {
      refuse(this, "Can't change proxy URL if not closed");
      return;
    }
    const proxy = parseProxyUrl(url);
    if (typeof proxy === 'string') {
      refuse(this, proxy);
      return;
    }
    const { level, host, port, usercode, password } = proxy;
    const noSocks = { level: '5', server: '', port: '' };
    this.HttpTunnelServer = '';
    this.socks = { ...this.socks, ...noSocks, url };
    if (level !== '') {
      this.socks = { level, server: host, port, usercode, password, url };
      this.SocksAuthentication =
        usercode === '' ? socksNoAuthentication : socksAuthenticateUsercode;
    } else if (host !== '') {
      this.tunnel = { server: host, port, usercode, password };
    }
  }

  private mayChangeSocks(what: string): boolean {
    if (this.state === TSocketState.wsClosed) return true;
    refuse(this, `Can't change socks ${what} if not closed`);
    return false;
  }

  private setSocks(key: keyof SocksTexts, value: string): void {
    if (value === this.socks[key] || !this.mayChangeSocks(key)) return;
    this.socks = { ...this.socks, [key]: value };
  }

  override AssignDefaultValue(): void {
    super.AssignDefaultValue();
    const { level, server, port, url, usercode, password } = this.socks;
    if (level === '5' && server === '' && port === '' && url === '') return;
    this.socks = { ...NO_SOCKS, usercode, password };
  }

  // ---- Connecting and negotiating ----------------------------------------------------------

  /** @internal */
  override get usesSocks(): boolean {
    return this.socks.server !== '';
  }

  override Listen(): void {
    if (this.usesSocks) refuse(this, 'Listening is not supported thru socks server');
    else super.Listen();
  }

  /** @internal */
  protected override proxyRefuses(): boolean {
    if (super.proxyRefuses()) return true;
    if (!this.usesSocks) return false;
    const { level, usercode, password } = this.socks;
    if (level !== '5' && isIPv6(this.Addr))
      return refuse(this, `Connect: SOCKS ${level} cannot reach an IPv6 address: use SocksLevel 5`);
    const longest = Math.max(Buffer.byteLength(usercode), Buffer.byteLength(password));
    if (longest > MAX_SOCKS_TEXT)
      return refuse(this, 'Connect: SOCKS usercode and password may have 255 bytes at most');
    if (level !== '5' && hasControls(usercode))
      return refuse(this, 'Connect: SOCKS usercode must not have control characters');
    return false;
  }

  /** @internal */
  override route(): Route {
    const { server, port } = this.socks;
    return server === '' ? super.route() : { host: server, port };
  }

  /** @internal */
  protected override newNegotiation(): ProxyNegotiation {
    return this.usesSocks ? new SocksNegotiation(this) : super.newNegotiation();
  }

  /** @internal */
  protected override TriggerProxyConnected(ErrCode: number): void {
    if (this.usesSocks) this.TriggerSocksConnected(ErrCode);
    else super.TriggerProxyConnected(ErrCode);
  }

  TriggerSocksConnected(ErrCode: number): void {
    if (this.OnSocksConnected) this.watch(this.OnSocksConnected(this, ErrCode));
  }

  TriggerSocksError(Error: number, Msg: string): void {
    if (this.OnSocksError) this.watch(this.OnSocksError(this, Error, Msg));
  }

  TriggerSocksAuthState(AuthState: T.TSocksAuthState): void {
    if (this.OnSocksAuthState) this.watch(this.OnSocksAuthState(this, AuthState));
  }
}

Object.assign(TCustomSocksWSocket.prototype, {
  OnSocksConnected: null,
  OnSocksError: null,
  OnSocksAuthState: null,
  SocksAuthentication: socksNoAuthentication,
  socks: NO_SOCKS,
});
