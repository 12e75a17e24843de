// UDP (ICS: the datagram branches of Connect and Listen, SendTo, ReceiveFrom). Nothing is queued: a
// datagram goes out whole at once, or the call says why not.
import * as E from '../errors';
import * as N from '../native';
import { ICS_ANY_HOST_V4, ICS_ANY_HOST_V6, TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import type { TSockAddr } from './TSockAddr';
import { releaseHandle } from './close';
import { connected } from './connect';
import { bindFailed, own } from './listen';
import { noteReceived } from './receive';
import { drained } from './send';
import * as F from './socketFlags';

const { native } = N;
const { sendTo: nativeSendTo, receiveFrom: nativeReceiveFrom } = native;
const LIMITED_BROADCAST = '255.255.255.255';
const nobody = new Uint8Array(N.PACKED_ADDRESS_SIZE);

/** Options of a socket that sends to `target`. Errors are told and do not stop the socket. */
export function applyDatagramOptions(socket: TCustomWSocket, handle: number, target: string): void {
  const v6 = target.includes(':');
  if (socket.Broadcast || target === LIMITED_BROADCAST)
    native.setOption(handle, N.OPT_BROADCAST, 1);
  if (!socket.MultiCastLoop)
    native.setOption(handle, v6 ? N.OPT_MULTICAST_LOOP6 : N.OPT_MULTICAST_LOOP, 0);
  if (!socket.MultiCast) return;
  if (socket.MultiCastIpTTL !== 1) {
    const option = v6 ? N.OPT_MULTICAST_HOPS : N.OPT_MULTICAST_TTL;
    tell(
      socket,
      native.setOption(handle, option, socket.MultiCastIpTTL),
      'setsockopt(IP_MULTICAST_TTL)',
    );
  }
  const local = v6 ? socket.LocalAddr6 : socket.LocalAddr;
  if (local !== ICS_ANY_HOST_V4 && local !== ICS_ANY_HOST_V6)
    tell(socket, native.multicastInterface(handle, local), 'setsockopt(IP_MULTICAST_IF)');
}

function tell(socket: TCustomWSocket, result: number, func: string): boolean {
  if (result >= 0) return true;
  socket.SocketError(func, E.wsaFromSocketErrno(-result));
  return false;
}

/** Listen with Proto 'udp': wsBound, wsListening, wsConnected, OnSessionConnected(0). */
export function listenDatagrams(socket: TCustomWSocket, address: string, port: number): void {
  const handle = native.openSocket(native.ipVersion(address), true);
  if (handle < 0) {
    socket.SocketError('socket', E.wsaFromErrno(-handle));
    return;
  }
  if (socket.ReuseAddr) native.setOption(handle, N.OPT_REUSEADDR, 1);
  const shared = socket.ReusePort ? native.setOption(handle, N.OPT_REUSEPORT, 1) : 0;
  const bound = shared < 0 ? shared : native.bindLocal(handle, address, port);
  if (bound < 0) {
    native.close(handle, N.CLOSE_GRACEFUL);
    bindFailed(socket, E.wsaFromErrno(-bound));
    return;
  }
  socket.flags &= F.COMPONENT_FLAGS & ~F.CLOSE_SIGNALLED;
  socket.readTotal = socket.writeTotal = 0;
  own(socket, handle);
  socket.flags |= F.DATAGRAM;
  socket.changeState(TSocketState.wsBound);
  if (socket.socketHandle !== handle) return;
  let prepared = false;
  try {
    prepared = prepareListening(socket, handle, address, port);
  } finally {
    if (!prepared && socket.socketHandle === handle) {
      releaseHandle(socket, N.CLOSE_GRACEFUL);
      socket.changeState(TSocketState.wsClosed);
    }
  }
  if (!prepared || socket.socketHandle !== handle) return;
  socket.changeState(TSocketState.wsListening);
  if (socket.socketHandle === handle) connected(socket, handle);
}

function prepareListening(
  socket: TCustomWSocket,
  handle: number,
  address: string,
  port: number,
): boolean {
  applyDatagramOptions(socket, handle, address);
  if (socket.MultiCast && !joinGroup(socket, socket.MultiCastAddrStr, address)) return false;
  return tell(socket, native.startDatagrams(handle, address, port), 'Listen');
}

/** Enters a multicast group on the interface with this local address ('': the system's choice). */
export function joinGroup(socket: TCustomWSocket, group: string, local: string): boolean {
  return changeGroup(socket, true, group, local);
}

export function leaveGroup(socket: TCustomWSocket, group: string, local: string): boolean {
  return changeGroup(socket, false, group, local);
}

function changeGroup(socket: TCustomWSocket, join: boolean, group: string, local: string): boolean {
  const version = native.familyOf(socket.socketHandle);
  const func = `setsockopt(${version === 6 ? 'IPV6' : 'IP'}_${join ? 'ADD' : 'DROP'}_MEMBERSHIP)`;
  if (socket.socketHandle === 0) {
    socket.SocketError(func, E.WSAENOTSOCK);
    return false;
  }
  if (native.ipVersion(group) !== version) {
    socket.SocketError(`${func} Invalid multicast address`, E.WSAEINVAL);
    return false;
  }
  return tell(socket, native.multicastGroup(socket.socketHandle, join, group, local), func);
}

/** Len, or -1 with LastError. Never raises, as ICS. */
export function sendDatagramTo(
  socket: TCustomWSocket,
  target: TSockAddr,
  data: Uint8Array,
  size: number,
): number {
  if (!(socket.flags & F.DATAGRAM)) {
    socket.LastError = socket.socketHandle === 0 ? E.WSAENOTSOCK : E.WSAEOPNOTSUPP;
    return -1;
  }
  const result = nativeSendTo(socket.socketHandle, data, 0, size, target.packed);
  return afterDatagram(socket, result, size);
}

/** The end of every attempt to send a datagram: events, or LastError. */
export function afterDatagram(socket: TCustomWSocket, result: number, size: number): number {
  if (result < 0) {
    socket.LastError = E.wsaFromSocketErrno(-result);
    return -1;
  }
  const handle = socket.socketHandle;
  socket.TriggerSendData(size);
  if (socket.socketHandle === handle) drained(socket);
  return size;
}

/** Bytes of one datagram and its sender; -1 with LastError (10035: none has arrived). */
export function receiveDatagram(
  socket: TCustomWSocket,
  buffer: Uint8Array,
  size: number,
  sender: TSockAddr | null,
): number {
  const handle = socket.socketHandle;
  if (!(socket.flags & F.DATAGRAM)) {
    socket.LastError = handle === 0 ? E.WSAENOTSOCK : E.WSAEOPNOTSUPP;
    return -1;
  }
  const got = nativeReceiveFrom(handle, buffer, 0, size, 0, sender ? sender.packed : nobody);
  if (got >= 0) {
    noteReceived(socket);
    return got;
  }
  socket.LastError = E.wsaFromSocketErrno(-got);
  if (socket.LastError === E.WSAEMSGSIZE) noteReceived(socket);
  return -1;
}
