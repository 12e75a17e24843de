// toStream(): a connection for everything that works with streams of Node.
import type { Duplex } from 'node:stream';
import type { TCustomLineWSocket } from '../socket/TCustomLineWSocket';
import { SocketStream, type StreamOptions } from './SocketStream';

/**
 * A Duplex over a connected socket. It takes all input, so there can be only one, and no
 * OnDataAvailable; LineMode goes off. Input that waits unread in the socket comes first.
 *
 * end() sends the FIN behind everything written. The peer's FIN is 'end'; without HalfClose the
 * connection is over then. destroy() resets the connection (Abort), after 'finish' it closes it.
 * A connection that breaks is 'error' with an ESocketException.
 *
 * ESocketException 10057 when the socket is not connected, EIcsException (code EREADER) when somebody
 * reads it already.
 */
export function toStream(socket: TCustomLineWSocket, options: StreamOptions = {}): Duplex {
  return new SocketStream(socket, options);
}
