// Name lookups (ICS: DnsLookup, CancelDnsLookup, ReverseDnsLookup). At most one runs per component;
// a new one replaces it silently. Literal addresses are answered before the call returns.
import * as E from '../errors';
import { native } from '../native';
import { cancelLookup, startLookup, startReverseLookup } from '../pump/lookups';
import { TSocketFamily, TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { connectResolved } from './connect';
import { askServers, askServersReverse, cancelServerLookup } from './dnsServers';
import { asciiHost, orderByFamily } from './names';

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
  const family = internal ? socket.routeFamily : socket.SocketFamily;
  const version = native.ipVersion(host);
  if (version !== 0 && suits(version, family)) {
    lookupDone(socket, 0, [host]);
    return;
  }
  const ascii = asciiHost(host, socket);
  if (ascii === null) {
    lookupDone(socket, WSAEINVAL, []);
    return;
  }
  socket.punycodeHost = ascii;
  begin(socket, host, (done) => startFor(socket, ascii, family, done));
}

function startFor(
  socket: TCustomWSocket,
  ascii: string,
  family: TSocketFamily,
  done: Answer,
): number {
  return socket.DnsServers === null
    ? startLookup(ascii, versionOf(family), done)
    : askServers(socket.DnsServers, ascii, family, done);
}

/**
 * A lookup of its own, without events: the first address of the family, '' when there is none.
 * The result is its number for stopHiddenLookup, or 0 after `done` has been called at once.
 */
export function hiddenLookup(
  socket: TCustomWSocket,
  ascii: string,
  family: TSocketFamily,
  done: (address: string) => void,
): number {
  const id = startFor(socket, ascii, family, (error, results) =>
    done(error === 0 ? (orderByFamily(results, family)[0] ?? '') : ''),
  );
  if (id > 0 || id <= LOWEST_ERRNO) return id;
  done('');
  return 0;
}

export function stopHiddenLookup(id: number): void {
  if (id !== 0 && !cancelServerLookup(id)) cancelLookup(id);
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
  const results = orderByFamily(found, internal ? socket.routeFamily : socket.SocketFamily);
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
