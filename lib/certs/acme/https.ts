// One HTTPS request to the authority, with everything limited: time, size of the answer, redirects
// (none). The trusted roots are those of this request only, never those of the program.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { EX509Exception, reasonOf } from '../../ssl/sslErrors';

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
  /** Address to connect to in place of the one of the name. */
  readonly address?: string;
}

/** The server cannot be reached or does not answer properly: worth another try later. */
export class EAcmeTransport extends EX509Exception {
  constructor(Message: string, code = 'EACMETRANSPORT') {
    super(Message, code);
  }
}

/** Raises EAcmeTransport; any answer of the server is a result. */
export function fetchUrl(url: string, options: HttpOptions): Promise<HttpAnswer> {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.protocol !== 'https:' && target?.protocol !== 'http:')
    return Promise.reject(new EAcmeTransport(`Invalid URL: ${url.slice(0, 200)}`));
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = withResolvers<HttpAnswer>();
  const { body = '', method = 'GET', address } = options;
  const request = send(target, {
    method,
    headers: { ...options.headers, 'content-length': Buffer.byteLength(body) },
    agent: false,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.signal ? { signal: options.signal } : {}),
    ...(address ? { hostname: address, servername: target.hostname } : {}),
  });
  if (address) request.setHeader('host', target.host);
  const fail = (error: unknown): void => {
    clearTimeout(timer);
    request.destroy();
    const { code } = error as NodeJS.ErrnoException;
    reject(new EAcmeTransport(`${target.host}: ${reasonOf(error) || String(code)}`, code));
  };
  const timer = setTimeout(
    () => fail(new Error(`no answer within ${options.timeout} ms`)),
    options.timeout,
  );
  request.on('error', fail);
  request.on('response', (response) => {
    const parts: Buffer[] = [];
    let length = 0;
    response.on('error', fail);
    response.on('aborted', () => fail(new Error('the answer ended early')));
    response.on('data', (part: Buffer) => {
      length += part.length;
      if (length > MAX_ANSWER) fail(new Error(`the answer is longer than ${MAX_ANSWER} bytes`));
      else parts.push(part);
    });
    response.on('end', () => {
      clearTimeout(timer);
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
