// One HTTPS request to the authority, with everything limited: time, size of the answer, redirects
// (none). The trusted roots are those of this request only, never those of the program.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { EX509Exception, reasonOf } from '../../ssl/sslErrors';
import {
  bareAddress,
  DIRECT,
  familyRefusal,
  openTunnel,
  optionalLookup,
  proxyHeaders,
  type Route,
} from './route';

/** Longest answer, in bytes: far above any chain or directory. */
const MAX_ANSWER = 1024 * 1024;

export interface HttpAnswer {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the trusted roots; undefined: those of Node.js. */
  readonly ca?: string | undefined;
  /** Milliseconds until the whole answer must be there. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
  /** Address to connect to in place of the one of the name; then there is no proxy. */
  readonly address?: string;
  readonly route?: Route;
}

/** The server cannot be reached or does not answer properly: worth another try later. */
export class EAcmeTransport extends EX509Exception {
  constructor(Message: string, code = 'EACMETRANSPORT') {
    super(Message, code);
  }
}

/** Raises EAcmeTransport; any answer of the server is a result. */
export async function fetchUrl(url: string, options: HttpOptions): Promise<HttpAnswer> {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.protocol !== 'https:' && target?.protocol !== 'http:')
    throw new EAcmeTransport(`Invalid URL: ${url.slice(0, 200)}`);
  const abort = new AbortController();
  const stop = (): void => abort.abort(new Error('Aborted'));
  const late = new Error(`no answer within ${options.timeout} ms`);
  const timer = setTimeout(() => abort.abort(late), options.timeout);
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  try {
    return await answerOf(await requestFor(target, options, abort.signal), options.body ?? '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason: unknown = abort.signal.aborted ? abort.signal.reason : error;
    throw new EAcmeTransport(`${target.host}: ${reasonOf(reason) || String(code)}`, code);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
    abort.abort(); // whatever is left of the request
  }
}

async function requestFor(
  target: URL,
  options: HttpOptions,
  signal: AbortSignal,
): Promise<ClientRequest> {
  const { body = '', method = 'GET', address = '', ca, route = DIRECT } = options;
  const { family } = route;
  const proxy = address === '' ? route.proxy : null;
  const headers = { ...options.headers, 'content-length': Buffer.byteLength(body) };
  const common = { method, headers, signal };
  const trust = ca === undefined ? {} : { ca };
  if (target.protocol === 'http:' && proxy) {
    const all = { ...headers, host: target.host, ...proxyHeaders(proxy) };
    const { host, port } = proxy;
    const way = { host, port, path: target.href, agent: false, ...optionalLookup(family) };
    return httpRequest({ ...common, ...way, headers: all });
  }
  if (proxy) {
    const place = `${target.hostname}:${target.port || 443}`;
    const socket = await openTunnel(proxy, place, { family, signal });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    const host = bareAddress(target.hostname);
    const name = isIP(host) > 0 ? {} : { servername: host };
    const createConnection = (): Duplex => connectTls({ socket, host, ...name, ...trust });
    return httpsRequest(target, { ...common, createConnection });
  }
  const refusal = familyRefusal(address || target.hostname, family);
  if (refusal !== '') throw new EX509Exception(refusal);
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const own = address === '' ? {} : { hostname: address, servername: target.hostname };
  const way = { agent: false, ...optionalLookup(family), ...own };
  const request = send(target, { ...common, ...way, ...trust });
  if (address !== '') request.setHeader('host', target.host);
  return request;
}

function answerOf(request: ClientRequest, body: string): Promise<HttpAnswer> {
  const { promise, resolve, reject } = withResolvers<HttpAnswer>();
  request.on('error', reject);
  request.on('response', (response) => {
    const parts: Buffer[] = [];
    let length = 0;
    response.on('error', reject);
    response.on('aborted', () => reject(new Error('the answer ended early')));
    response.on('data', (part: Buffer) => {
      length += part.length;
      if (length > MAX_ANSWER) reject(new Error(`the answer is longer than ${MAX_ANSWER} bytes`));
      else parts.push(part);
    });
    response.on('end', () => {
      const { statusCode: status = 0, headers } = response;
      resolve({ status, headers, body: Buffer.concat(parts) });
    });
  });
  request.end(body);
  return promise;
}

interface Resolvers<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
}

/** Promise.withResolvers, which Node 20 does not have. */
export function withResolvers<T>(): Resolvers<T> {
  const parts = {} as Resolvers<T>;
  parts.promise = new Promise<T>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
