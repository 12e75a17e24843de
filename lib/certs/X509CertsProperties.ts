// Properties and events of TSslX509Certs (OverbyteIcsSslX509Certs). Settings of a domain are copied
// when a method is called: changing them afterwards changes nothing of what runs.
//
// ICS: fields of suppliers that no longer exist (CertCentre, Servertastic) and OAuth are left out.
import { TStringList } from '../base/TStringList';
import { TSslPrivKeyType } from '../ssl/certTypes';
import { TSupplierProto } from '../ssl/orderTypes';
import { TSslBaseComponent } from '../ssl/TSslBaseComponent';
import { initialOf } from './iniFields';
import {
  newDomain,
  ORDER_FIELDS,
  SETTING_FIELDS,
  type DomainRecord,
  type DomainSettings,
  type OrderProgress,
} from './records';
import { TSubAltNames } from './TSubAltNames';
import type { ChallengeServer } from './challengeServer';
import {
  AcmeSuppliers,
  OTHER_PREFIX,
  TAcmeSupplier,
  type TCertProgEvent,
  type TChallengeEvent,
} from './x509CertsTypes';
import { THttpDebugLevel, TSocketFamily } from '../types';
import { routeOf, type Route } from './acme/route';

type NotifyEvent = { bivariant(Sender: object): void }['bivariant'];
type PlainSettings = Omit<DomainSettings, 'CertCommonName' | 'DirPubWebCert' | 'DirWellKnown'>;
type Results = Readonly<Omit<OrderProgress, 'CertRenewNow'>>;

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- fields of the tables in records.ts
export interface X509CertsProperties extends PlainSettings, Results {
  /** Order a new certificate at the next check, whatever the dates. Default False. */
  CertRenewNow: boolean;
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class X509CertsProperties extends TSslBaseComponent {
  /** Known authority; gives directory URL and file prefix unless SupplierServer is set. */
  declare AcmeSupplier: TAcmeSupplier;
  /** URL of the ACME directory, `https://…`. Default '': the one of AcmeSupplier. */
  declare SupplierServer: string;
  /** Roots that sign the authority's own server, file or PEM text. Default '': those of Node.js. */
  declare SupplierRootCA: string;
  /** Address for messages of the authority; may stay ''. */
  declare SupplierEmail: string;
  /** Free name of the account. */
  declare SupplierTitle: string;
  /** External account binding: key id. */
  declare AcmeEABKid: string;
  /** External account binding: key in base64url. */
  declare AcmeEABHmacKey: string;
  /** Key of a new account. Default PrivKeyRsa2048. */
  declare AcmeAccKeyType: TSslPrivKeyType;
  /** Addresses of the internal challenge server. Default `0.0.0.0` and `::`. */
  declare DomWebSrvIP: string;
  declare DomWebSrvIP2: string;
  /** Resolver for checking dns-01. Default '': those of the system. */
  declare DnsServer: string;
  /**
   * HTTP proxy, `http://[user:password@]host:port`, for the authority (by CONNECT) and for our own
   * tests of http-01 and tls-alpn-01 unless LocalCheckAddr is set. Default '': none. Anything that is
   * no HTTP proxy is refused by OpenAccount.
   */
  declare ProxyURL: string;
  /** Addresses that may be used for the same connections. Default sfAny. */
  declare SocketFamily: TSocketFamily;
  /** Orders complete by themselves once their challenges have started. Default False. */
  declare AutoOrderComplete: boolean;
  /** The account is closed when the last order has ended. Default False. */
  declare AutoAccountClose: boolean;
  /** Minutes without anything to do until the account is closed; 2 and less become 10. Default 10. */
  declare AccountTimeOutMins: number;
  /** DebugNone silences OnCertProg. Default DebugConn. */
  declare DebugLevel: THttpDebugLevel;
  /** Stored for ICS, without meaning here: keys and answers are never logged. */
  declare LogJson: boolean;
  declare LogPkeys: boolean;
  /** Certificate of an own CA, its key (in the same file when '') and the key's password. */
  declare CACertFile: string;
  declare CAPkeyFile: string;
  declare CAPkeyPw: string;
  /** Without meaning here, kept for ported code. */
  declare KeepOldCA: boolean;
  /** No tests of our own before the authority tests. Default False. */
  declare SkipLocalCheck: boolean;
  /** Address such tests connect to. Default '': the one of the name. */
  declare LocalCheckAddr: string;
  /** Ports the authority connects to. Default 80 and 443; others are for private authorities. */
  declare ChallHttpPort: number;
  declare ChallAlpnPort: number;
  /** Milliseconds between two looks at a pending order. Default 2000. */
  declare PollInterval: number;
  /** Milliseconds until CertCollectDomain gives up waiting. Default 300000. */
  declare CollectTimeout: number;
  /** Milliseconds for one answer of the authority, or of a challenge handler. Default 30000, 300000. */
  declare RequestTimeout: number;
  declare ChallengeTimeout: number;
  /** Server for ChallFileSrv in place of the built-in one. Default null. */
  declare ChallengeServer: ChallengeServer | null;

  /** Every line of the log. */
  declare OnCertProg: TCertProgEvent | null;
  /** The files of a new certificate are saved. */
  declare OnNewCert: NotifyEvent | null;
  /**
   * Add the TXT record CPage with the text CDNSValue, or remove it when CIssueState is
   * IssStateCancel. ChlgOK or the result, also as a promise, must become true. The handler must not
   * wait for another method of the component.
   */
  declare OnChallengeDNS: TChallengeEvent | null;
  /** Copy CWKFullName to the web server; else as OnChallengeDNS. */
  declare OnChallengeFTP: TChallengeEvent | null;
  /** As in ICS; ACME has no such challenges, so these two are never called. */
  declare OnChallengeEmail: TChallengeEvent | null;
  declare OnChallengeManual: TChallengeEvent | null;
  /** The list of domains has changed. */
  declare OnDomainsRefresh: NotifyEvent | null;
  /** An account was opened or closed. */
  declare OnSuppDBRefresh: NotifyEvent | null;
  /** The state of an order has changed. */
  declare OnChallgRefresh: NotifyEvent | null;

  /** Further names. */
  readonly CertSubAltNames = new TSubAltNames();
  /** Directories of servers that get a copy of the final files. */
  readonly DirPubWebCert = new TStringList();
  #commonName = '';
  #dirCertWork = '';
  #dirWellKnown = '';
  protected supplierProto = TSupplierProto.SuppProtoNone;

  /** Kind of the open account; assign it before OpenAccount makes a new one. */
  get SupplierProto(): TSupplierProto {
    return this.supplierProto;
  }

  set SupplierProto(value: TSupplierProto) {
    this.supplierProto = value;
  }

  /** Without blanks around it, and in lower case unless there is a blank inside (name of a CA). */
  get CertCommonName(): string {
    return this.#commonName;
  }

  set CertCommonName(value: string) {
    this.#commonName = trimmedName(value);
  }

  /** Directory of the account; ends with a separator. */
  get DirCertWork(): string {
    return this.#dirCertWork;
  }

  set DirCertWork(value: string) {
    this.#dirCertWork = withSeparator(value);
  }

  /** Directory that is served as `/.well-known/`; ends with a separator. */
  get DirWellKnown(): string {
    return this.#dirWellKnown;
  }

  set DirWellKnown(value: string) {
    this.#dirWellKnown = withSeparator(value);
  }

  /** @internal Directory URL in use. */
  protected get directoryUrl(): string {
    return this.SupplierServer || (AcmeSuppliers[this.AcmeSupplier]?.url ?? '');
  }

  /** @internal How to reach the authority. Raises EX509Exception. */
  protected get route(): Route {
    return routeOf(this.ProxyURL, this.SocketFamily);
  }

  /** @internal First letters of file names. */
  protected get prefix(): string {
    const known = AcmeSuppliers.find(({ url }) => url === this.directoryUrl);
    return known?.prefix ?? OTHER_PREFIX;
  }

  /** @internal The settings as they are now. */
  protected snapshot(): DomainRecord {
    const names = Object.keys(SETTING_FIELDS) as (keyof DomainSettings)[];
    const own = this as unknown as Record<string, unknown>;
    const plain = Object.fromEntries(names.map((name) => [name, own[name]]));
    const domain = newDomain(plain as Partial<DomainSettings>);
    domain.DirPubWebCert = this.DirPubWebCert.CommaText;
    domain.CertRenewNow = this.CertRenewNow;
    domain.sans = this.CertSubAltNames.records();
    return domain;
  }

  /** @internal The other way round. */
  protected publishSettings(domain: DomainRecord): void {
    for (const name of Object.keys(SETTING_FIELDS) as (keyof DomainSettings)[])
      if (name !== 'DirPubWebCert') Object.assign(this, { [name]: domain[name] });
    this.DirPubWebCert.CommaText = domain.DirPubWebCert;
    this.CertSubAltNames.assign(domain.sans);
    this.publishResults(domain);
  }

  /** @internal */
  protected publishResults(domain: DomainRecord): void {
    for (const name of Object.keys(ORDER_FIELDS) as (keyof OrderProgress)[])
      Object.assign(this, { [name]: domain[name] });
  }
}

export function trimmedName(value: string): string {
  const name = value.trim();
  return name.includes(' ') ? name : name.toLowerCase();
}

function withSeparator(value: string): string {
  return value === '' || /[/\\]$/.test(value) ? value : `${value}/`;
}

const settings: Partial<DomainSettings> = initialOf(SETTING_FIELDS);
delete settings.CertCommonName;
delete settings.DirPubWebCert;
delete settings.DirWellKnown;

Object.assign(X509CertsProperties.prototype, settings, initialOf(ORDER_FIELDS), {
  AcmeSupplier: TAcmeSupplier.AcmeLetsEncrypt,
  SupplierServer: '',
  SupplierRootCA: '',
  SupplierEmail: '',
  SupplierTitle: '',
  AcmeEABKid: '',
  AcmeEABHmacKey: '',
  AcmeAccKeyType: TSslPrivKeyType.PrivKeyRsa2048,
  DomWebSrvIP: '0.0.0.0',
  DomWebSrvIP2: '::',
  DnsServer: '',
  ProxyURL: '',
  SocketFamily: TSocketFamily.sfAny,
  AutoOrderComplete: false,
  AutoAccountClose: false,
  AccountTimeOutMins: 10,
  DebugLevel: THttpDebugLevel.DebugConn,
  LogJson: false,
  LogPkeys: false,
  CACertFile: '',
  CAPkeyFile: '',
  CAPkeyPw: '',
  KeepOldCA: false,
  SkipLocalCheck: false,
  LocalCheckAddr: '',
  ChallHttpPort: 80,
  ChallAlpnPort: 443,
  PollInterval: 2000,
  CollectTimeout: 300_000,
  RequestTimeout: 30_000,
  ChallengeTimeout: 300_000,
  ChallengeServer: null,
  OnCertProg: null,
  OnNewCert: null,
  OnChallengeDNS: null,
  OnChallengeFTP: null,
  OnChallengeEmail: null,
  OnChallengeManual: null,
  OnDomainsRefresh: null,
  OnSuppDBRefresh: null,
  OnChallgRefresh: null,
});
