// A second try after the system, or the core, had no memory.
import { startTimer } from '../pump/reactor';
import type { TCustomWSocket } from './TCustomWSocket';

const RETRY_MS = 20;

/** Runs `action` after a pause, unless the connection is over by then. `flag` is set meanwhile: once. */
export function retryLater(
  socket: TCustomWSocket,
  flag: number,
  action: (socket: TCustomWSocket) => void,
): void {
  if (socket.flags & flag) return;
  socket.flags |= flag;
  const handle = socket.socketHandle;
  startTimer(RETRY_MS, () => {
    if (socket.socketHandle !== handle) return;
    socket.flags &= ~flag;
    action(socket);
  });
}
