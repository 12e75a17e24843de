// Outgoing connections (ICS: Connect, Do_FD_CONNECT). The name is looked up first if there is one;
// then the socket is opened, bound if a local address is asked for, and the kernel connects. How
// that ended comes as an event (FD_CONNECT).
import * as E from '../errors';
import * as N from '../native';
import { post } from '../pump/reactor';
import { ICS_ANY_HOST_V4, ICS_ANY_HOST_V6, TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { releaseHandle } from './close';
import { applyDatagramOptions } from './datagram';
import { dnsLookup } from './dnsLookup';
import { own } from './listen';
import { WM_ICS_DATA_SENT } from './messages';
import { WSocketResolveHost, WSocketResolvePort, WSocketResolveProto } from './names';
import { applyOptions } from './options';
import { flushQueue } from './send';
import * as F from './socketFlags';

const { native } = N;
const PROTO_TCP = 6;
export const PROTO_UDP = 17;

/** Where a connection really goes: the peer, or the proxy in front of it. */
export interface Route {
  readonly host: string;
  readonly port: string;
}

interface Target {
  address: string;
  port: number;
  localPort: number;
  /** LocalPort as the application wrote it. */
  localText: string;
  datagram: boolean;
  /** Connect has returned long ago: errors are events. */
  late: boolean;
}

export function connect(socket: TCustomWSocket): void {
  socket.LastError = 0;
  const refused = refusal(socket);
  if (refused !== '') {
    socket.RaiseException(refused);
    return;
  }
  const target = resolve(socket);
  if (!target) return;
  if (target.address !== '') {
    open(socket, target);
    return;
  }
  socket.changeState(TSocketState.wsDnsLookup);
  if (socket.state === TSocketState.wsDnsLookup) dnsLookup(socket, socket.route().host, true);
}

function refusal(socket: TCustomWSocket): string {
  const { state } = socket;
  // A handler that connects again after every end must not revive a component being freed.
  if (socket.flags & F.DESTROYING) return 'Connect: Component has been freed';
  const idle = state === TSocketState.wsClosed || state === TSocketState.wsDnsLookup;
  if (!idle || socket.lookupInternal) return 'Connect: Socket already in use';
  if (socket.Port === '') return 'Connect: No Port Specified';
  if (socket.Addr === '') return 'Connect: No IP Address Specified';
  return socket.Proto === '' ? 'Connect: No Protocol Specified' : '';
}

// The numbers behind the texts; the address is '' when it is a name that must be looked up.
function resolve(socket: TCustomWSocket): Target | null {
  try {
    const proto = WSocketResolveProto(socket.Proto);
    if (proto !== PROTO_TCP && proto !== PROTO_UDP)
      throw new E.ESocketException(
        `protocol '${socket.Proto}' is not supported: use 'tcp' or 'udp'`,
        E.WSAEPROTONOSUPPORT,
      );
    const { host, port } = socket.route();
    const peerPort = WSocketResolvePort(socket.Port, socket.Proto);
    const target = {
      address: '',
      port: port === socket.Port ? peerPort : WSocketResolvePort(port, socket.Proto),
      localPort: WSocketResolvePort(socket.LocalPort || '0', socket.Proto),
      localText: socket.LocalPort,
      datagram: proto === PROTO_UDP,
      late: false,
    };
    socket.portNum = peerPort;
    if (!needsLookup(host)) target.address = WSocketResolveHost(host, socket.SocketFamily);
    return target;
  } catch (error) {
    if (!(error instanceof E.ESocketException)) throw error;
    socket.LastError = error.ErrorCode || E.WSAEINVAL;
    socket.RaiseException(`connect: ${error.message}`, socket.LastError, error.ErrorMessage);
    return null;
  }
}

/** Dotted numbers are never looked up: a misspelt address is an error at once. */
function needsLookup(host: string): boolean {
  return native.ipVersion(host) === 0 && !/^[\d.]+$/.test(host);
}

/** The lookup that Connect started has an answer. What fails now is told by OnSessionConnected. */
export function connectResolved(socket: TCustomWSocket): void {
  const address = String(socket.DnsResult).trim();
  if (native.ipVersion(address) === 0) {
    lookupFailed(socket, E.WSAHOST_NOT_FOUND); // a handler has written something else there
    return;
  }
  const target = resolve(socket);
  if (!target) {
    lookupFailed(socket, socket.LastError);
    return;
  }
  target.address = address;
  target.late = true;
  open(socket, target);
}

/**
 * Connects once more to where the last Connect went, because that peer wants another connection:
 * OnSessionClosed does not fire. 0, or the error that left the socket without a connection.
 */
export function reconnect(socket: TCustomWSocket): number {
  const address = socket.addrResolved;
  const target = resolve(socket);
  if (!target) return socket.LastError || E.WSAEINVAL;
  target.address = address;
  // With a reset the pair of ports is free again at once, also for a given LocalPort.
  releaseHandle(socket, N.CLOSE_RESET);
  socket.LastError = 0;
  try {
    open(socket, target);
  } catch (error) {
    if (!(error instanceof E.ESocketException)) throw error;
  }
  return socket.socketHandle === 0 ? socket.LastError || E.WSAECONNABORTED : 0;
}

/** Connect cannot go on: OnSessionConnected with the error, then wsClosed. */
export function lookupFailed(socket: TCustomWSocket, code: number): void {
  socket.LastError = code;
  try {
    socket.TriggerSessionConnected(code);
  } finally {
    // The handler may have begun the next attempt.
    if (socket.state === TSocketState.wsDnsLookup && !socket.lookupInternal)
      socket.changeState(TSocketState.wsClosed);
  }
}

function open(socket: TCustomWSocket, target: Target): void {
  const handle = native.openSocket(native.ipVersion(target.address), target.datagram);
  if (handle < 0) {
    const code = E.wsaFromErrno(-handle);
    if (target.late) {
      lookupFailed(socket, code);
      return;
    }
    socket.changeState(TSocketState.wsClosed);
    socket.SocketError('Connect (socket)', code);
    return;
  }
  socket.flags &= F.COMPONENT_FLAGS & ~F.CLOSE_SIGNALLED;
  socket.readTotal = socket.writeTotal = 0;
  socket.addrResolved = target.address;
  own(socket, handle);
  const ready = orGiveUp(socket, handle, target, () => prepare(socket, handle, target));
  if (ready && target.datagram) connected(socket, handle);
}

// What an exception leaves behind is a closed socket, never one that waits for nothing.
function orGiveUp(
  socket: TCustomWSocket,
  handle: number,
  target: Target,
  action: () => boolean,
): boolean {
  try {
    return action();
  } catch (error) {
    giveUp(socket, handle, target);
    throw error;
  }
}

// True: the connection is on its way, or datagrams may flow.
function prepare(socket: TCustomWSocket, handle: number, target: Target): boolean {
  socket.changeState(TSocketState.wsOpened);
  if (socket.socketHandle !== handle) {
    socket.SocketError('Connect (Invalid operation in OnChangeState)', E.WSAEINVAL);
    return false;
  }
  return target.datagram
    ? startDatagrams(socket, handle, target)
    : startStream(socket, handle, target);
}

function startStream(socket: TCustomWSocket, handle: number, target: Target): boolean {
  applyOptions(socket);
  if (wantsLocal(socket, target) && !bindLocal(socket, handle, target)) return false;
  socket.changeState(TSocketState.wsConnecting);
  if (socket.socketHandle !== handle) return false;
  const result = native.connect(handle, target.address, target.port);
  return result >= 0 || failed(socket, handle, target, E.wsaFromErrno(-result));
}

function startDatagrams(socket: TCustomWSocket, handle: number, target: Target): boolean {
  if (!bindLocal(socket, handle, target)) return false;
  socket.flags |= F.DATAGRAM;
  applyDatagramOptions(socket, handle, target.address);
  if (socket.socketHandle !== handle) return false;
  const result = native.startDatagrams(handle, target.address, target.port);
  return result >= 0 || failed(socket, handle, target, E.wsaFromErrno(-result));
}

// The system refuses at once: an exception, or after a lookup the same events as later.
function failed(socket: TCustomWSocket, handle: number, target: Target, code: number): false {
  if (target.late) {
    connectDone(socket, code);
    return false;
  }
  if (socket.state === TSocketState.wsConnecting) socket.changeState(TSocketState.wsOpened);
  giveUp(socket, handle, target);
  socket.SocketError('Connect', code);
  return false;
}

function localAddress(socket: TCustomWSocket, target: Target): string {
  return target.address.includes(':') ? socket.LocalAddr6 : socket.LocalAddr;
}

function wantsLocal(socket: TCustomWSocket, target: Target): boolean {
  const local = localAddress(socket, target);
  return target.localPort !== 0 || (local !== ICS_ANY_HOST_V4 && local !== ICS_ANY_HOST_V6);
}

function bindLocal(socket: TCustomWSocket, handle: number, target: Target): boolean {
  const local = localAddress(socket, target);
  const result = native.bindLocal(handle, local, target.localPort);
  if (result >= 0) {
    socket.noteLocalPort();
    return true;
  }
  const code = E.wsaFromErrno(-result);
  if (target.late) {
    connectDone(socket, code);
    return false;
  }
  giveUp(socket, handle, target);
  socket.LastError = code;
  socket.RaiseException(
    `Bind socket failed - ${E.GetWinsockErr(code)}`,
    code,
    E.WSocketErrorDesc(code),
    `Another client is using address ${local}:${target.localPort}`,
    'Bind Socket',
  );
  return false;
}

// ICS leaves the socket open in such cases; the next attempt would say that it is in use. The next
// one may also use any local port again, if this one might.
function giveUp(socket: TCustomWSocket, handle: number, target: Target): void {
  if (socket.socketHandle !== handle) return;
  releaseHandle(socket, N.CLOSE_GRACEFUL);
  socket.noteLocalPort(target.localText);
  socket.changeState(TSocketState.wsClosed);
}

/** The socket can be used (TCP: FD_CONNECT without an error; UDP: at once). */
export function connected(socket: TCustomWSocket, handle: number): void {
  socket.adopted();
  // Winsock reports a fresh connection as writable: OnDataSent once.
  socket.flags |= F.DATA_SENT_QUEUED;
  post(socket, WM_ICS_DATA_SENT);
  socket.changeState(TSocketState.wsConnected);
  if (socket.socketHandle === handle) socket.TriggerSessionConnectedSpecial(0);
  if (socket.socketHandle === handle && socket.queued > 0) flushQueue(socket);
}

/** FD_CONNECT: the kernel has decided. A failed socket is closed after OnSessionConnected. */
export function connectDone(socket: TCustomWSocket, error: number): void {
  const handle = socket.socketHandle;
  try {
    if (error === 0) {
      connected(socket, handle);
      return;
    }
    socket.LastError = error;
    try {
      socket.TriggerSessionConnectedSpecial(error);
    } finally {
      if (socket.socketHandle === handle) {
        socket.Close();
        socket.LastError = error;
      }
    }
  } catch (thrown) {
    socket.HandleBackGroundException(thrown, 'TCustomWSocket.WndProc, FD_CONNECT');
  }
}
