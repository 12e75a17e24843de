// Waiting in the pump for something to happen to a socket (ICS: Flush, WaitForClose, and the waits of
// TCustomSyncWSocket). Everything this package owns for the thread is dispatched meanwhile; when
// nothing happens the thread sleeps.
import { pumpUntil } from '../pump/reactor';
import { TSocketState } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { flushQueue } from './send';

/**
 * Pumps until done(). False: in vain, because `deadline` (performance.now()) has passed, the socket
 * was freed, a quit message came, or pumps are nested too deep.
 */
export function waitUntil(
  socket: TCustomWSocket,
  done: () => boolean,
  deadline = Infinity,
): boolean {
  const quitBefore = socket.Terminated; // an earlier MessageLoop has left it set
  const over = (): boolean => socket.isDestroyed || (!quitBefore && socket.Terminated);
  pumpUntil(socket, () => done() || over(), deadline);
  return done();
}

/** Flush: until everything is sent or the connection is gone. */
export function flushAll(socket: TCustomWSocket): void {
  const handle = socket.socketHandle;
  if (handle === 0) return;
  const done = (): boolean => {
    if (socket.socketHandle === handle && socket.queued > 0) flushQueue(socket);
    return socket.socketHandle !== handle || socket.queued === 0;
  };
  if (!socket.OnMessagePump) waitUntil(socket, done);
  else while (!done()) socket.MessagePump();
}

/** WaitForClose: until the connection, the attempt to connect or the listener is over. */
export function waitForClose(socket: TCustomWSocket): void {
  const handle = socket.socketHandle;
  const closed = (): boolean =>
    handle === 0 ? socket.state === TSocketState.wsClosed : socket.socketHandle !== handle;
  if (!socket.OnMessagePump) waitUntil(socket, closed);
  else while (!closed()) socket.MessagePump();
}
