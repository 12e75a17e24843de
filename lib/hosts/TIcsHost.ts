// One host of a server: names, bindings, certificate, and settings of the servers above (ICS: TIcsHost
// in OverbyteIcsWSocketS.pas). Nothing happens here: ValidateHosts of the server makes listeners and
// TLS contexts of it, RecheckSslCerts looks after its certificate.
//
//  - Properties from ForwardProxy to WebLogIdx are data for web, proxy and FTP servers.
//  - SslCert, SslKey and SslInter are file names, or PEM text.
import type { TCollection } from '../base/TCollection';
import { TCollectionItem } from '../base/TCollectionItem';
import type { TPersistent } from '../base/TPersistent';
import { TStringList } from '../base/TStringList';
import type { TStrings } from '../base/TStrings';
import { TSslPrivKeyType } from '../ssl/certTypes';
import { TChainResult, TSslCliCertMethod, TSslSrvSecurity } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import { TChallengeType, TEvpDigest, TSslLoadSource, TSupplierProto } from './hostEnums';
import { BINDING_MAIN, BINDING_NONE, type HostListener, type HostServer } from './hostTypes';

const { CertLoadFile } = TSslLoadSource;

/** Defaults of the plain properties, and thereby the list of what Assign copies. */
const DEFAULTS = {
  BindIpAddr: '0.0.0.0',
  BindIpAddr2: '',
  BindNonPort: 0,
  BindSslPort: 0,
  HostTag: 'HostTag',
  Descr: '',
  Proto: '',
  ForwardProxy: false,
  WebDocDir: '',
  WebTemplDir: '',
  WebDefDoc: '',
  WebLogDir: '',
  WebLogIdx: 0,
  AuthForceSsl: false,
  WellKnownPath: '',
  WebRedirectURL: '',
  WebRedirectStat: 0,
  SslCert: '',
  SslKey: '',
  SslInter: '',
  SslPassword: '',
  SslSrvSecurity: TSslSrvSecurity.sslSrvSecHigh,
  CliCertMethod: TSslCliCertMethod.sslCliCertNone,
  SslLoadSource: CertLoadFile,
  SslCipherList12: '',
  SslCipherList13: '',
  SslCryptoGroups: '',
  CertSupplierProto: TSupplierProto.SuppProtoNone,
  CertDirWork: '',
  CertChallenge: TChallengeType.ChallNone,
  CertPKeyType: TSslPrivKeyType.PrivKeyRsa2048,
  CertProduct: '',
  CertSignDigest: TEvpDigest.Digest_sha256,
};

/** @internal Results of ValidateHosts, LoadOneCert and RecheckSslCerts. */
export class HostState {
  bindInfo: string[] = [];
  idxNone = BINDING_NONE;
  idx2None = BINDING_NONE;
  idxSsl = BINDING_NONE;
  idx2Ssl = BINDING_NONE;
  certDomains = '';
  certInfo = '';
  certErrs = '';
  certValRes = TChainResult.chainOK;
  certExpiry = new Date(0);
  certFStamp = new Date(0);
  interFStamp = new Date(0);
  /** What the files or texts were when the certificate in use was loaded. */
  loadedFrom = '';
  /** The file a temporary certificate stands in for, and what it was then; null: none does. */
  standIn: { readonly original: string; readonly stamp: string; readonly file: string } | null =
    null;
  /** Certificate the OCSP response belongs to; it may be stapled before `ocspUntil`. */
  ocspFor = '';
  ocspUntil = 0;
}

export class TIcsHost extends TCollectionItem {
  /** IP address to listen on: IPv4 or IPv6, no name. Default `0.0.0.0`. */
  declare BindIpAddr: string;
  /** Another address for the same ports. Default '': none. */
  declare BindIpAddr2: string;
  /** Port without TLS. 0 (default): none, unless BindSslPort is 0 as well: then a dynamic port. */
  declare BindNonPort: number;
  /** Port with TLS. Default 0: none. */
  declare BindSslPort: number;
  /** Short name, copied to the clients. Default `HostTag`. */
  declare HostTag: string;
  /** Description. */
  declare Descr: string;
  /** Protocol of the servers above. */
  declare Proto: string;
  /** Proxy server: this host is a forward proxy. */
  declare ForwardProxy: boolean;
  declare WebDocDir: string;
  declare WebTemplDir: string;
  declare WebDefDoc: string;
  declare WebLogDir: string;
  declare WebLogIdx: number;
  /** FTP and mail servers refuse a login before TLS. */
  declare AuthForceSsl: boolean;
  /** Directory served as `/.well-known/` by web servers. */
  declare WellKnownPath: string;
  /** Where web servers and proxies redirect to, with WebRedirectStat 301, 302, 307 or 308. */
  declare WebRedirectURL: string;
  declare WebRedirectStat: number;
  /** Certificate: a PEM, CER, DER, PFX, P12 or P7B file, or PEM text; key and intermediates too. */
  declare SslCert: string;
  /** Private key when it is not with the certificate: a PEM file, or PEM text. */
  declare SslKey: string;
  /** Intermediates when they are not with the certificate: a PEM file, or PEM text. */
  declare SslInter: string;
  /** Password of the key. */
  declare SslPassword: string;
  /** Protocols, ciphers and key sizes. Default sslSrvSecHigh. */
  declare SslSrvSecurity: TSslSrvSecurity;
  /** Are clients of this host asked for a certificate? Combined with the server's method. */
  declare CliCertMethod: TSslCliCertMethod;
  /** Default CertLoadFile, which is the only one outside Windows. */
  declare SslLoadSource: TSslLoadSource;
  /** In place of the ciphers of SslSrvSecurity for TLS 1.2. */
  declare SslCipherList12: string;
  /** In place of the suites of TLS 1.3. */
  declare SslCipherList13: string;
  /** In place of the groups for the key exchange. */
  declare SslCryptoGroups: string;
  declare CertSupplierProto: TSupplierProto;
  /** Work directory of the orders. */
  declare CertDirWork: string;
  declare CertChallenge: TChallengeType;
  declare CertPKeyType: TSslPrivKeyType;
  declare CertProduct: string;
  declare CertSignDigest: TEvpDigest;

  /** OCSP response to staple; none by default. */
  declare OcspStapleResp: Buffer;
  /** @internal */
  readonly state = new HostState();
  readonly #names = new TStringList();
  #isEnabled = true;
  #authSslCmd = false;
  #sslCtx: TSslContext | null = null;
  readonly #certChanged = (): void => this.Changed(false);

  constructor(Collection: TCollection | null = null) {
    super(Collection);
    this.#names.Add('*');
  }

  /** Names of the host, the first one names its files. Default `*`. */
  get HostNames(): TStrings {
    return this.#names;
  }

  set HostNames(value: TStrings) {
    this.#names.Assign(value);
  }

  /** False: no bindings, and never chosen by a handshake. Default True. */
  get HostEnabled(): boolean {
    return this.#isEnabled;
  }

  set HostEnabled(value: boolean) {
    this.#isEnabled = value;
    this.Changed(false);
  }

  /** Prepares TLS although BindSslPort may be 0: a client begins it later (AUTH, STARTTLS). */
  get AuthSslCmd(): boolean {
    return this.#authSslCmd;
  }

  set AuthSslCmd(value: boolean) {
    this.#authSslCmd = value;
    this.Changed(false);
  }

  /** The TLS context; made by ValidateHosts, freed with the host. */
  get SslCtx(): TSslContext | null {
    return this.#sslCtx;
  }

  set SslCtx(value: TSslContext | null) {
    if (value === this.#sslCtx) return;
    this.#sslCtx?.onServedCert.delete(this.#certChanged);
    this.#sslCtx = value;
    value?.onServedCert.add(this.#certChanged);
    this.Changed(false);
  }

  // ---- Results -------------------------------------------------------------------------------

  /** Number of names. */
  get HostNameTot(): number {
    return this.#names.Count;
  }

  /** `addr:port` of the bindings, joined by `, `. */
  get BindInfo(): string {
    return this.state.bindInfo.join(', ');
  }

  /** Listener of BindIpAddr and BindNonPort: -2 none, -1 the server's own, 0.. an item. */
  get BindIdxNone(): number {
    return this.state.idxNone;
  }

  /** Listener of BindIpAddr2 and BindNonPort. */
  get BindIdx2None(): number {
    return this.state.idx2None;
  }

  /** Listener of BindIpAddr and BindSslPort. */
  get BindIdxSsl(): number {
    return this.state.idxSsl;
  }

  /** Listener of BindIpAddr2 and BindSslPort. */
  get BindIdx2Ssl(): number {
    return this.state.idx2Ssl;
  }

  /** Real port while the host listens: that without TLS if there is one. Else ''. */
  get BindSrvPort(): string {
    const { idxNone, idxSsl } = this.state;
    const at = idxNone === BINDING_NONE ? idxSsl : idxNone;
    const server = (this.Collection?.Owner ?? null) as HostServer | null;
    if (!server || at === BINDING_NONE) return '';
    const items = server.MultiListenSockets;
    let listener: HostListener | null = null;
    if (at === BINDING_MAIN) listener = server;
    else if (at < items.Count) listener = items.Items[at]!;
    return listener?.BindPort ?? '';
  }

  /** DNS names of the certificate, joined by `, `. */
  get CertDomains(): string {
    return this.state.certDomains;
  }

  /** Description of the certificate and its issuers. */
  get CertInfo(): string {
    return this.state.certInfo;
  }

  /** What the last check of the certificate found, also when all was well. */
  get CertErrs(): string {
    return this.state.certErrs;
  }

  get CertValRes(): TChainResult {
    return this.state.certValRes;
  }

  /** Last moment of the certificate (the name is spelled so in ICS); 1970 before it is loaded. */
  get CertExiry(): Date {
    return new Date(this.state.certExpiry);
  }

  /** Time of the certificate's file when it was loaded. */
  get CertFStamp(): Date {
    return new Date(this.state.certFStamp);
  }

  /** Time of the file of SslInter when it was loaded. */
  get InterFStamp(): Date {
    return new Date(this.state.interFStamp);
  }

  // ---- Life ----------------------------------------------------------------------------------

  /** `<HostTag> - <Descr>`, or the first address and its ports. */
  protected override GetDisplayName(): string {
    if (this.Descr !== '') return `${this.HostTag} - ${this.Descr}`;
    const { BindNonPort, BindSslPort } = this;
    const ports =
      BindNonPort === 0 ? [BindSslPort] : [BindNonPort, ...(BindSslPort ? [BindSslPort] : [])];
    return `${this.HostTag} - ${this.BindIpAddr}:${ports.join('/')}`;
  }

  /** Copies the properties, not what ValidateHosts has made of them. */
  override Assign(Source: TPersistent | null): void {
    if (!(Source instanceof TIcsHost)) {
      super.Assign(Source);
      return;
    }
    for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[])
      Object.assign(this, { [name]: Source[name] });
    this.HostNames = Source.HostNames;
    this.#isEnabled = Source.HostEnabled;
    this.#authSslCmd = Source.AuthSslCmd;
    this.Changed(false);
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    try {
      super.Destroy();
    } finally {
      this.SslCtx?.Free();
      this.SslCtx = null;
    }
  }
}

Object.assign(TIcsHost.prototype, DEFAULTS, { OcspStapleResp: Buffer.alloc(0) });
