// Taking bytes from a socket, and calling the handler as long as it takes some
// (ICS: DoRecv, ASyncReceive).
//
//  - A handler that takes nothing is not called again for the same bytes; ICS would spin.
//  - One event serves at most MAX_ROUNDS calls; the rest waits behind the events of others.
import { constants } from 'node:os';
import { WSAENOTSOCK, WSAEWOULDBLOCK, wsaFromSocketErrno } from '../errors';
import { INFO_MORE, RECV_PEEK, native } from '../native';
import { callInfo, drainHandlerPromise, post, wakeForPending } from '../pump/reactor';
import { TWSocketOption } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { IcsGetTickCount } from './TWSocketCounter';
import { WM_TRIGGER_DATA_AVAILABLE } from './messages';
import { retryLater } from './retry';
import * as F from './socketFlags';

// Module constants: looking them up in the addon's exports costs as much as a small call.
const {
  receive: nativeReceive,
  receiveText: nativeReceiveText,
  more: hasMore,
  buffered: hasBuffered,
  ignored: noteIgnored,
} = native;

const { EAGAIN, EMSGSIZE, ENOMEM } = constants.errno;
const MAX_ROUNDS = 64;
const DISCARD_ROUNDS = 16;
const discarded = new Uint8Array(64 * 1024);

/** Bytes taken, 0 when the peer has finished, -1 with LastError. flags: RECV_ constants. */
export function receive(
  socket: TCustomWSocket,
  buffer: Uint8Array,
  size: number,
  flags: number,
): number {
  const handle = socket.socketHandle;
  if (handle === 0 || socket.flags & F.NEGOTIATING) {
    nothingToRead(socket);
    return -1;
  }
  if (size <= 0) return 0;
  const got = nativeReceive(handle, buffer, 0, size, flags | socket.recvFlags);
  if (got > 0) {
    if (!(flags & RECV_PEEK)) noteReceived(socket);
    return got;
  }
  const taken = (socket.flags & F.DATAGRAM) !== 0 && (got === 0 || got === -EMSGSIZE);
  if (taken && !(flags & RECV_PEEK)) noteReceived(socket);
  if (got === 0) return 0;
  receiveFailed(socket, -got);
  return -1;
}

// What a proxy says while it is asked for the connection is hidden.
function nothingToRead(socket: TCustomWSocket): void {
  socket.LastError = socket.socketHandle === 0 ? WSAENOTSOCK : WSAEWOULDBLOCK;
}

/** Everything that is there as text; '' with LastError when nothing is. */
export function receiveText(socket: TCustomWSocket, flags: number): string {
  const handle = socket.socketHandle;
  if (handle === 0 || socket.flags & F.NEGOTIATING) {
    nothingToRead(socket);
    return '';
  }
  const text = nativeReceiveText(handle, flags | socket.recvFlags);
  if (typeof text === 'string') {
    noteReceived(socket);
    return text;
  }
  if (text < 0) receiveFailed(socket, -text);
  return '';
}

// What breaks the connection is told by the next poll, which may be far away.
function receiveFailed(socket: TCustomWSocket, errno: number): void {
  socket.LastError = wsaFromSocketErrno(errno);
  if (errno === ENOMEM) retryInput(socket);
  if (errno !== EAGAIN) wakeForPending();
}

/** There was no memory for input that waits. Perhaps nothing more comes, so nobody would tell of it. */
export function retryInput(socket: TCustomWSocket): void {
  retryLater(socket, F.INPUT_RETRYING, postContinue);
}

/** Input was taken: the delivery goes on, here or by message. */
export function noteReceived(socket: TCustomWSocket): void {
  const more = callInfo[INFO_MORE]! << F.MORE_SHIFT;
  socket.flags = (socket.flags & ~(F.MORE_INPUT | F.MORE_OF_LINE)) | F.RECEIVED | more;
  if (socket.flags & F.COUNTED) stampReceived(socket);
  // Read outside its event (later, or by an async handler): what is left is reported again.
  if (socket.flags & F.IN_DISPATCH) return;
  continueLater(socket, socket.socketHandle);
  wakeForPending();
}

export function stampReceived(socket: TCustomWSocket): void {
  if (socket.Counter) socket.Counter.LastRecvTick = IcsGetTickCount();
}

/** Throws away what a connection without a handler receives: the rest of the line, or all. */
export function discardInput(socket: TCustomWSocket): void {
  const again = socket.recvFlags ? F.MORE_OF_LINE : F.MORE_INPUT;
  for (let round = 0; round < DISCARD_ROUNDS; round++) {
    if (receive(socket, discarded, discarded.length, 0) <= 0) break;
    if (!(socket.flags & again)) break;
  }
  socket.LastError = 0;
}

/** Begins the dispatch of a read event; the result is given to leaveDispatch. */
export function enterDispatch(socket: TCustomWSocket): number {
  const outer = socket.flags & F.IN_DISPATCH;
  socket.flags = (socket.flags | F.IN_DISPATCH) & ~F.SENT_IN_DISPATCH;
  return outer;
}

export function leaveDispatch(socket: TCustomWSocket, handle: number, outer: number): void {
  socket.flags = (socket.flags & ~F.IN_DISPATCH) | outer;
  if (socket.socketHandle !== handle) return;
  if (socket.flags & F.RECEIVED) continueLater(socket, handle);
  else noteIgnored(handle);
}

/** Fires OnDataAvailable as long as input waits and the handler takes some of it. */
export function deliverInput(socket: TCustomWSocket, ending: boolean): void {
  const handle = socket.socketHandle;
  const outer = enterDispatch(socket);
  try {
    for (let round = 0; round < MAX_ROUNDS || ending; round++) {
      callHandler(socket);
      if (socket.socketHandle !== handle || socket.LastError !== 0) break;
      if (socket.recvFlags) break; // the handler switched to line mode
      if (!mayGoOn(socket) || hasMore(handle) === 0) break;
      if (!ending && socket.hasOption(TWSocketOption.wsoNoReceiveLoop)) break;
    }
  } catch (E) {
    socket.HandleBackGroundException(E, 'TCustomWSocket.ASyncReceive');
  }
  leaveDispatch(socket, handle, outer);
}

/** One OnDataAvailable. Afterwards the flags tell whether the handler took something. */
export function callHandler(socket: TCustomWSocket): void {
  socket.LastError = 0;
  socket.flags = (socket.flags & ~F.RECEIVED) | F.MORE_INPUT;
  socket.TriggerDataAvailable(0);
  drainHandlerPromise();
}

/** The handler took something, more may be there, and nobody asked to stop. */
export function mayGoOn(socket: TCustomWSocket, waiting = F.MORE_INPUT): boolean {
  const { flags } = socket;
  if (flags & F.DEAF) return false;
  return (flags & F.RECEIVED) !== 0 && (flags & waiting) !== 0;
}

// Input that the core holds in its buffer, the rest of a line too, is not reported by the kernel
// again.
function continueLater(socket: TCustomWSocket, handle: number): void {
  if (socket.socketHandle !== handle) return;
  if (socket.flags & F.FILTERED) socket.inputDelivered();
  if (!mayGoOn(socket, F.MORE_INPUT | F.MORE_OF_LINE)) return;
  if (socket.flags & F.DATAGRAM) return; // the next poll reports it, behind the events of others
  if (hasBuffered(handle) !== 0) postContinue(socket);
}

export function postContinue(socket: TCustomWSocket): void {
  if (socket.flags & F.CONTINUE_QUEUED) return;
  socket.flags |= F.CONTINUE_QUEUED;
  post(socket, WM_TRIGGER_DATA_AVAILABLE);
}
