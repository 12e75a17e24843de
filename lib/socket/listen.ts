// Listening, accepting and adopting (ICS: Listen, Accept, Dup).
import { constants } from 'node:os';
import * as E from '../errors';
import * as N from '../native';
import { attach, callInfo, post, reference, startTimer } from '../pump/reactor';
import { TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { releaseHandle } from './close';
import { PROTO_UDP } from './connect';
import { listenDatagrams } from './datagram';
import { WM_ICS_DATA_SENT } from './messages';
import { WSocketResolveHost, WSocketResolvePort, WSocketResolveProto } from './names';
import { applyOptions } from './options';
import * as F from './socketFlags';

const { native } = N;
const { accept: nativeAccept, adopt: nativeAdopt, descriptorOf } = native;
const PROTO_TCP = 6;
/** What the kernel gets while ListenBacklog is unassigned: 15 stalls bursts of clients on POSIX. */
const POSIX_BACKLOG = 511;
/** Pause after a shortage of descriptors or memory, doubled up to the maximum. */
const BACKOFF_MIN_MS = 20;
const BACKOFF_MAX_MS = 1000;

const { EAGAIN, ECONNABORTED, EBUSY } = constants.errno;
/** Errors of making a socket, as opposed to binding it. */
const SOCKET_ERRORS: ReadonlySet<number> = new Set([
  E.WSAEMFILE,
  E.WSAENOBUFS,
  E.WSAEAFNOSUPPORT,
  E.WSAEPROTONOSUPPORT,
]);

/** Listen: OnChangeState to wsBound and wsListening, or an error with the state unchanged. */
export function listen(socket: TCustomWSocket): void {
  socket.LastError = 0;
  const refused = refusal(socket);
  if (refused) {
    socket.SocketError(refused, E.WSAEINVAL);
    return;
  }
  const target = resolve(socket);
  if (!target) return;
  if (target.datagram) {
    listenDatagrams(socket, target.address, target.port);
    return;
  }
  const handle = native.bind(target.address, target.port, socket.ReusePort);
  if (handle < 0) {
    bindFailed(socket, E.wsaFromErrno(-handle));
    return;
  }
  socket.flags &= F.COMPONENT_FLAGS & ~F.CLOSE_SIGNALLED;
  own(socket, handle);
  socket.changeState(TSocketState.wsBound);
  if (socket.socketHandle !== handle) return;
  const result = native.listen(handle, socket.assignedBacklog ?? POSIX_BACKLOG);
  if (result < 0) {
    releaseHandle(socket, N.CLOSE_GRACEFUL);
    socket.changeState(TSocketState.wsClosed);
    socket.SocketError('Listen', E.wsaFromErrno(-result));
    return;
  }
  socket.changeState(TSocketState.wsListening);
}

function refusal(socket: TCustomWSocket): string {
  if (socket.flags & F.DESTROYING) return 'listen: component has been freed';
  if (socket.state !== TSocketState.wsClosed) return 'listen: socket is already listening';
  if (socket.Port === '') return 'listen: port not assigned';
  if (socket.Proto === '') return 'listen: protocol not assigned';
  return socket.Addr === '' ? 'listen: address not assigned' : '';
}

interface Target {
  address: string;
  port: number;
  datagram: boolean;
}

function resolve(socket: TCustomWSocket): Target | null {
  try {
    const proto = WSocketResolveProto(socket.Proto);
    const datagram = proto === PROTO_UDP && socket.mayUseDatagrams();
    if (proto !== PROTO_TCP && !datagram) {
      socket.SocketError('listen: protocol unsupported', E.WSAEPROTONOSUPPORT);
      return null;
    }
    const port = WSocketResolvePort(socket.Port, socket.Proto);
    const address = WSocketResolveHost(socket.Addr, socket.SocketFamily);
    socket.portNum = port;
    return { address, port, datagram };
  } catch (error) {
    if (!(error instanceof E.ESocketException)) throw error;
    if (error.Func !== '') throw error; // SocketError's own
    socket.LastError = error.ErrorCode || E.WSAEINVAL;
    socket.RaiseException(`listen: ${error.message}`, socket.LastError, error.ErrorMessage);
    return null;
  }
}

export function bindFailed(socket: TCustomWSocket, code: number): void {
  const taken = code === E.WSAEADDRINUSE || code === E.WSAEACCES;
  const friendly = taken
    ? `Another server is already listening on ${socket.Addr}:${socket.Port}`
    : '';
  socket.SocketError(SOCKET_ERRORS.has(code) ? 'socket' : 'listen: Bind', code, friendly);
}

/** The socket gets a native one: its events come to it, and it keeps the process alive. */
export function own(socket: TCustomWSocket, handle: number): void {
  socket.socketHandle = handle;
  attach(socket);
  if (!(socket.flags & F.UNREFERENCED)) reference(1);
}

/** The listener is readable (FD_ACCEPT): takes what waits, at most AcceptBudget connections. */
export function acceptWaiting(socket: TCustomWSocket): void {
  const handle = socket.socketHandle;
  if (socket.flags & F.DESTROYING) return;
  if (socket.pendingAccept !== 0) return; // the application has not accepted the last one yet
  let shortage = false;
  socket.flags |= F.ACCEPTING;
  for (let budget = socket.AcceptBudget; budget > 0; budget--) {
    const result = nativeAccept(handle);
    if (result === -EAGAIN) break;
    if (result === -ECONNABORTED) continue;
    if (result === -EBUSY) {
      shortage = true;
      break;
    }
    if (result < 0) {
      shortage = true;
      socket.AcceptFailCount++;
    }
    socket.pendingAccept = result;
    announce(socket, handle);
    if (socket.socketHandle !== handle || socket.flags & F.HELD) break;
    if (socket.pendingAccept !== 0) break;
  }
  socket.flags &= ~F.ACCEPTING;
  if (socket.socketHandle !== handle || socket.flags & F.HELD) return;
  if (shortage) backOff(socket, handle);
  else socket.acceptDelay = 0;
}

function announce(socket: TCustomWSocket, handle: number): void {
  try {
    socket.TriggerSessionAvailable(0);
  } catch (error) {
    dropPending(socket);
    socket.HandleBackGroundException(error, 'TCustomWSocket.WndProc, FD_ACCEPT');
  }
  if (socket.socketHandle === handle && socket.pendingAccept < 0) socket.pendingAccept = 0;
}

/** Closes a connection that was announced and that nobody accepted. */
export function dropPending(socket: TCustomWSocket): void {
  if (socket.pendingAccept > 0) native.close(socket.pendingAccept, N.CLOSE_RESET);
  socket.pendingAccept = 0;
}

// Out of descriptors or memory: trying again at once would only burn time.
function backOff(socket: TCustomWSocket, handle: number): void {
  const delay = Math.min(Math.max(socket.acceptDelay * 2, BACKOFF_MIN_MS), BACKOFF_MAX_MS);
  socket.acceptDelay = delay;
  socket.flags |= F.ACCEPT_BACKOFF;
  native.pause(handle, true);
  startTimer(delay, () => {
    if (socket.socketHandle !== handle) return;
    socket.flags &= ~F.ACCEPT_BACKOFF;
    if (!(socket.flags & F.PAUSED)) native.pause(handle, false);
  });
}

/** The descriptor of the next connection, -1 when there is none or it could not be taken. */
export function accept(socket: TCustomWSocket): number {
  if (socket.state !== TSocketState.wsListening) {
    socket.SocketError('not a listening socket', E.WSAEINVAL);
    return -1;
  }
  const handle = socket.socketHandle;
  const pending = socket.pendingAccept;
  socket.pendingAccept = 0;
  const result = pending !== 0 ? pending : nativeAccept(handle);
  if (result > 0) {
    // A handler that did not accept has silenced the listener; it may speak again.
    if (!(socket.flags & (F.ACCEPTING | F.PAUSED | F.ACCEPT_BACKOFF))) native.pause(handle, false);
    return descriptorOf(result);
  }
  const code = E.wsaFromErrno(-result);
  socket.LastError = code;
  if (pending === 0 && code !== E.WSAEWOULDBLOCK) socket.SocketError('Accept', code);
  return -1;
}

/** Dup: takes over a connected descriptor. False (state unchanged) when it cannot. */
export function adopt(socket: TCustomWSocket, descriptor: number): boolean {
  if (!Number.isInteger(descriptor) || descriptor <= 0 || descriptor > 0x7fffffff) {
    socket.SocketError('Dup', E.WSAEINVAL);
    return false;
  }
  const handle = nativeAdopt(descriptor);
  if (handle < 0) {
    socket.SocketError('Dup', E.wsaFromErrno(-handle));
    return false;
  }
  const datagram = callInfo[N.INFO_COUNT] !== 0;
  if (socket.socketHandle !== 0) {
    releaseHandle(socket, N.CLOSE_GRACEFUL);
    socket.changeState(TSocketState.wsClosed);
  }
  if (socket.socketHandle !== 0 || socket.isDestroyed) {
    native.close(handle, N.CLOSE_GRACEFUL); // the handler took another one, or freed the object
    return false;
  }
  socket.flags &= F.COMPONENT_FLAGS & ~F.CLOSE_SIGNALLED;
  socket.readTotal = socket.writeTotal = 0;
  if (datagram) socket.flags |= F.DATAGRAM;
  own(socket, handle);
  if (!datagram) applyOptions(socket);
  // Winsock reports a fresh connection as writable: OnDataSent once, whoever is listening by then.
  socket.flags |= F.DATA_SENT_QUEUED;
  post(socket, WM_ICS_DATA_SENT);
  socket.adopted();
  if (socket.socketHandle === handle) socket.changeState(TSocketState.wsConnected);
  return true;
}
