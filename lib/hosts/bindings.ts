// Makes listeners of the addresses and ports of hosts (ICS: ValidateHosts). The first binding of all
// is the server's own listener, every other one an item of MultiListenSockets; hosts with the same
// address and port share one.
import { isIP } from 'node:net';
import { ESocketException } from '../errors';
import { TSocketFamily } from '../types';
import { BINDING_MAIN, type HostListener, type HostServer } from './hostTypes';
import type { TIcsHost } from './TIcsHost';

const MAX_PORT = 65535;

export class Bindings {
  readonly #server: HostServer;
  #count = 0;
  /** Index of each `address port`. */
  readonly #known = new Map<string, number>();

  constructor(server: HostServer) {
    this.#server = server;
  }

  /** Has any host a binding? */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  addPlain(host: TIcsHost): void {
    if (host.BindNonPort <= 0 && host.BindSslPort !== 0) return;
    const { state, BindIpAddr, BindIpAddr2, BindNonPort } = host;
    state.idxNone = this.#add(host, BindIpAddr, BindNonPort, false);
    if (BindIpAddr2 !== '') state.idx2None = this.#add(host, BindIpAddr2, BindNonPort, false);
  }

  addTls(host: TIcsHost): void {
    const { state, BindIpAddr, BindIpAddr2, BindSslPort } = host;
    state.idxSsl = this.#add(host, BindIpAddr, BindSslPort, true);
    if (BindIpAddr2 !== '') state.idx2Ssl = this.#add(host, BindIpAddr2, BindSslPort, true);
  }

  #add(host: TIcsHost, addr: string, port: number, tls: boolean): number {
    if (isIP(addr) === 0) throw new ESocketException(`Invalid host listen IP address: ${addr}`);
    if (!Number.isInteger(port) || port < 0 || port > MAX_PORT)
      throw new ESocketException(`Invalid host listen port: ${port}`);
    const key = `${addr} ${port}`;
    const index = this.#known.get(key) ?? this.#make(addr, port, tls);
    this.#known.set(key, index);
    this.#count++;
    host.state.bindInfo.push(`${addr}:${port}`);
    return index;
  }

  #make(addr: string, port: number, tls: boolean): number {
    const server = this.#server;
    const isMain = this.#count === 0;
    const listener: HostListener = isMain ? server : server.MultiListenSockets.Add();
    listener.Addr = addr;
    listener.Port = port;
    listener.SocketFamily = familyOf(addr);
    listener.SslEnable = tls;
    return isMain ? BINDING_MAIN : server.MultiListenSockets.Count - 1;
  }
}

function familyOf(addr: string): TSocketFamily {
  if (addr === '0.0.0.0') return TSocketFamily.sfAnyIPv4;
  if (addr === '::') return TSocketFamily.sfAnyIPv6;
  return isIP(addr) === 4 ? TSocketFamily.sfIPv4 : TSocketFamily.sfIPv6;
}
