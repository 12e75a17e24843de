// Socket options behind properties (ICS: SetLingerOption, SetKeepAliveOption, SetTcpNoDelayOption,
// SocketRcvBufSize, SocketSndBufSize).
import { WSAENOTSOCK, wsaFromSocketErrno } from '../errors';
import * as N from '../native';
import { TSocketKeepAliveOnOff, TSocketLingerOnOff, TWSocketOption } from '../types';
import type { SocketProperties } from './SocketProperties';

const { native } = N;

/** What a fresh connection gets. Nothing is touched that the application did not ask for. */
export function applyOptions(socket: SocketProperties): void {
  if (socket.hasOption(TWSocketOption.wsoTcpNoDelay)) setNoDelay(socket);
  if (socket.assignedLinger) setLinger(socket);
  if (socket.KeepAliveOnOff !== TSocketKeepAliveOnOff.wsKeepAliveOff) setKeepAlive(socket);
}

export function setNoDelay(socket: SocketProperties): void {
  const on = socket.hasOption(TWSocketOption.wsoTcpNoDelay) ? 1 : 0;
  set(socket, N.OPT_NODELAY, on, 'setsockopt(IPPROTO_TCP, TCP_NODELAY)');
}

export function setLinger(socket: SocketProperties): void {
  if (socket.LingerOnOff === TSocketLingerOnOff.wsLingerNoSet) return;
  if (socket.socketHandle === 0) {
    socket.RaiseException('Cannot set linger option at this time');
    return;
  }
  const on = socket.LingerOnOff === TSocketLingerOnOff.wsLingerOn;
  const result = native.setLinger(socket.socketHandle, on, socket.LingerTimeout);
  if (result < 0) socket.SocketError('setsockopt(SO_LINGER)', wsaFromSocketErrno(-result));
}

export function setKeepAlive(socket: SocketProperties): void {
  const mode = socket.KeepAliveOnOff;
  if (mode === TSocketKeepAliveOnOff.wsKeepAliveOff) return;
  const func = 'setsockopt(SO_KEEPALIVE)';
  if (!set(socket, N.OPT_KEEPALIVE, 1, func)) return;
  if (mode !== TSocketKeepAliveOnOff.wsKeepAliveOnCustom) return;
  if (socket.KeepAliveTime > 0) set(socket, N.OPT_KEEPIDLE, socket.KeepAliveTime, func);
  if (socket.KeepAliveInterval > 0) set(socket, N.OPT_KEEPINTERVAL, socket.KeepAliveInterval, func);
}

export function getBufferSize(socket: SocketProperties, option: number): number {
  if (socket.socketHandle === 0) return 0;
  return Math.max(native.getOption(socket.socketHandle, option), 0);
}

export function setBufferSize(socket: SocketProperties, option: number, bytes: number): void {
  const name = option === N.OPT_RCVBUF ? 'SO_RCVBUF' : 'SO_SNDBUF';
  if (socket.socketHandle === 0) {
    socket.SocketError(`setsockopt(${name})`, WSAENOTSOCK);
    return;
  }
  set(socket, option, bytes, `setsockopt(${name})`);
}

function set(socket: SocketProperties, option: number, value: number, func: string): boolean {
  const result = native.setOption(socket.socketHandle, option, value);
  if (result >= 0) return true;
  socket.SocketError(func, wsaFromSocketErrno(-result));
  return false;
}
