// TWSocketThrdServer with TLS (ICS: TSslWSocketThrdServer in OverbyteIcsWSocketTS.pas): handshakes and
// everything behind them run in the workers.
//
//  - Each worker has a copy of SslContext; when that is initialised again, or its certificate is
//    replaced, new connections get the new one. A class of the worker may have a context of its own.
//  - Events about TLS are those of the worker's class of clients.
import type { TComponent } from '../base/TComponent';
import { TSslMode } from '../ssl/sslTypes';
import { ESslContextException } from '../ssl/sslErrors';
import { TSocketState } from '../types';
import { TSslWSocketMultiListenItem } from './TSslWSocketMultiListenItem';
import { TSslWSocketThrdClient } from './TSslWSocketThrdClient';
import type { TWSocketClient } from './TWSocketClient';
import type { TWSocketMultiListenItemClass } from './TWSocketMultiListenItem';
import { TWSocketThrdServer } from './TWSocketThrdServer';

export class TSslWSocketThrdServer extends TWSocketThrdServer {
  constructor(AOwner: TComponent | null = null) {
    super(AOwner);
    this.ClientClass = TSslWSocketThrdClient;
    this.Addr = '0.0.0.0';
    this.Port = '443';
    this.SslEnable = true;
    this.SslMode = TSslMode.sslModeServer;
  }

  /** @internal */
  protected override MultiListenItemClass(): TWSocketMultiListenItemClass {
    return TSslWSocketMultiListenItem;
  }

  /** @internal */
  protected override mainUsesSsl(): boolean {
    return this.SslEnable;
  }

  /** @internal */
  protected override clientAccepted(client: TWSocketClient): void {
    const at = client.MultiListenIdx;
    client.SslEnable = at < 0 ? this.SslEnable : this.MultiListenSockets.Items[at]!.SslEnable;
    client.SslHandshakeTimeout = this.SslHandshakeTimeout;
    if (client.SslEnable) client.holdOutput(); // what OnClientConnect sends is not for everybody
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
    try {
      this.shareContext(client);
      return true;
    } catch (E) {
      client.HandleBackGroundException(E, 'TriggerClientConnect, Accept SSL Handshake');
      if (this.IsClient(client) && client.State === TSocketState.wsConnected) client.Abort();
      return false;
    }
  }

  private shareContext(client: TWSocketClient): void {
    if (!(client instanceof TSslWSocketThrdClient))
      throw new ESslContextException('ClientClass must descend from TSslWSocketThrdClient');
    const context = this.SslContext;
    if (context === null) return; // the worker's class has one
    if (!context.IsCtxInitialized) context.InitContext();
    client.ClientThread?.useContext(context);
  }
}
