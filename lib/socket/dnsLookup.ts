// Name lookups (ICS: DnsLookup, CancelDnsLookup, ReverseDnsLookup). At most one runs per component;
// a new one replaces it silently. Literal addresses are answered before the call returns.
import * as E from '../errors';
import { native } from '../native';
import { cancelLookup, startLookup, startReverseLookup } from '../pump/lookups';
import { TSocketFamily, TSocketState, TWSocketOption, type TVar } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { connectResolved } from './connect';
import { askServers, askServersReverse, cancelServerLookup } from './dnsServers';
import { IcsIDNAToASCII } from './idna';
import { orderByFamily } from './names';

type Answer = (error: number, results: readonly string[]) => void;

const { WSAEINVAL, WSAEINTR, WSAHOST_NOT_FOUND } = E;
/** A lookup's number is above 0 or far below; what lies between is an errno. */
const LOWEST_ERRNO = -4096;

/** internal: Connect waits for the answer. */
export function dnsLookup(socket: TCustomWSocket, HostName: string, internal: boolean): void {
  const host = String(HostName).trim();
  stopLookup(socket);
  clearResults(socket);
  if (host === '') {
    invalid(socket, 'DNS lookup: invalid host name.');
    return;
  }
  socket.lookupInternal = internal;
  const version = native.ipVersion(host);
  if (version !== 0 && suits(version, socket.SocketFamily)) {
    lookupDone(socket, 0, [host]);
    return;
  }
  const ascii = asciiHost(socket, host);
  if (ascii === null) {
    lookupDone(socket, WSAEINVAL, []);
    return;
  }
  socket.punycodeHost = ascii;
  begin(socket, host, (done) =>
    socket.DnsServers === null
      ? startLookup(ascii, versionOf(socket.SocketFamily), done)
      : askServers(socket.DnsServers, ascii, socket.SocketFamily, done),
  );
}

export function reverseDnsLookup(socket: TCustomWSocket, HostAddr: string): void {
  const address = String(HostAddr).trim();
  stopLookup(socket);
  clearResults(socket);
  if (native.ipVersion(address) === 0) {
    invalid(socket, 'Reverse DNS Lookup: Invalid host name.');
    return;
  }
  socket.lookupInternal = false;
  begin(socket, address, (done) =>
    socket.DnsServers === null
      ? startReverseLookup(address, done)
      : askServersReverse(socket.DnsServers, address, done),
  );
}

function invalid(socket: TCustomWSocket, text: string): void {
  socket.LastError = WSAEINVAL;
  try {
    socket.RaiseException(text, WSAEINVAL);
  } finally {
    socket.TriggerDnsLookupDone(WSAEINVAL);
  }
}

function begin(socket: TCustomWSocket, what: string, start: (done: Answer) => number): void {
  const id = start((error, results) => {
    if (socket.lookup !== id || socket.isDestroyed) return;
    socket.lookup = 0;
    try {
      lookupDone(socket, error, results);
    } catch (thrown) {
      socket.HandleBackGroundException(thrown, 'TCustomWSocket.TriggerDNSLookupDone');
    }
  });
  if (id < 0 && id > LOWEST_ERRNO) {
    const code = E.wsaFromErrno(-id);
    socket.lookupInternal = false;
    const text = `${what}: can't start DNS lookup - ${E.GetWinsockErr(code)}`;
    try {
      socket.RaiseException(text, code, E.WSocketErrorDesc(code));
    } finally {
      socket.TriggerDnsLookupDone(WSAEINVAL);
      if (socket.state === TSocketState.wsDnsLookup) socket.changeState(TSocketState.wsClosed);
    }
    return;
  }
  socket.lookup = id;
}

function lookupDone(socket: TCustomWSocket, error: number, found: readonly string[]): void {
  const internal = socket.lookupInternal;
  const results = orderByFamily(found, socket.SocketFamily);
  const code = error === 0 && results.length === 0 ? WSAHOST_NOT_FOUND : error;
  for (const result of results) socket.DnsResultList.Add(result);
  socket.DnsResult = results[0] ?? '';
  try {
    socket.TriggerDnsLookupDone(code);
  } catch (thrown) {
    socket.HandleBackGroundException(thrown, 'TCustomWSocket.TriggerDNSLookupDone');
  }
  if (!internal || !socket.lookupInternal || socket.lookup !== 0) return; // the handler decided
  if (socket.isDestroyed || socket.state !== TSocketState.wsDnsLookup) return;
  socket.lookupInternal = false;
  if (code === 0) {
    connectResolved(socket);
    return;
  }
  socket.LastError = code;
  try {
    socket.TriggerSessionConnected(code);
  } finally {
    if (socket.state === TSocketState.wsDnsLookup) socket.changeState(TSocketState.wsClosed);
  }
}

/** OnDnsLookupDone(10004) if one was running; Connect ends in wsClosed. */
export function cancelDnsLookup(socket: TCustomWSocket): void {
  const running = socket.lookup !== 0;
  stopLookup(socket);
  socket.lookupInternal = false;
  try {
    if (running) socket.TriggerDnsLookupDone(WSAEINTR);
  } finally {
    if (socket.state === TSocketState.wsDnsLookup && socket.lookup === 0)
      socket.changeState(TSocketState.wsClosed);
  }
}

/** Nobody hears of the running lookup any more. */
export function stopLookup(socket: TCustomWSocket): void {
  const id = socket.lookup;
  if (id === 0) return;
  socket.lookup = 0;
  if (!cancelServerLookup(id)) cancelLookup(id);
}

/** The name in the form DNS knows; null when it has none. */
function asciiHost(socket: TCustomWSocket, host: string): string | null {
  if (socket.hasOption(TWSocketOption.wsoIgnoreIDNA)) return host;
  const failed: TVar<boolean> = { Value: false };
  const strict = socket.hasOption(TWSocketOption.wsoUseSTD3AsciiRules);
  const ascii = IcsIDNAToASCII(host, strict, failed);
  return failed.Value || ascii === '' ? null : ascii;
}

function clearResults(socket: TCustomWSocket): void {
  socket.DnsResult = '';
  if (socket.dnsResults !== null) socket.dnsResults.Clear();
}

function suits(version: number, family: TSocketFamily): boolean {
  if (family === TSocketFamily.sfIPv4) return version === 4;
  return family !== TSocketFamily.sfIPv6 || version === 6;
}

function versionOf(family: TSocketFamily): 0 | 4 | 6 {
  if (family === TSocketFamily.sfIPv4) return 4;
  return family === TSocketFamily.sfIPv6 ? 6 : 0;
}
