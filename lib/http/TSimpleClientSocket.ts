// One connection of TSimpleWebSrv (ICS: TSimpleClientSocket in OverbyteIcsSslHttpOAuth): reads one
// request, has it answered, and closes.
//
//  - Whatever the peer does, a connection ends: the head has a size and a deadline, so has the
//    answer of the application, and what is thrown away behind it.
//  - A client that still sends when its answer goes out would get a reset instead of it; so what it
//    sends is read and dropped first (see dropRest).
import { noteHandlerPromise, startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import type { TComponent } from '../base/TComponent';
import { THttpDebugLevel, TLogOption, TWSocketOption, type TVar } from '../types';
import { answerPage, errorPage, fullStatus } from './answerPage';
import { HeadScanner, mayBeRequest, parseRequestHead } from './requestHead';
import { ChallengeClient } from './ChallengeClient';
import type { TSimpleWebSrv } from './TSimpleWebSrv';

const HTML = 'text/html; charset=UTF-8';
const SERVER_ERROR = '500 Internal Server Error';
/** What is dropped is read into this. */
const dropped = Buffer.allocUnsafeSlow(64 * 1024);

/** Where a connection stands. */
enum Phase {
  /** The head is not complete. */
  head,
  /** The application has been asked. */
  asked,
  /** The answer is out; the rest of what the client sends is dropped. */
  dropping,
  /** CloseDelayed has been called, or there is nothing to do for this client. */
  over,
}

export class TSimpleClientSocket extends ChallengeClient {
  /** Verb of the request, as sent: `GET`. '' before there is a request, as all Request texts. */
  declare RequestMethod: string;
  /** Content-Length of the request; 0 without one. */
  declare RequestContentLength: number;
  /** Host with port, as sent: of an absolute URI, else of the Host field. */
  declare RequestHost: string;
  declare RequestHostName: string;
  /** '' when the client named no port. */
  declare RequestHostPort: string;
  /** Path, not decoded. */
  declare RequestPath: string;
  /** What follows the '?', not decoded. */
  declare RequestParams: string;
  declare RequestReferer: string;
  declare RequestUserAgent: string;

  #phase = Phase.head;
  #head: Buffer | null = null;
  #filled = 0;
  #scanner: HeadScanner | null = new HeadScanner();
  #timer: ReactorTimer | null = null;
  /** Bytes the client is still expected to send; Infinity: nobody knows. */
  #unread = Infinity;
  #droppedCount = 0;

  constructor(AOwner: TComponent | null = null) {
    super(AOwner);
    // A client may finish sending before it reads; its answer may come from an async handler.
    this.HalfClose = true;
    this.ComponentOptions = new Set([TWSocketOption.wsoNoSendException]);
  }

  /**
   * Answers the request: Status as `200 OK` (the number is enough), ExtraHdr with further header
   * lines, each ended by CRLF. Then the connection closes. Nothing happens when the request has been
   * answered already or the connection is gone. TypeError for texts that would break the head.
   */
  CliSendPage(Status: string, ContentType: string, ExtraHdr: string, BodyStr: string): void {
    const isHead = this.RequestMethod === 'HEAD';
    const page = answerPage(Status, ContentType, ExtraHdr, BodyStr, isHead);
    if (!this.mayAnswer()) return;
    this.#phase = Phase.over;
    stopTimer(this.#timer);
    this.WebSrv?.progress(
      TLogOption.loProtSpecInfo,
      THttpDebugLevel.DebugConn,
      `Client ${this.CliId} answered: ${fullStatus(Status)}`,
    );
    if (!this.mayClose()) return; // the log's handler has closed it
    this.Send(page);
    if (this.mayClose()) this.dropRest();
  }

  /** CliSendPage with a small page that shows the status and Msg. */
  CliErrorResponse(RespStatus: string, Msg: string): void {
    const status = fullStatus(RespStatus) || SERVER_ERROR;
    this.CliSendPage(status, HTML, '', errorPage(status, Msg));
  }

  // ---- Reading the request -----------------------------------------------------------------------

  /** @internal The connection is served from now on, with these deadlines. */
  begin(webSrv: TSimpleWebSrv): void {
    if (webSrv.RequestTimeout > 0)
      this.#timer = startTimer(webSrv.RequestTimeout, () => this.headTimedOut());
  }

  /** @internal One too many: it is closed, whatever it has sent. */
  refuse(): void {
    this.#phase = Phase.over;
    stopTimer(this.#timer);
  }

  override TriggerDataAvailable(_ErrCode: number): boolean {
    if (this.isChallenged) this.discard();
    else if (this.#phase === Phase.head) this.readHead();
    else if (this.#phase === Phase.dropping) this.drop();
    return true;
  }

  private readHead(): void {
    const head = (this.#head ??= Buffer.allocUnsafeSlow(this.WebSrv?.MaxHeaderSize ?? 0));
    const got = this.Receive(head.subarray(this.#filled));
    if (got <= 0) return;
    const isFirst = this.#filled === 0;
    this.#filled += got;
    const bytes = head.subarray(0, this.#filled);
    if (isFirst && !mayBeRequest(bytes)) {
      this.reject('400 Bad Request', 'This is not HTTP.');
      return;
    }
    const end = this.#scanner!.scan(bytes);
    if (end >= 0) this.takeRequest(bytes.subarray(0, end), this.#filled - end);
    else if (this.#filled === head.length)
      this.reject('431 Request Header Fields Too Large', 'The header is too large.');
  }

  private takeRequest(bytes: Buffer, behind: number): void {
    const request = parseRequestHead(bytes);
    this.forgetHead();
    stopTimer(this.#timer);
    if (typeof request === 'string') {
      this.reject(request, 'The request could not be understood.');
      return;
    }
    this.RequestMethod = request.method;
    this.RequestContentLength = request.contentLength;
    this.RequestHost = request.host;
    this.RequestHostName = request.hostName;
    this.RequestHostPort = request.hostPort;
    this.RequestPath = request.path;
    this.RequestParams = request.params;
    this.RequestReferer = request.referer;
    this.RequestUserAgent = request.userAgent;
    const unread = request.isEncoded ? Infinity : request.contentLength - behind;
    this.#unread = unread < 0 ? Infinity : unread; // it sends more than it has announced
    this.tellRequest(bytes);
    if (!this.mayAnswer()) return;
    if (request.method === 'GET') this.ask();
    else this.CliErrorResponse('404 Not Found', `No ${request.method} here.`);
  }

  private tellRequest(bytes: Buffer): void {
    const { CliId, PeerAddr, RequestMethod, RequestHost, RequestPath } = this;
    this.WebSrv?.progress(
      TLogOption.loProtSpecInfo,
      THttpDebugLevel.DebugConn,
      `Client ${CliId} from ${PeerAddr}: ${RequestMethod} ${RequestHost}${RequestPath}`,
    );
    this.WebSrv?.progress(
      TLogOption.loProtSpecDump,
      THttpDebugLevel.DebugHdr,
      bytes.toString('utf8').trimEnd(),
    );
  }

  private reject(status: string, msg: string): void {
    this.forgetHead();
    this.CliErrorResponse(status, msg);
  }

  private forgetHead(): void {
    this.#head = null;
    this.#scanner = null;
  }

  // Somebody who has sent nothing (a browser's spare connection) needs no words.
  private headTimedOut(): void {
    try {
      if (this.#filled > 0) this.reject('408 Request Timeout', 'The request took too long.');
      else this.Close();
    } catch (E) {
      this.HandleBackGroundException(E, 'RequestTimeout');
    }
  }

  // ---- The answer --------------------------------------------------------------------------------

  private ask(): void {
    const webSrv = this.WebSrv!;
    const handle = this.socketHandle;
    const respCode: TVar<string> = { Value: '' };
    const body: TVar<string> = { Value: '' };
    const done = (): void => {
      if (this.socketHandle === handle) this.answer(respCode.Value, body.Value);
    };
    const failed = (E: unknown): void => {
      if (this.socketHandle === handle)
        this.CliErrorResponse(SERVER_ERROR, 'The request could not be answered.');
      if (!webSrv.isDestroyed) webSrv.HandleBackGroundException(E, 'OnSimpWebSrvReq');
    };
    this.#phase = Phase.asked;
    try {
      const { RequestHost, RequestPath, RequestParams } = this;
      const args = [RequestHost, RequestPath, RequestParams, respCode, body] as const;
      const result: unknown = webSrv.OnSimpWebSrvReq?.(this, ...args);
      if (!isThenable(result)) done();
      else this.awaitAnswer(Promise.resolve(result).then(done).catch(failed), handle);
    } catch (E) {
      failed(E);
    }
  }

  private awaitAnswer(answered: Promise<unknown>, handle: number): void {
    answered.catch((E: unknown) => this.HandleBackGroundException(E, 'OnSimpWebSrvReq'));
    noteHandlerPromise();
    if (this.socketHandle !== handle || this.#phase !== Phase.asked) return;
    const limit = this.WebSrv?.AnswerTimeout ?? 0;
    if (limit > 0) this.#timer = startTimer(limit, () => this.answerTimedOut());
  }

  private answerTimedOut(): void {
    try {
      this.CliErrorResponse('503 Service Unavailable', 'The answer took too long.');
    } catch (E) {
      this.HandleBackGroundException(E, 'AnswerTimeout');
    }
  }

  private answer(respCode: string, body: string): void {
    if (!this.mayAnswer()) return;
    const status = fullStatus(String(respCode));
    if (status !== '') this.CliSendPage(status, HTML, '', String(body));
    else this.CliErrorResponse(SERVER_ERROR, 'The request was not answered.');
  }

  private mayAnswer(): boolean {
    return this.#phase <= Phase.asked && this.mayClose();
  }

  // ---- The end -----------------------------------------------------------------------------------

  // Input that is unread, or comes later, turns a close into a reset, and a reset takes the answer
  // out of the client's hands. So the client is told by a FIN that nothing more comes, and what it
  // sends is dropped until it finishes, too. In TLS a FIN would cut the session off, so there only
  // the announced bytes are waited for, or the client's end.
  private dropRest(): void {
    this.#phase = Phase.over;
    const webSrv = this.WebSrv;
    if (this.#unread === 0 && this.RcvdCount > 0) this.#unread = Infinity;
    if (this.#unread === 0 || !webSrv || webSrv.LingerTimeLimit <= 0) {
      this.CloseDelayed();
      return;
    }
    this.#phase = Phase.dropping;
    this.#timer = startTimer(webSrv.LingerTimeLimit, () => this.endDropping());
    if (!this.SslEnable) this.Shutdown(1);
    this.drop();
  }

  private drop(): void {
    const limit = this.WebSrv?.MaxDropSize ?? 0;
    while (this.mayClose() && this.#unread > 0 && this.#droppedCount < limit) {
      const got = this.Receive(dropped);
      if (got <= 0) return; // more comes, or the end, which is told otherwise
      this.#droppedCount += got;
      this.#unread -= got;
    }
    this.endDropping();
  }

  private discard(): void {
    for (let round = 0; round < 16; round++) if (this.Receive(dropped) <= 0) return;
  }

  private endDropping(): void {
    if (this.#phase !== Phase.dropping) return;
    this.#phase = Phase.over;
    stopTimer(this.#timer);
    this.CloseDelayed();
  }

  /** The client sends nothing more: without a complete request there is nothing to answer. */
  override TriggerPeerShutdown(): void {
    super.TriggerPeerShutdown();
    if (this.#phase !== Phase.asked && this.mayClose()) this.CloseDelayed();
  }

  /** @internal StopSrv: is an answer under way that is worth waiting for? */
  get isSending(): boolean {
    return this.#phase >= Phase.dropping && this.queued > 0;
  }

  /** @internal StopSrv: the application is still to answer. */
  get isAsked(): boolean {
    return this.#phase === Phase.asked;
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    this.#phase = Phase.over;
    this.forgetHead();
    stopTimer(this.#timer);
  }
}

Object.assign(TSimpleClientSocket.prototype, {
  RequestMethod: '',
  RequestContentLength: 0,
  RequestHost: '',
  RequestHostName: '',
  RequestHostPort: '',
  RequestPath: '',
  RequestParams: '',
  RequestReferer: '',
  RequestUserAgent: '',
});

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
