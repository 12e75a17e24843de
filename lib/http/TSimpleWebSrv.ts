// A small web server for call-backs (ICS: TSimpleWebSrv in OverbyteIcsSslHttpOAuth.pas): OAuth
// redirects, http-01 and tls-alpn-01 challenges, status pages. One event answers every GET; each
// connection gets one answer and closes.
//
//  - Plain HTTP on WebSrvPort, TLS on WebSrvPortSsl, both on up to two addresses.
//  - Everything a client can use up has a limit: MaxClients of WebServer (10), and the limits here.
import type { TComponent } from '../base/TComponent';
import { TIcsWndControl } from '../pump/TIcsWndControl';
import type { TSslWSocketServer } from '../server/TSslWSocketServer';
import type { TWSocketClient } from '../server/TWSocketClient';
import { waitUntil } from '../socket/wait';
import { TSslSrvSecurity } from '../ssl/sslTypes';
import { reasonOf } from '../ssl/sslErrors';
import { TSslContext } from '../ssl/TSslContext';
import { THttpDebugLevel, TLogOption } from '../types';
import {
  type TSimpleServerProgEvent,
  type TSimpleWebSrvAlpnEvent,
  type TSimpleWebSrvReqEvent,
} from './httpTypes';
import { SimpleServer } from './SimpleServer';
import { TSimpleClientSocket } from './TSimpleClientSocket';
import { chainProblem, initPageContext } from './webSrvContext';
import { bindingsOf, isOff, type Binding } from './webSrvBindings';

const STOP_WAIT_MS = 5000;
const MIN_HEADER_SIZE = 256;
const MAX_HEADER_SIZE = 1024 * 1024;

export class TSimpleWebSrv extends TIcsWndControl {
  /**
   * A GET: set RespCode (`200 OK`, or just the number) and Body (HTML, sent as UTF-8). Sender is the
   * client, with the rest of the request. RespCode '', or an exception, is answered with 500. An
   * async handler is waited for.
   */
  declare OnSimpWebSrvReq: TSimpleWebSrvReqEvent<TSimpleClientSocket> | null;
  /**
   * A tls-alpn-01 challenge for Host: name the file that holds its certificate and key before the
   * handler returns. Without one the handshake is refused.
   */
  declare OnSimpWebSrvAlpn: TSimpleWebSrvAlpnEvent<TSimpleClientSocket> | null;
  /** Log lines; how many is DebugLevel's business. */
  declare OnServerProg: TSimpleServerProgEvent<this> | null;

  /** Address to listen on. Default 'localhost': 127.0.0.1, and ::1 where IPv6 exists. */
  declare WebSrvIP: string;
  /** A second address. Default '': none. */
  declare WebSrvIP2: string;
  /**
   * Port for plain HTTP. Default '8080'. '0' is off; with WebSrvPortSsl off as well it is a port the
   * system chooses, see BindPort.
   */
  declare WebSrvPort: string;
  /** Port for TLS. Default '0': off. */
  declare WebSrvPortSsl: string;
  /** Name of the host: what the certificate should be made for. Default 'localhost'. */
  declare WebSrvHostName: string;
  /**
   * File with certificate, key and intermediates: PEM or PKCS #12. Default '': a self-signed
   * certificate for WebSrvHostName, made anew by StartSrv.
   */
  declare WebSrvCertBundle: string;
  /** Password of WebSrvCertBundle. */
  declare WebSrvCertPassword: string;
  /** PEM file with root certificates. StartSrv warns when the bundle's chain does not end there. */
  declare WebSrvRootFile: string;
  /** TLS versions and suites (addition). Default sslSrvSecTls12Less as in ICS: TLS 1.2 only. */
  declare WebSrvSecurity: TSslSrvSecurity;
  /** What OnServerProg tells. Default DebugConn. */
  declare DebugLevel: THttpDebugLevel;

  /** Longest request head in bytes (addition); a longer one gets 431. Default 8192. */
  declare MaxHeaderSize: number;
  /** Milliseconds from the connection to the end of the request's head (addition); 0: no limit. Default 10,000. */
  declare RequestTimeout: number;
  /** Milliseconds an async handler may take (addition); then the client gets 503. 0: no limit. Default 30,000. */
  declare AnswerTimeout: number;
  /** Milliseconds to wait, behind the answer, for a client that still sends (addition). Default 5,000. */
  declare LingerTimeLimit: number;
  /** Bytes of a client that still sends to read and drop behind the answer (addition). Default 1 MiB. */
  declare MaxDropSize: number;

  readonly #server: SimpleServer;
  readonly #context: TSslContext;
  #startError = '';

  constructor(AOwner: TComponent | null = null) {
    super(AOwner);
    this.#context = new TSslContext(this);
    this.#server = new SimpleServer(this);
    this.#server.SslContext = this.#context;
  }

  /** The inner server: MaxClients 10, no banners, ClientClass TSimpleClientSocket. */
  get WebServer(): TSslWSocketServer {
    return this.#server;
  }

  /** Why the last StartSrv returned False (addition): a line for each listener, or the certificate. */
  get StartError(): string {
    return this.#startError;
  }

  /** Real port for plain HTTP (addition), '' when there is no such listener. */
  get BindPort(): string {
    return this.portOf(false);
  }

  /** Real port for TLS (addition), '' when there is no such listener. */
  get BindPortSsl(): string {
    return this.portOf(true);
  }

  // ---- Start and stop ----------------------------------------------------------------------------

  /**
   * Listens as the properties say, after closing what has listened before; clients stay. False when a
   * listener cannot be opened (others stay open) or the certificate cannot be loaded: see StartError.
   */
  StartSrv(): boolean {
    this.#startError = '';
    if (this.isDestroyed) return false;
    try {
      this.#server.MultiClose();
      this.open();
    } catch (E) {
      this.#startError = reasonOf(E);
    }
    if (this.isDestroyed) return false;
    const failed = this.#startError !== '' || !this.#server.ListenAllOK();
    if (failed)
      this.progress(TLogOption.loProtSpecErr, THttpDebugLevel.DebugConn, this.#startError);
    else this.progress(TLogOption.loProtSpecInfo, THttpDebugLevel.DebugConn, this.ListenStates());
    return !failed;
  }

  /**
   * Stops listening and, with CloseClients, closes the clients: answers that are still being sent get
   * up to 5 seconds, in which the message pump runs; clients whose OnSimpWebSrvReq is running get its
   * answer and close then. The result is IsRunning.
   */
  StopSrv(CloseClients = true): boolean {
    if (this.isDestroyed) return false;
    this.#server.MultiClose();
    if (CloseClients && !this.isDestroyed) this.closeClients();
    return this.IsRunning();
  }

  /** True while any listener is open. */
  IsRunning(): boolean {
    return !this.isDestroyed && this.#server.ListenAny();
  }

  /** A line, ended by CRLF, for every listener. */
  ListenStates(): string {
    return this.#server.ListenStates();
  }

  private open(): void {
    this.checkLimits();
    const bindings = bindingsOf(this);
    const usesTls = bindings.some(({ ssl }) => ssl);
    if (usesTls) this.initContext();
    this.#server.RootCA = this.WebSrvRootFile;
    this.#server.MultiListenSockets.Clear();
    this.#startError = bindings
      .flatMap((binding, at) => this.listen(binding, at === 0))
      .join('\r\n');
  }

  // A name for both families has one port, also when the system chooses it.
  private listen({ addr, port, ssl }: Binding, isMain: boolean): string[] {
    const server = this.#server;
    const listener = isMain ? server : server.MultiListenSockets.Add();
    listener.Addr = addr;
    listener.Port = isMain || !isOff(port) ? port : server.BindPort || port;
    listener.SslEnable = ssl;
    try {
      listener.Listen();
      return [];
    } catch (E) {
      return [`Listen Failed: ${addr} port ${listener.Port} - ${reasonOf(E)}`];
    }
  }

  private checkLimits(): void {
    const size = this.MaxHeaderSize;
    if (!Number.isInteger(size) || size < MIN_HEADER_SIZE || size > MAX_HEADER_SIZE)
      throw new RangeError(`MaxHeaderSize must be ${MIN_HEADER_SIZE} to ${MAX_HEADER_SIZE}`);
  }

  private initContext(): void {
    const { WebSrvHostName: hostName } = this;
    initPageContext(this.#context, {
      bundle: this.WebSrvCertBundle,
      password: this.WebSrvCertPassword,
      security: this.WebSrvSecurity,
      hostName,
    });
    if (this.WebSrvCertBundle === '' || this.WebSrvRootFile === '') return;
    const problem = chainProblem(this.#context, hostName, this.WebSrvRootFile);
    if (problem !== '')
      this.progress(
        TLogOption.loSslErr,
        THttpDebugLevel.DebugConn,
        `Certificate ${this.WebSrvCertBundle}: ${problem}`,
      );
  }

  private closeClients(): void {
    const server = this.#server;
    for (const client of clientsOf(server))
      if (!isAnswering(client) && !isSending(client)) server.Disconnect(client);
    const sent = (): boolean => !clientsOf(server).some(isSending);
    if (!sent()) waitUntil(server, sent, performance.now() + STOP_WAIT_MS);
    for (const client of clientsOf(server)) if (!isAnswering(client)) server.Disconnect(client);
  }

  private portOf(ssl: boolean): string {
    const server = this.#server;
    const listeners = [server, ...server.MultiListenSockets];
    return listeners.find((one) => one.SslEnable === ssl && one.BindPort !== '')?.BindPort ?? '';
  }

  // ---- The log -----------------------------------------------------------------------------------

  /** @internal */
  progress(LogOption: TLogOption, level: THttpDebugLevel, Msg: string): void {
    if (this.OnServerProg === null || this.DebugLevel < level) return;
    try {
      this.watch(this.OnServerProg(this, LogOption, Msg));
    } catch (E) {
      this.HandleBackGroundException(E, 'OnServerProg');
    }
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    this.#server.Free();
    super.Destroy();
  }
}

function clientsOf(server: SimpleServer): TWSocketClient[] {
  return [...server.Client];
}

function isAnswering(client: TWSocketClient): boolean {
  return client instanceof TSimpleClientSocket && client.isAsked;
}

function isSending(client: TWSocketClient): boolean {
  return client instanceof TSimpleClientSocket && client.isSending;
}

Object.assign(TSimpleWebSrv.prototype, {
  OnSimpWebSrvReq: null,
  OnSimpWebSrvAlpn: null,
  OnServerProg: null,
  WebSrvIP: 'localhost',
  WebSrvIP2: '',
  WebSrvPort: '8080',
  WebSrvPortSsl: '0',
  WebSrvHostName: 'localhost',
  WebSrvCertBundle: '',
  WebSrvCertPassword: '',
  WebSrvRootFile: '',
  WebSrvSecurity: TSslSrvSecurity.sslSrvSecTls12Less,
  DebugLevel: THttpDebugLevel.DebugConn,
  MaxHeaderSize: 8192,
  RequestTimeout: 10_000,
  AnswerTimeout: 30_000,
  LingerTimeLimit: 5000,
  MaxDropSize: 1024 * 1024,
});
