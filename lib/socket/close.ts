// The ways a connection ends (ICS: InternalClose, Do_FD_CLOSE, Abort). Whatever the way, the
// native socket is given back in one place, releaseHandle, and OnSessionClosed fires once.
import { WSAECONNABORTED, wsaFromSocketErrno } from '../errors';
import * as N from '../native';
import { callInfo, callTotals, detach, reference, startTimer, stopTimer } from '../pump/reactor';
import { TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { stopLookup } from './dnsLookup';
import { flushQueue, flushSoon } from './send';
import * as F from './socketFlags';

const { close: nativeClose } = N.native;

/** Gives the native socket back. Fires nothing; the component has no socket afterwards. */
export function releaseHandle(socket: TCustomWSocket, how: number): void {
  const handle = socket.socketHandle;
  socket.beforeRelease();
  if (socket.flags & F.SPEAKING) {
    N.native.totals(handle);
  } else {
    nativeClose(handle, how);
    const dropped = callInfo[N.INFO_QUEUED]!;
    if (dropped > 0) socket.DroppedByteCount += dropped;
  }
  socket.readTotal = callTotals[N.TOTAL_READ]!;
  socket.writeTotal = callTotals[N.TOTAL_WRITTEN]!;
  detach(handle);
  if (!(socket.flags & F.UNREFERENCED)) reference(-1);
  socket.socketHandle = 0;
  socket.queued = 0;
  socket.flags &= F.COMPONENT_FLAGS;
  stopTimer(socket.closeTimer);
  if (socket.pendingAccept > 0) nativeClose(socket.pendingAccept, N.CLOSE_RESET);
  socket.pendingAccept = 0;
}

/** Close: at once. What the kernel holds is delivered, what our own queue holds is dropped. */
export function closeNow(socket: TCustomWSocket, error = 0, how = N.CLOSE_GRACEFUL): void {
  socket.lookupInternal = false;
  if (socket.socketHandle === 0) {
    if (socket.state === TSocketState.wsClosed) return;
    stopLookup(socket);
    socket.changeState(TSocketState.wsClosed);
    restoreDefaults(socket);
    return;
  }
  releaseHandle(socket, how);
  const told = socket.flags & (F.CLOSE_SIGNALLED | F.DESTROYING);
  try {
    socket.changeState(TSocketState.wsClosed);
  } finally {
    const next = socket.socketHandle; // the handler may have begun the next connection
    if (!told && !(socket.flags & F.DESTROYING)) socket.TriggerSessionClosed(error);
    if (next !== 0 && socket.socketHandle === next) socket.flags &= ~F.CLOSE_SIGNALLED;
    restoreDefaults(socket);
  }
}

// Not over what a handler has prepared for the attempt it has begun.
function restoreDefaults(socket: TCustomWSocket): void {
  if (socket.state === TSocketState.wsClosed) socket.AssignDefaultValue();
}

/** Abort: everything is dropped, the peer sees a reset. */
export function abortNow(socket: TCustomWSocket): void {
  const connected = socket.state === TSocketState.wsConnected;
  closeNow(socket, 0, connected ? N.CLOSE_RESET : N.CLOSE_GRACEFUL);
}

/** CloseDelayed, from the queue: stops reading, sends what is queued, then closes. */
export function closeWhenSent(socket: TCustomWSocket): void {
  socket.flags &= ~F.CLOSE_POSTED;
  const handle = socket.socketHandle;
  if (handle === 0 || socket.state !== TSocketState.wsConnected) {
    socket.Close();
    return;
  }
  if (socket.flags & F.CLOSE_WHEN_SENT) return;
  if (!socket.needsInputToSend()) N.native.pause(handle, true);
  try {
    if (socket.queued > 0) flushQueue(socket);
  } finally {
    // Also when OnSendData has thrown.
    if (socket.socketHandle === handle) closeOrWait(socket);
  }
}

function closeOrWait(socket: TCustomWSocket): void {
  if (socket.queued === 0) {
    socket.Close();
    return;
  }
  socket.flags |= F.CLOSE_WHEN_SENT;
  limitFlush(socket);
  flushSoon(socket); // OnSendData may have queued more
}

// A peer that does not read must not keep a closing connection for ever.
function limitFlush(socket: TCustomWSocket): void {
  stopTimer(socket.closeTimer);
  socket.closeTimer = startTimer(socket.CloseFlushTimeout, () => {
    try {
      if (socket.flags & F.END_WHEN_SENT) endSession(socket, WSAECONNABORTED);
      else socket.Close();
    } catch (E) {
      socket.HandleBackGroundException(E, 'CloseFlushTimeout');
    }
  });
}

/** The send queue is empty and OnDataSent added nothing: a close that waited for that goes on. */
export function finishClosing(socket: TCustomWSocket): void {
  if (socket.flags & F.CLOSE_WHEN_SENT) socket.Close();
  else if (socket.flags & F.END_WHEN_SENT) endSession(socket, 0);
}

/** The peer has finished (error 0) or the connection broke (FD_CLOSE). */
export function remoteClosed(socket: TCustomWSocket, error: number): void {
  const handle = socket.socketHandle;
  if (socket.state !== TSocketState.wsConnected) {
    endSession(socket, error);
    return;
  }
  if (!(socket.flags & F.CLOSE_WHEN_SENT) || socket.needsInputToSend()) socket.deliverRest(error);
  if (socket.socketHandle !== handle) return;
  const failure = error || readFailure(socket);
  if (failure !== 0) {
    endSession(socket, failure);
    return;
  }
  if (socket.flags & F.HELD) return; // input is left; Resume or ThreadAttach tells the end again
  peerFinished(socket);
}

/** The input behind the peer's FIN could not be read to its end: the Windows number, or 0. */
export function readFailure(socket: TCustomWSocket): number {
  return wsaFromSocketErrno(N.native.failure(socket.socketHandle));
}

/** All input is delivered and the peer sends nothing more: what is queued still goes out. */
export function peerFinished(socket: TCustomWSocket): void {
  const handle = socket.socketHandle;
  if (socket.flags & F.COALESCED) socket.flushCoalesced();
  if (socket.socketHandle !== handle) return;
  if (socket.HalfClose) {
    peerShutdown(socket);
  } else if (socket.queued > 0 || awaitsDataSent(socket)) {
    socket.flags |= F.END_WHEN_SENT;
    limitFlush(socket);
    if (socket.queued > 0) flushQueue(socket);
  } else {
    endSession(socket, 0);
  }
}

// OnDataSent is on its way and may add the next block of what the peer waits for.
function awaitsDataSent(socket: TCustomWSocket): boolean {
  return (socket.flags & F.DATA_SENT_QUEUED) !== 0 && socket.wantsDataSent();
}

function peerShutdown(socket: TCustomWSocket): void {
  if (socket.flags & F.PEER_SHUT) return;
  socket.flags |= F.PEER_SHUT;
  if (socket.flags & F.SEND_SHUT) endSession(socket, 0);
  else socket.TriggerPeerShutdown();
}

/** ICS order for a close by the peer: OnSessionClosed while still wsConnected, then the state. */
export function endSession(socket: TCustomWSocket, error: number): void {
  const handle = socket.socketHandle;
  try {
    socket.TriggerSessionClosed(error);
  } finally {
    if (handle !== 0 && socket.socketHandle === handle) closeNow(socket, error);
  }
}
