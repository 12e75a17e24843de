// Who reads a connection: a stream and an iterator of lines take all input for themselves, so there
// can be only one of them, and no OnDataAvailable beside it.
import { EIcsException, WSAENOTCONN } from '../errors';
import type { TCustomLineWSocket } from '../socket/TCustomLineWSocket';
import { TSocketState } from '../types';
import { socketFailure } from './endings';

const readers = new WeakMap<TCustomLineWSocket, string>();

/**
 * Makes `reader` the only one; the result ends that. ESocketException 10057 without a connection,
 * EIcsException (code EREADER) when somebody reads already.
 */
export function claimInput(socket: TCustomLineWSocket, reader: string): () => void {
  if (socket.State !== TSocketState.wsConnected) throw socketFailure(socket, WSAENOTCONN, reader);
  const other = readers.get(socket);
  if (other !== undefined)
    throw new EIcsException(`${reader}: ${other} reads this connection already`, 'EREADER');
  if (socket.OnDataAvailable !== null)
    throw new EIcsException(
      `${reader}: OnDataAvailable is assigned or has listeners; only one can read the input`,
      'EREADER',
    );
  readers.set(socket, reader);
  return () => {
    readers.delete(socket);
  };
}
