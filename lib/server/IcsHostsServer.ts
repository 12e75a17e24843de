// IcsHosts on a server (ICS: TSslWSocketServer in OverbyteIcsWSocketS.pas): its properties and
// methods about hosts and their certificates. What they do is in lib/hosts.
//
// With any hosts, Addr, Port, SslEnable, MultiListenSockets and SslContext are made from them.
import type { TComponent } from '../base/TComponent';
import { CertWatcher } from '../hosts/certWatcher';
import { stapleOf } from '../hosts/hostOcsp';
import { BINDING_MAIN, type HostCertSupplier, type HostServer } from '../hosts/hostTypes';
import { loadHostCert } from '../hosts/loadHostCert';
import { orderCert } from '../hosts/orderCert';
import { recheckCerts } from '../hosts/recheckCerts';
import type { FoundHost } from '../hosts/selectHost';
import type { TIcsHost } from '../hosts/TIcsHost';
import { TIcsHostCollection } from '../hosts/TIcsHostCollection';
import { TOcspHttp } from '../hosts/TOcspHttp';
import { validateHosts } from '../hosts/validateHosts';
import { IcsSslRootCAStore } from '../ssl/rootStore';
import { TSslCliCertMethod } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import { TSocketState, type TVar } from '../types';
import { TWSocketServer } from './TWSocketServer';
import type { TWSocketClient } from './TWSocketClient';

type Handler<Arguments extends unknown[]> = { bivariant(...args: Arguments): void }['bivariant'];

/** OnBeforeContextInit. */
export type TSslContextBeforeInit<S = object> = Handler<[Sender: S, IcsHost: TIcsHost]>;
/** OnSslCertReload. */
export type TSslCertReloadEvent<S = object> = Handler<
  [Sender: S, Loaded: boolean, CertsInfo: string]
>;

export class IcsHostsServer extends TWSocketServer implements HostServer {
  /**
   * A host's context has all its settings and no certificate yet: the last chance to change them.
   * Fired by ValidateHosts.
   */
  declare OnBeforeContextInit: TSslContextBeforeInit<this> | null;
  /** Certificates were checked because a file changed (addition, see SslCertWatch). */
  declare OnSslCertReload: TSslCertReloadEvent<this> | null;
  /** Whether clients must show a certificate that RootCA (or the context's CA) vouches for. */
  declare SslCliCertMethod: TSslCliCertMethod;
  /**
   * Trusted certificates, a file or PEM text: for client certificates and for the check of the
   * hosts' chains. '' (default): the shared store of roots.
   */
  declare RootCA: string;
  /** Diffie-Hellman parameters: a file, or PEM text. '' (default): OpenSSL's own. */
  declare DHParams: string;
  /** True: no TLS at all, whatever SslEnable says. Default False. */
  declare NoSSL: boolean;
  /** Hosts may order their certificates themselves; needs SslX509Certs. Default False. */
  declare SslCertAutoOrder: boolean;
  /** Days before the end of a certificate from which on checks warn. Default 30. */
  declare CertExpireDays: number;
  /** What orders certificates. Default null. */
  declare SslX509Certs: HostCertSupplier | null;
  /** Ask OCSP responders about the hosts' certificates and staple the answers. Default False. */
  declare OcspSrvStapling: boolean;
  /**
   * Addition: look at the hosts' files while the server listens, and call RecheckSslCerts when one
   * has changed. Read by Listen. Default False.
   */
  declare SslCertWatch: boolean;
  /** Addition: milliseconds without another change before the check. Default 500. */
  declare SslCertWatchDelay: number;

  #hosts: TIcsHostCollection | null = null;
  #ocsp: TOcspHttp | null = null;
  #watcher: CertWatcher | null = null;
  #isValidated = false;

  constructor(AOwner: TComponent | null = null) {
    super(AOwner);
  }

  /** The hosts. Assigning another collection frees the one before. */
  get IcsHosts(): TIcsHostCollection {
    return (this.#hosts ??= new TIcsHostCollection(this));
  }

  set IcsHosts(value: TIcsHostCollection) {
    if (value === this.#hosts) return;
    const before = this.#hosts;
    this.#hosts = value;
    this.#isValidated = false;
    before?.Free();
  }

  /** The client that asks OCSP responders, with its cache. */
  get OcspSrvHttp(): TOcspHttp {
    return (this.#ocsp ??= new TOcspHttp(this));
  }

  /** ValidateHosts has succeeded and the server has not listened since. */
  get Validated(): boolean {
    return this.#isValidated;
  }

  // ---- Hosts ---------------------------------------------------------------------------------

  /**
   * Makes listeners, contexts and certificates of the hosts; Listen calls it unless that has
   * happened. The result is '' or a line for each error and warning. Stop1stErr: the first error
   * ends it and is raised as ESocketException, with NoExceptions it only ends it. AllowSelfSign:
   * certificates that sign themselves are no reason for a warning. Raises `Cannot change Port if not
   * closed` while the server listens on a fixed port.
   */
  ValidateHosts(Stop1stErr = true, NoExceptions = false, AllowSelfSign = false): string {
    this.#isValidated = false;
    const { text, validated } = validateHosts(this, {
      stop1stErr: Stop1stErr,
      noExceptions: NoExceptions,
      allowSelfSign: AllowSelfSign,
    });
    this.#isValidated = validated;
    this.#watcher?.update();
    return text;
  }

  /**
   * Checks the certificates of all hosts and loads those whose files have changed: new sessions use
   * them, open ones go on. True when any was loaded. CertsInfo tells what was loaded and what is
   * wrong; a certificate that cannot be used leaves the one before in use. To be called once the
   * server listens, and at least daily.
   */
  RecheckSslCerts(
    CertsInfo: TVar<string>,
    Stop1stErr = true,
    NoExceptions = false,
    AllowSelfSign = false,
  ): boolean {
    CertsInfo.Value = '';
    const { loaded, text } = recheckCerts(this, {
      stop1stErr: Stop1stErr,
      noExceptions: NoExceptions,
      allowSelfSign: AllowSelfSign,
    });
    CertsInfo.Value = text;
    this.#watcher?.update();
    return loaded;
  }

  /**
   * Loads and checks the certificate of one host, with ForceLoad also when no file has changed. True
   * when the host has a certificate that is good, or good with a warning; LoadNew: another one than
   * before. CertErrs of the host tells more. False for a number that is no host's.
   */
  LoadOneCert(
    HostNr: number,
    ForceLoad: boolean,
    LoadNew: TVar<boolean>,
    AllowSelfSign = false,
  ): boolean {
    const { ok, isNew } = loadHostCert(this, {
      hostNr: HostNr,
      force: ForceLoad,
      allowSelfSign: AllowSelfSign,
      initialising: false,
    });
    LoadNew.Value = isNew;
    return ok;
  }

  /** Starts an order for the host's certificate. False with the reason in its CertErrs. */
  OrderCert(HostNr: number): boolean {
    return orderCert(this, HostNr);
  }

  /** Closes the account of SslX509Certs when hosts may order. */
  OrderClose(): void {
    if (this.SslCertAutoOrder && (this.#hosts?.Count ?? 0) > 0) this.SslX509Certs?.CloseAccount();
  }

  /** Loads the shared store of roots now instead of when it is first needed. */
  LoadRootCAList(): void {
    if (!this.NoSSL) IcsSslRootCAStore.Initialise();
  }

  /** The listener with exactly this address and port: -1 the server's own, 0.. an item. */
  FindBinding(MAddr: string, MPort: number, MIndex: TVar<number>): boolean {
    const port = String(MPort);
    const items = [...this.MultiListenSockets];
    const all = [this, ...items];
    const found = all.findIndex(({ Addr, Port }) => Addr === MAddr && Port === port);
    if (found >= 0) MIndex.Value = found + BINDING_MAIN;
    return found >= 0;
  }

  /** Passes a line on to the log of SslX509Certs. */
  IcsLogEvent(_Sender: object, _LogOption: number, Msg: string): void {
    this.SslX509Certs?.LogEvent(Msg);
  }

  /** @internal */
  TriggerBeforeContextInit(Host: TIcsHost): void {
    if (this.OnBeforeContextInit) this.watch(this.OnBeforeContextInit(this, Host));
  }

  // ---- Listening -----------------------------------------------------------------------------

  /** @internal Do hosts say what to listen on? */
  protected hasHosts(): boolean {
    return this.#hosts !== null && this.#hosts.Count > 0;
  }

  /** Validates the hosts if need be, then listens on the first binding. MultiListen opens all. */
  override Listen(): void {
    if (this.hasHosts() && this.State === TSocketState.wsClosed) {
      if (!this.#isValidated) this.ValidateHosts(true, false, false);
      this.#isValidated = false;
      if (this.SslCertWatch && !this.NoSSL) this.#startWatching();
    }
    super.Listen();
  }

  override Close(): void {
    this.OrderClose();
    super.Close();
  }

  override MultiClose(): void {
    this.#stopWatching();
    super.MultiClose();
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    this.#stopWatching();
    super.Destroy();
    this.#ocsp?.Free();
    this.#hosts?.Free();
  }

  #startWatching(): void {
    this.#stopWatching();
    this.#watcher = new CertWatcher(this.IcsHosts, this.SslCertWatchDelay, () =>
      this.#filesChanged(),
    );
  }

  #stopWatching(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  #filesChanged(): void {
    if (this.isDestroyed) return;
    if (!this.ListenAny()) {
      this.#stopWatching();
      return;
    }
    const info: TVar<string> = { Value: '' };
    const loaded = this.RecheckSslCerts(info, false, true);
    if (!this.OnSslCertReload || (!loaded && info.Value === '')) return;
    try {
      this.watch(this.OnSslCertReload(this, loaded, info.Value));
    } catch (E) {
      this.HandleBackGroundException(E, 'OnSslCertReload');
    }
  }

  // ---- Clients -------------------------------------------------------------------------------

  /** @internal Tells a client which host its listener belongs to. */
  protected assignHost(client: TWSocketClient): void {
    const found = this.hasHosts() ? this.IcsHosts.index.owner(client.MultiListenIdx) : null;
    if (found) assign(client, found);
  }

  /**
   * @internal The context for a client that names no host, and what is stapled with it (D-17). The
   * client belongs to the host whose context and rules it gets, whatever its listener said.
   */
  protected contextFor(client: TWSocketClient): TSslContext | null {
    const found = this.hasHosts() ? this.IcsHosts.index.tlsOwner(client.MultiListenIdx) : null;
    if (!found) return this.SslContext?.isDestroyed ? null : this.SslContext; // its host is gone
    if (client.IcsHostIdx !== found.index) assign(client, found);
    const staple = stapleOf(found.host);
    if (staple !== null) client.OcspStapleRaw = staple;
    return found.host.SslCtx;
  }
}

function assign(client: TWSocketClient, { host, index }: FoundHost): void {
  client.IcsHostIdx = index;
  client.HostTag = host.HostTag;
}

Object.assign(IcsHostsServer.prototype, {
  OnBeforeContextInit: null,
  OnSslCertReload: null,
  SslCliCertMethod: TSslCliCertMethod.sslCliCertNone,
  RootCA: '',
  DHParams: '',
  NoSSL: false,
  SslCertAutoOrder: false,
  CertExpireDays: 30,
  SslX509Certs: null,
  OcspSrvStapling: false,
  SslCertWatch: false,
  SslCertWatchDelay: 500,
});
