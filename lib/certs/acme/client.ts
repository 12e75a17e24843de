// The protocol of ACME (RFC 8555): directory, nonces, signed requests. Knows nothing of files, hosts
// and orders. Every request is limited in time; a refused nonce is replaced and tried again; failures
// of the line and of an overloaded server are tried again with growing pauses.
import type { KeyObject } from 'node:crypto';
import { EX509Exception } from '../../ssl/sslErrors';
import { EAcmeTransport, fetchUrl, type HttpAnswer } from './https';
import { jwkOf, signJws } from './jws';
import { pause, retryAfterMs } from './pause';
import { DIRECT, type Route } from './route';

/** Tries of one request with refused nonces: half of them may be refused. */
const MAX_NONCE_TRIES = 12;
/** Tries after failures of the line or 5xx. */
const MAX_TRIES = 3;
const FIRST_PAUSE_MS = 500;
/** A longer Retry-After is not waited for inside one request. */
const MAX_PAUSE_MS = 10_000;
const TOO_MANY_REQUESTS = 429;
const USER_AGENT = 'ICS-ACME-9.5';

export interface AcmeDirectory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert: string;
  readonly renewalInfo?: string;
  readonly meta: {
    readonly termsOfService?: string;
    readonly website?: string;
    readonly caaIdentities?: readonly string[];
    readonly externalAccountRequired?: boolean;
    readonly profiles?: Readonly<Record<string, string>>;
  };
}

/** The authority refused. `type` is the last part of its error type, e.g. `badNonce`. */
export class EAcmeError extends EX509Exception {
  readonly type: string;
  readonly detail: string;
  readonly status: number;
  /** Milliseconds the authority asks to wait; 0 when it does not say. */
  readonly retryAfter: number;

  constructor(answer: HttpAnswer) {
    const problem = jsonOf(answer);
    const fullType = textOf(problem['type']);
    const detail = textOf(problem['detail']) || `HTTP status ${answer.status}`;
    super(`${fullType || 'no type'}, ${detail}${subproblems(problem)}`, 'EACME');
    this.type = fullType.replace(/^.*:/, '');
    this.detail = detail;
    this.status = answer.status;
    this.retryAfter = retryAfterMs(answer.headers);
  }

  /** May another try succeed? An overloaded authority, too many requests. */
  get isPassing(): boolean {
    return this.status >= 500 || this.status === TOO_MANY_REQUESTS;
  }
}

export interface AcmeClientOptions {
  readonly directoryUrl: string;
  /** PEM of the roots that sign the authority's own certificate; undefined: those of Node.js. */
  readonly ca?: string | undefined;
  /** Milliseconds for one answer. */
  readonly timeout: number;
  readonly route?: Route;
  readonly log: (line: string) => void;
}

export class AcmeClient {
  readonly #options: AcmeClientOptions;
  readonly #abort = new AbortController();
  #directory: AcmeDirectory | null = null;
  #nonce = '';
  #key: KeyObject | null = null;
  #accountUrl = '';

  constructor(options: AcmeClientOptions) {
    this.#options = options;
  }

  /** Ends everything that runs; later calls fail. */
  close(): void {
    this.#abort.abort();
  }

  /** A line for the log of the account. */
  note(line: string): void {
    this.#options.log(line);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get accountUrl(): string {
    return this.#accountUrl;
  }

  get key(): KeyObject {
    if (!this.#key) throw new EX509Exception('No ACME account key');
    return this.#key;
  }

  /** The account all further requests are made for; '' before it is registered. */
  useAccount(key: KeyObject, url: string): void {
    this.#key = key;
    this.#accountUrl = url;
  }

  async directory(): Promise<AcmeDirectory> {
    if (this.#directory) return this.#directory;
    const answer = await this.#patiently(() => this.#fetch(this.#options.directoryUrl));
    const found = jsonOf(answer);
    for (const name of ['newNonce', 'newAccount', 'newOrder', 'revokeCert'])
      if (answer.status !== 200 || !textOf(found[name]).startsWith('https://'))
        throw new EX509Exception(`No ACME directory at ${this.#options.directoryUrl}`);
    const meta = typeof found['meta'] === 'object' && found['meta'] ? found['meta'] : {};
    this.#directory = { ...found, meta } as unknown as AcmeDirectory;
    return this.#directory;
  }

  /** An unsigned GET (renewal information). */
  get(url: string): Promise<HttpAnswer> {
    return this.#patiently(() => this.#fetch(url));
  }

  /** Payload undefined: POST-as-GET. Raises EAcmeError for an answer that is no success. */
  async post(url: string, payload?: object, accept = 'application/json'): Promise<HttpAnswer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#patiently(() => this.#postOnce(url, payload, accept));
      if (answer.status < 400) return answer;
      const error = new EAcmeError(answer);
      if (error.type !== 'badNonce' || tries === MAX_NONCE_TRIES) throw error;
    }
  }

  async #postOnce(url: string, payload: object | undefined, accept: string): Promise<HttpAnswer> {
    if (!url.startsWith('https://')) throw new EX509Exception(`Invalid URL: ${url}`);
    const nonce = await this.#takeNonce();
    const who = this.#accountUrl ? { kid: this.#accountUrl } : { jwk: jwkOf(this.key) };
    const body = JSON.stringify(signJws(this.key, { ...who, nonce, url }, payload));
    const headers = { 'content-type': 'application/jose+json', accept };
    const answer = await this.#fetch(url, { method: 'POST', body, headers });
    requireType(answer, url, accept);
    return answer;
  }

  async #takeNonce(): Promise<string> {
    const known = this.#nonce;
    this.#nonce = '';
    if (known) return known;
    const { newNonce } = await this.directory();
    const { status } = await this.#fetch(newNonce, { method: 'HEAD' });
    const fresh = this.#nonce;
    this.#nonce = '';
    if (!fresh) throw new EAcmeTransport(`The authority gives no nonce, HTTP status ${status}`);
    return fresh;
  }

  async #fetch(
    url: string,
    more: { method?: 'HEAD' | 'POST'; body?: string; headers?: Record<string, string> } = {},
  ): Promise<HttpAnswer> {
    const { ca, timeout, log, route = DIRECT } = this.#options;
    const answer = await fetchUrl(url, {
      ca,
      timeout,
      route,
      signal: this.#abort.signal,
      ...more,
      headers: { 'user-agent': USER_AGENT, ...more.headers },
    });
    log(`${more.method ?? 'GET'} ${url} - ${answer.status}`);
    const nonce = answer.headers['replay-nonce'];
    if (typeof nonce === 'string') this.#nonce = nonce;
    return answer;
  }

  /**
   * Failures of the line, 5xx and "too many requests" are tried again; what is answered in the end is
   * the result. A pause that is too long for one request is the caller's to keep.
   */
  async #patiently(action: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    for (let tries = 1; ; tries++) {
      let wait = FIRST_PAUSE_MS * 2 ** (tries - 1);
      try {
        const answer = await action();
        const asked = retryAfterMs(answer.headers);
        const isBusy = answer.status >= 500 || answer.status === TOO_MANY_REQUESTS;
        if (!isBusy || tries === MAX_TRIES || asked > MAX_PAUSE_MS) return answer;
        wait = Math.max(wait, asked);
      } catch (error) {
        const isTransport = error instanceof EAcmeTransport && !this.#abort.signal.aborted;
        if (!isTransport || tries === MAX_TRIES) throw error;
        this.#options.log(`${error.message}, trying again`);
      }
      await pause(wait, this.#abort.signal);
    }
  }
}

/** A page that something in between has put in the place of the answer says nothing about the order. */
function requireType({ status, headers, body }: HttpAnswer, url: string, wanted: string): void {
  const type = (headers['content-type'] ?? '').replace(/;.*$/s, '').trim().toLowerCase();
  if (status >= 400 || body.length === 0 || type === wanted) return;
  throw new EAcmeTransport(`${url} answers with ${type || 'no type'} instead of ${wanted}`);
}

export type Json = Readonly<Record<string, unknown>>;

/** An object, also for an answer that is none. */
export function jsonOf(answer: HttpAnswer): Json {
  try {
    const value: unknown = JSON.parse(answer.body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function subproblems(problem: Json): string {
  const list = Array.isArray(problem['subproblems']) ? (problem['subproblems'] as Json[]) : [];
  return list.map((sub) => `; ${textOf(sub['detail'])}`).join('');
}
