// The way to the authority and to pages of our own challenges: directly, with one family of addresses,
// or through an HTTP proxy (ProxyURL, SocketFamily). A tunnel of the proxy carries TLS end to end, so a
// proxy can refuse and stall but neither read nor change what is said.
import dns from 'node:dns';
import http from 'node:http';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { EX509Exception } from '../../ssl/sslErrors';
import { TSocketFamily } from '../../types';

const DEFAULT_PROXY_PORT = 8080;

export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization; '' for none. */
  readonly authorization: string;
}

export interface Route {
  /** null: no proxy. */
  readonly proxy: HttpProxy | null;
  readonly family: TSocketFamily;
}

export const DIRECT: Route = { proxy: null, family: TSocketFamily.sfAny };

/** The route of the two properties. Raises EX509Exception for a proxy that is none of HTTP. */
export function routeOf(proxyUrl: string, family: TSocketFamily): Route {
  return { proxy: proxyOf(proxyUrl.trim()), family };
}

function proxyOf(text: string): HttpProxy | null {
  if (text === '') return null;
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  // The text may hold a password: only its beginning goes into the message.
  if (url?.protocol !== 'http:' || url.hostname === '')
    throw new EX509Exception(
      `ProxyURL must be http://[user:password@]host:port, not ${text.replace(/:.*$/s, ':…')}`,
    );
  const { username, password, hostname, port } = url;
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: bareAddress(hostname),
    port: port === '' ? defaultPort(full) : Number(port),
    authorization: username === '' ? '' : `Basic ${Buffer.from(user).toString('base64')}`,
  };
}

/** URL leaves out the port of its protocol even when it is written down. */
function defaultPort(url: string): number {
  return /:80\/?$/.test(url) ? 80 : DEFAULT_PROXY_PORT;
}

/** How names are looked up; undefined: as Node.js does. */
export function lookupOf(family: TSocketFamily): LookupFunction | undefined {
  const { sfAny, sfAnyIPv6, sfIPv4, sfIPv6 } = TSocketFamily;
  if (family === sfAny) return undefined;
  const only = family === sfIPv4 ? 4 : family === sfIPv6 ? 6 : 0;
  const order = family === sfAnyIPv6 || family === sfIPv6 ? 'ipv6first' : 'ipv4first';
  return (name, options, callback) =>
    dns.lookup(name, { ...options, family: only || (options.family ?? 0), order }, callback);
}

/** '' or why an address cannot be used with the family. */
export function familyRefusal(host: string, family: TSocketFamily): string {
  const version = isIP(bareAddress(host));
  const wanted = { [TSocketFamily.sfIPv4]: 4, [TSocketFamily.sfIPv6]: 6 }[family as number] ?? 0;
  if (version === 0 || wanted === 0 || version === wanted) return '';
  return `SocketFamily allows no IPv${version} address: ${host}`;
}

/** An address as URL has it, without brackets. */
export function bareAddress(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** A connection to host and port through the proxy. Raises the reason; the signal ends it. */
export function openTunnel(
  proxy: HttpProxy,
  target: string,
  { family, signal }: { readonly family: TSocketFamily; readonly signal: AbortSignal },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = proxy;
    const refusal = familyRefusal(host, family);
    if (refusal !== '') throw new EX509Exception(refusal);
    const request = http.request({
      ...{ host, port, signal, method: 'CONNECT', path: target, agent: false },
      headers: { host: target, ...proxyHeaders(proxy) },
      ...optionalLookup(family),
    });
    const refuse = (status: number | undefined): void => {
      request.destroy();
      reject(new EX509Exception(`proxy ${host}:${port} answers with status ${status}`));
    };
    request.on('error', (error) => reject(new EX509Exception(`proxy ${host}: ${error.message}`)));
    request.on('response', ({ statusCode }) => refuse(statusCode));
    request.on('connect', ({ statusCode }, socket: Socket, head) => {
      // A server of TLS never speaks first: such bytes are the proxy's.
      if (statusCode === 200 && head.length === 0) return resolve(socket);
      socket.destroy();
      refuse(statusCode);
    });
    request.end();
  });
}

export function proxyHeaders({ authorization }: HttpProxy): Record<string, string> {
  return authorization === '' ? {} : { 'proxy-authorization': authorization };
}

export function optionalLookup(family: TSocketFamily): { lookup?: LookupFunction } {
  const lookup = lookupOf(family);
  return lookup ? { lookup } : {};
}
