// One HTTP CONNECT negotiation: the request, the proxy's answers, and the request again with the
// proof the proxy asks for (on the same connection, or on a new one if the proxy closes this one).
import * as N from '../native';
import { THttpTunnelAuthType, TWSocketOption } from '../types';
import type { TCustomHttpTunnelWSocket } from './TCustomHttpTunnelWSocket';
import { reconnect } from './connect';
import * as H from './httpTunnelProtocol';
import { WSocketResolvePort, asciiHost } from './names';
import * as A from './proxyAuth';
import * as P from './proxyErrors';
import { ProxyNegotiation, isLiteral } from './proxyNegotiation';

const { htatDetect, htatNone, htatBasic, htatDigest } = THttpTunnelAuthType;
const HTTP_FIRST = 100;
const HTTP_OK = 200;
const HTTP_LAST_OK = 299;
const HTTP_UNAUTHORIZED = 407;
/** Requests one Connect may take: without proof, with it, and with a fresh nonce. */
const MAX_REQUESTS = 3;
/** Answers that only say "wait" (1xx). */
const MAX_INTERIM = 8;
/** Bodies of refusals up to this size are skipped; a longer one costs a new connection. */
const MAX_SKIPPED = 65536;
const MIN_CHUNK = 64;
const MAX_CHUNK = 65536;

/** What a new connection to the proxy has to know of the earlier one. */
export interface TunnelProgress {
  requests: number;
  /** Value of Proxy-Authorization for the next request. */
  authorization: string;
  type: THttpTunnelAuthType;
  /** What the proxy has offered, for the application. */
  offered: ReadonlySet<THttpTunnelAuthType>;
}

const offersNothing: ReadonlySet<THttpTunnelAuthType> = new Set();

export class HttpTunnelNegotiation extends ProxyNegotiation {
  readonly #progress: TunnelProgress;
  readonly #chunk: Uint8Array;
  #head = new H.TunnelHead();
  #interim = 0;
  /** Bytes of a refusal's body that come before the next answer. */
  #skip = 0;

  constructor(socket: TCustomHttpTunnelWSocket, progress: TunnelProgress | null) {
    super(socket);
    this.#progress = progress ?? {
      requests: 0,
      authorization: '',
      type: htatNone,
      offered: offersNothing,
    };
    const size = Math.max(socket.HttpTunnelBufferSize, MIN_CHUNK);
    this.#chunk = new Uint8Array(Math.min(size, MAX_CHUNK));
  }

  begin(): void {
    const { socket } = this;
    if (this.#progress.requests === 0) {
      socket.noteTunnel(htatNone, '');
      socket.TriggerHttpTunnelConnected(0);
      if (!this.alive) return;
      if (socket.HttpTunnelAuthType === htatBasic) {
        this.#progress.type = htatBasic;
        this.#progress.authorization = A.basicAuthorization(
          socket.HttpTunnelUsercode,
          socket.HttpTunnelPassword,
        );
      }
    }
    this.#request();
  }

  protected override input(): void {
    while (this.alive) if (!(this.#skip > 0 ? this.#skipBody() : this.#readHead())) return;
  }

  ended(): void {
    this.#fail(P.ICS_HTTP_TUNNEL_GENERR);
  }

  get #target(): string {
    const { Addr, Port } = this.socket;
    const host = isLiteral(Addr) ? Addr : (asciiHost(Addr, this.socket) ?? Addr);
    return H.authority(host, WSocketResolvePort(Port, 'tcp'));
  }

  #request(): void {
    this.#progress.requests++;
    this.#head = new H.TunnelHead();
    this.socket.noteTunnel(this.#progress.type, this.socket.HttpTunnelLastResponse);
    const error = this.send(
      Buffer.from(H.tunnelRequest(this.#target, this.#progress.authorization)),
    );
    if (error !== 0) this.#fail(error);
  }

  // Both return false when nothing more is there.
  #skipBody(): boolean {
    const got = this.read(this.#chunk, 0, Math.min(this.#chunk.length, this.#skip));
    this.#skip -= got;
    if (got > 0 && this.#skip === 0) this.#request();
    return got > 0;
  }

  #readHead(): boolean {
    const got = this.read(this.#chunk, 0, this.#chunk.length, N.RECV_PEEK);
    if (got === 0) return false;
    const mine = this.#head.feed(this.#chunk.subarray(0, got));
    this.read(this.#chunk, 0, mine);
    if (this.#head.bad) this.#fail(P.ICS_HTTP_TUNNEL_PROTERR);
    else if (this.#head.complete) this.#answered(this.#head.parse());
    return true;
  }

  #answered(answer: H.TunnelAnswer | null): void {
    const { socket } = this;
    if (answer === null) {
      this.#fail(P.ICS_HTTP_TUNNEL_PROTERR);
      return;
    }
    socket.noteTunnel(this.#progress.type, answer.statusLine);
    const { status } = answer;
    if (answer.old && socket.hasOption(TWSocketOption.wsoNoHttp10Tunnel)) {
      this.#fail(P.ICS_HTTP_TUNNEL_VERSIONERR);
    } else if (status < HTTP_FIRST) {
      this.#fail(P.ICS_HTTP_TUNNEL_PROTERR);
    } else if (status < HTTP_OK) {
      this.#head = new H.TunnelHead();
      if (++this.#interim > MAX_INTERIM) this.#fail(P.ICS_HTTP_TUNNEL_PROTERR);
    } else if (status <= HTTP_LAST_OK) {
      this.succeed();
    } else if (status === HTTP_UNAUTHORIZED) {
      this.#prove(answer);
    } else {
      this.#fail(codeOf(status));
    }
  }

  // 407: once more with a proof, unless that has just been refused.
  #prove(answer: H.TunnelAnswer): void {
    const challenges = A.parseChallenges(answer.challenges);
    this.#progress.offered = A.offeredTypes(challenges);
    const proof = this.#proofFor(challenges);
    if (proof === '' || this.#progress.requests >= MAX_REQUESTS) {
      this.#fail(codeOf(HTTP_UNAUTHORIZED));
      return;
    }
    this.#progress.authorization = proof;
    const { bodyLength } = answer;
    if (answer.closes || bodyLength < 0 || bodyLength > MAX_SKIPPED) this.#connectAgain();
    else if (bodyLength > 0) this.#skip = bodyLength;
    else this.#request();
  }

  #proofFor(challenges: readonly A.Challenge[]): string {
    const { HttpTunnelAuthType: wanted, HttpTunnelUsercode: user } = this.socket;
    const { HttpTunnelPassword: password } = this.socket;
    const { type } = this.#progress;
    if (user === '' || wanted === htatNone) return '';
    const digest = A.digestChallenge(challenges);
    if (digest !== null && (wanted === htatDigest || wanted === htatDetect)) {
      const stale = digest.params.get('stale')?.toLowerCase() === 'true';
      if (type === htatDigest && !stale) return '';
      this.#progress.type = htatDigest;
      return A.digestAuthorization(digest, user, password, this.#target);
    }
    if (!this.#progress.offered.has(htatBasic) || wanted === htatDigest || type !== htatNone)
      return '';
    this.#progress.type = htatBasic;
    return A.basicAuthorization(user, password);
  }

  #connectAgain(): void {
    const { socket } = this;
    const progress = this.#progress;
    socket.tunnelProgress = progress;
    const error = reconnect(socket);
    if (error === 0 || socket.tunnelProgress !== progress) return; // or a handler has closed
    socket.tunnelProgress = null;
    socket.LastError = error;
    socket.TriggerSessionConnected(error);
  }

  #fail(code: number): void {
    const { offered } = this.#progress;
    this.fail(code, () =>
      this.socket.TriggerHttpTunnelError(code, offered, P.WSocketProxyErrorDesc(code)),
    );
  }
}

function codeOf(status: number): number {
  return status <= P.ICS_HTTP_TUNNEL_MAXSTAT
    ? P.ICS_HTTP_TUNNEL_BASEERR + status
    : P.ICS_HTTP_TUNNEL_PROTERR;
}
