// The TLS server (ICS: TSslWSocketServer in OverbyteIcsWSocketS.pas): every listener may speak TLS;
// SslContext holds the certificate. The handshake begins between OnClientConnect, where the
// application may still change Client.SslEnable, and the banner, which goes out encrypted.
import type { TComponent } from '../base/TComponent';
import { native, OPT_NODELAY } from '../native';
import { TSslMode, TSslState } from '../ssl/sslTypes';
import { TSocketState } from '../types';
import { IcsHostsServer } from './IcsHostsServer';
import { TSslWSocketClient } from './TSslWSocketClient';
import { TSslWSocketMultiListenItem } from './TSslWSocketMultiListenItem';
import { applyServerSettings } from './sslServerContext';
import type { TWSocketClient } from './TWSocketClient';
import type { TWSocketMultiListenItemClass } from './TWSocketMultiListenItem';

/** Handlers of the server that its clients get. */
const CLIENT_EVENTS = [
  'OnSslVerifyPeer',
  'OnSslSetSessionIDContext',
  'OnSslSvrNewSession',
  'OnSslSvrGetSession',
  'OnSslHandshakeDone',
  'OnSslServerName',
  'OnSslAlpnSelect',
] as const;

export class TSslWSocketServer extends IcsHostsServer {
  constructor(AOwner: TComponent | null = null) {
    super(AOwner);
    this.ClientClass = TSslWSocketClient;
    this.Addr = '0.0.0.0';
    this.Port = '443';
    this.SslEnable = true;
    this.SslMode = TSslMode.sslModeServer;
  }

  /** @internal */
  protected override MultiListenItemClass(): TWSocketMultiListenItemClass {
    return TSslWSocketMultiListenItem;
  }

  /** Validates IcsHosts, or applies SslCliCertMethod, RootCA and DHParams to SslContext; listens. */
  override Listen(): void {
    const isOwn = !this.NoSSL && !this.hasHosts(); // contexts of hosts have it all
    if (isOwn && this.State === TSocketState.wsClosed) applyServerSettings(this);
    super.Listen();
  }

  /** @internal */
  protected override mainUsesSsl(): boolean {
    return this.SslEnable && !this.NoSSL;
  }

  /** @internal */
  protected override clientAccepted(client: TWSocketClient): void {
    const at = client.MultiListenIdx;
    const listener = at < 0 ? this : this.MultiListenSockets.Items[at]!;
    client.SslEnable = !this.NoSSL && listener.SslEnable;
    client.SslMode = this.SslMode;
    if (client.SslEnable) client.holdOutput(); // what OnClientConnect sends is not for everybody
    this.assignHost(client);
    try {
      super.clientAccepted(client);
    } catch (E) {
      client.abandonHeld(); // OnClientConnect has thrown
      throw E;
    }
  }

  /** @internal Too many clients: closed before any handshake work, and never told in clear. */
  protected override prepareSession(client: TWSocketClient, tooMany: boolean): boolean {
    if (!client.SslEnable) {
      client.releaseOutput();
      return true;
    }
    if (tooMany) {
      client.Close();
      return false;
    }
    if (client.SslState !== TSslState.sslNone) return true; // the handler has begun it
    this.equip(client);
    // Small handshake messages in both directions would wait for delayed acknowledgements.
    native.setOption(client.socketHandle, OPT_NODELAY, 1);
    try {
      if (this.SslMode === TSslMode.sslModeClient) client.StartSslHandshake();
      else client.AcceptSslHandshake();
      return true;
    } catch (E) {
      client.SslEnable = false;
      client.HandleBackGroundException(E, 'TriggerClientConnect, Accept SSL Handshake');
      if (this.IsClient(client) && client.State === TSocketState.wsConnected) client.Abort();
      return false;
    }
  }

  /** ICS: there a handler of the client goes even if the server has none (D-06). */
  private equip(client: TWSocketClient): void {
    client.SslMode = this.SslMode;
    if (this.acceptable !== null) client.SslAcceptableHosts = this.acceptable;
    client.SslContext = this.contextFor(client);
    client.SslHandshakeTimeout = this.SslHandshakeTimeout;
    for (const event of CLIENT_EVENTS)
      if (this[event] !== null) Object.assign(client, { [event]: this[event] });
  }
}
