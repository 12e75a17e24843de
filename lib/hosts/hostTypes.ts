// What the code of this folder needs to know of the server it works for, and of what orders
// certificates.
import type { TSocketFamily } from '../types';
import type { TSslCliCertMethod } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import type { TIcsHost } from './TIcsHost';
import type { TIcsHostCollection } from './TIcsHostCollection';
import type { TOcspHttp } from './TOcspHttp';

/** Index of a binding: none, the server's own listener; 0 and above an item of MultiListenSockets. */
export const BINDING_NONE = -2;
export const BINDING_MAIN = -1;

/** A text in place of a file name: PEM. */
export const PEM_STRING_HDR_BEGIN = '-----BEGIN';

/** One listener of the server: its own or an item. */
export interface HostListener {
  Addr: string;
  get Port(): string;
  set Port(value: string | number);
  SocketFamily: TSocketFamily;
  SslEnable: boolean;
  readonly BindPort: string;
}

/** What orders certificates (SslX509Certs). Called only when it is attached. */
export interface HostCertSupplier {
  /** A line for the log of the orders. */
  LogEvent(Line: string): void;
  /**
   * Starts an order for a host of the server. '' when it was started, which says nothing about its
   * end; else the reason why not. OnTold hears of delays and failures later, any number of times.
   */
  OrderHost(
    Server: HostServer,
    Host: TIcsHost,
    HostNr: number,
    OnTold?: (Text: string) => void,
  ): string;
  /**
   * The certificate of the host was found good: orders only if it should be replaced all the same,
   * because the authority says so. Otherwise as OrderHost.
   */
  RenewHost?(
    Server: HostServer,
    Host: TIcsHost,
    HostNr: number,
    OnTold?: (Text: string) => void,
  ): string;
  /** The server closes: running orders may be given up. */
  CloseAccount(): unknown;
}

/** The server, as this folder sees it. */
export interface HostServer extends HostListener {
  readonly isDestroyed: boolean;
  readonly IcsHosts: TIcsHostCollection;
  readonly MultiListenSockets: {
    readonly Count: number;
    readonly Items: { readonly [index: number]: HostListener };
    Add(): HostListener;
    Clear(): void;
  };
  SslContext: TSslContext | null;
  readonly NoSSL: boolean;
  readonly RootCA: string;
  readonly DHParams: string;
  readonly SslCliCertMethod: TSslCliCertMethod;
  readonly SslCertAutoOrder: boolean;
  readonly CertExpireDays: number;
  readonly SslX509Certs: HostCertSupplier | null;
  readonly OcspSrvStapling: boolean;
  readonly OcspSrvHttp: TOcspHttp;
  /** Fires OnBeforeContextInit. */
  TriggerBeforeContextInit(Host: TIcsHost): void;
}
