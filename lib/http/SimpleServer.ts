// The server inside TSimpleWebSrv: gives its clients what they need to answer requests.
import { TSslWSocketServer } from '../server/TSslWSocketServer';
import type { TWSocketClient } from '../server/TWSocketClient';
import { TSimpleClientSocket } from './TSimpleClientSocket';
import type { TSimpleWebSrv } from './TSimpleWebSrv';

const MAX_CLIENTS = 10;

export class SimpleServer extends TSslWSocketServer {
  readonly #webSrv: TSimpleWebSrv;

  constructor(webSrv: TSimpleWebSrv) {
    super(webSrv);
    this.#webSrv = webSrv;
    this.ClientClass = TSimpleClientSocket;
    this.MaxClients = MAX_CLIENTS;
    this.Banner = '';
    this.BannerTooBusy = '';
  }

  override TriggerClientCreate(Client: TWSocketClient): void {
    if (Client instanceof TSimpleClientSocket) {
      Client.WebSrv = this.#webSrv;
      Client.OnBgException ??= this.#webSrv.OnBgException;
    }
    super.TriggerClientCreate(Client);
  }

  /** @internal */
  protected override prepareSession(client: TWSocketClient, tooMany: boolean): boolean {
    if (client instanceof TSimpleClientSocket) {
      if (tooMany) client.refuse();
      else client.begin(this.#webSrv);
    }
    return super.prepareSession(client, tooMany);
  }
}
