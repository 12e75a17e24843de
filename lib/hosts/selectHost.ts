// Which host a connection belongs to (ICS: TriggerSslServerName of TSslWSocketClient, and where a
// server accepts). The answer is that of a walk over all hosts in their order; the index only makes
// its cost independent of their number.
//
//  - A host counts with the certificate its context serves, not with its HostNames.
//  - A host that gets another certificate, context or state tells its collection, which drops the
//    index. Whoever changes bindings does so himself (forgetIndex).
import { asciiName, cut, ipText, matchableNames, matchesMask } from '../ssl/hostMatch';
import { BINDING_NONE } from './hostTypes';
import type { TIcsHost } from './TIcsHost';

/** A host and its place. */
export interface FoundHost {
  readonly host: TIcsHost;
  readonly index: number;
}

interface Pattern extends FoundHost {
  /** First label of the name, with '*'. */
  readonly mask: string;
}

/** Listeners of a host where TLS begins with a handshake for it. */
export function servesTls(host: TIcsHost, listener: number): boolean {
  const { idxNone, idx2None, idxSsl, idx2Ssl } = host.state;
  if (listener === BINDING_NONE) return false;
  if (idxSsl === listener || idx2Ssl === listener) return true;
  return host.AuthSslCmd && (idxNone === listener || idx2None === listener);
}

function owns(host: TIcsHost, listener: number): boolean {
  const { idxNone, idx2None, idxSsl, idx2Ssl } = host.state;
  return [idxNone, idx2None, idxSsl, idx2Ssl].includes(listener);
}

export class HostIndex {
  readonly #hosts: readonly TIcsHost[];
  /** Lists are in the order of the hosts. */
  readonly #exact = new Map<string, FoundHost[]>();
  readonly #masks = new Map<string, Pattern[]>();
  readonly #ips = new Map<string, FoundHost[]>();
  readonly #owners = new Map<number, FoundHost | null>();
  readonly #tlsOwners = new Map<number, FoundHost | null>();

  constructor(hosts: Iterable<TIcsHost>) {
    this.#hosts = [...hosts];
    for (const [index, host] of this.#hosts.entries()) this.#add({ host, index });
  }

  #add(found: FoundHost): void {
    const cert = found.host.SslCtx?.servedCert;
    if (!cert) return;
    const { names, ips } = matchableNames(cert);
    for (const ip of ips) append(this.#ips, ip, found);
    for (const name of names) {
      const [mask, rest] = cut(name);
      if (mask.includes('*')) append(this.#masks, rest, { ...found, mask });
      else append(this.#exact, name, found);
    }
  }

  /** The first enabled host of this listener whose certificate stands for the name. */
  byName(serverName: string, listener: number): FoundHost | null {
    const ip = ipText(serverName);
    if (ip !== undefined) return first(this.#ips.get(ip), listener);
    const name = asciiName(serverName);
    if (name === '') return null;
    const exact = first(this.#exact.get(name), listener);
    const [label, rest] = cut(name);
    const masks = label === '' ? undefined : this.#masks.get(rest);
    const before = exact?.index ?? Infinity;
    for (const pattern of masks ?? []) {
      if (pattern.index > before) break;
      if (serves(pattern, listener) && matchesMask(pattern.mask, label)) return pattern;
    }
    return exact;
  }

  /** The first enabled host with any binding on this listener. */
  owner(listener: number): FoundHost | null {
    return this.#cached(this.#owners, listener, (host) => owns(host, listener));
  }

  /** The first enabled host that can serve TLS there: for clients that name no host. */
  tlsOwner(listener: number): FoundHost | null {
    return this.#cached(
      this.#tlsOwners,
      listener,
      (host) => servesTls(host, listener) && isUsable(host),
    );
  }

  #cached(
    cache: Map<number, FoundHost | null>,
    listener: number,
    fits: (host: TIcsHost) => boolean,
  ): FoundHost | null {
    let found = cache.get(listener);
    if (found === undefined) {
      const index = this.#hosts.findIndex((host) => host.HostEnabled && fits(host));
      found = index < 0 ? null : { host: this.#hosts[index]!, index };
      cache.set(listener, found);
    }
    return found;
  }
}

/** Has it a context that can make a handshake? */
export function isUsable({ SslCtx }: TIcsHost): boolean {
  return SslCtx !== null && SslCtx.servedCert !== null;
}

function serves({ host }: FoundHost, listener: number): boolean {
  return host.HostEnabled && servesTls(host, listener);
}

function first(candidates: readonly FoundHost[] | undefined, listener: number): FoundHost | null {
  return candidates?.find((found) => serves(found, listener)) ?? null;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
