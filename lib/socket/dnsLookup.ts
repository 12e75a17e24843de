// Name lookups (ICS: DnsLookup, CancelDnsLookup, ReverseDnsLookup). At most one runs per component;
// a new one replaces it silently. Literal addresses are answered before the call returns.
import { constants } from 'node:os';
import * as E from '../errors';
import { native } from '../native';
import { cancelLookup, startLookup, startReverseLookup } from '../pump/lookups';
import { TSocketFamily, TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { connectResolved, lookupFailed } from './connect';
import { askServers, askServersReverse, cancelServerLookup } from './dnsServers';
import { asciiHost, orderByFamily } from './names';
import * as F from './socketFlags';

type Answer = (error: number, results: readonly string[]) => void;

const { WSAEINVAL, WSAEINTR, WSAHOST_NOT_FOUND } = E;
/** A lookup's number is above 0 or far below; what lies between is an errno. */
const LOWEST_ERRNO = -4096;

/** internal: Connect waits for the answer. */
export function dnsLookup(socket: TCustomWSocket, HostName: string, internal: boolean): void {
  const host = String(HostName).trim();
  if (socket.flags & F.DESTROYING) return;
  replaceLookup(socket);
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
  return socket.DnsServers?.length
    ? askServers(socket.DnsServers, ascii, family, done)
    : startLookup(ascii, versionOf(family), done);
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
  if (socket.flags & F.DESTROYING) return;
  replaceLookup(socket);
  clearResults(socket);
  if (native.ipVersion(address) === 0) {
    invalid(socket, 'Reverse DNS Lookup: Invalid host name.');
    return;
  }
  begin(socket, address, (done) =>
    socket.DnsServers?.length
      ? askServersReverse(socket.DnsServers, address, done)
      : startReverseLookup(address, done),
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
  let id: number;
  let reason = '';
  try {
    id = start((error, results) => {
      if (socket.lookup !== id || socket.isDestroyed) return;
      socket.lookup = 0;
      try {
        lookupDone(socket, error, results);
      } catch (thrown) {
        socket.HandleBackGroundException(thrown, 'TCustomWSocket.TriggerDNSLookupDone');
      }
    });
  } catch (error) {
    if (!(error instanceof E.ESocketException)) throw error;
    id = -constants.errno.EINVAL;
    reason = error.message;
  }
  if (id < 0 && id > LOWEST_ERRNO) notStarted(socket, what, E.wsaFromErrno(-id), reason);
  else socket.lookup = id;
}

function notStarted(socket: TCustomWSocket, what: string, code: number, reason: string): void {
  socket.lookupInternal = false;
  socket.LastError = code;
  const text = `${what}: can't start DNS lookup - ${reason || E.GetWinsockErr(code)}`;
  try {
    socket.RaiseException(text, code, E.WSocketErrorDesc(code));
  } finally {
    socket.TriggerDnsLookupDone(WSAEINVAL);
    if (socket.state === TSocketState.wsDnsLookup && !socket.lookupInternal)
      socket.changeState(TSocketState.wsClosed);
  }
}

function lookupDone(socket: TCustomWSocket, error: number, found: readonly string[]): void {
  const family = socket.lookupInternal ? socket.routeFamily : socket.SocketFamily;
  const results = orderByFamily(found, family);
  const code = error === 0 && results.length === 0 ? WSAHOST_NOT_FOUND : error;
  for (const result of results) socket.DnsResultList.Add(result);
  socket.DnsResult = results[0] ?? '';
  try {
    socket.TriggerDnsLookupDone(code);
  } catch (thrown) {
    socket.HandleBackGroundException(thrown, 'TCustomWSocket.TriggerDNSLookupDone');
  }
  if (!socket.lookupInternal || socket.lookup !== 0) return; // the handler began another one
  socket.lookupInternal = false;
  if (socket.isDestroyed || socket.state !== TSocketState.wsDnsLookup) return;
  if (code === 0) connectResolved(socket);
  else lookupFailed(socket, code);
}

/** OnDnsLookupDone(10004) if one was running; Connect ends in wsClosed. */
export function cancelDnsLookup(socket: TCustomWSocket): void {
  const running = socket.lookup !== 0;
  stopLookup(socket);
  socket.lookupInternal = false;
  try {
    if (running) socket.TriggerDnsLookupDone(WSAEINTR);
  } finally {
    if (socket.state === TSocketState.wsDnsLookup && !socket.lookupInternal)
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

// The answer Connect waits for will not come: the attempt is over.
function replaceLookup(socket: TCustomWSocket): void {
  stopLookup(socket);
  if (!socket.lookupInternal) return;
  socket.lookupInternal = false;
  socket.changeState(TSocketState.wsClosed);
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
