// Yes/no facts of a socket, one bit each: ten thousand idle connections keep them in one number.

export const PAUSED = 1 << 0;
/** A read event of this socket is being dispatched. */
export const IN_DISPATCH = 1 << 1;
/** The handler took bytes since it was called. */
export const RECEIVED = 1 << 2;
/** More input may be waiting than the handler has read. */
export const MORE_INPUT = 1 << 3;
/** The current line is not read to its end. */
export const MORE_OF_LINE = 1 << 4;
/** Coalesced output waits for the end of the dispatch. */
export const COALESCED = 1 << 5;
/** An OnDataSent message is queued. */
export const DATA_SENT_QUEUED = 1 << 6;
/** A message that continues the delivery of buffered input is queued. */
export const CONTINUE_QUEUED = 1 << 7;
/** OnSessionClosed has been triggered for this connection. */
export const CLOSE_SIGNALLED = 1 << 8;
/** CloseDelayed: close as soon as the send queue is empty. */
export const CLOSE_WHEN_SENT = 1 << 9;
/** The peer has finished; the session ends as soon as the send queue is empty. */
export const END_WHEN_SENT = 1 << 10;
/** Shutdown(1) was called: nothing more may be sent. */
export const SEND_SHUT = 1 << 11;
/** unref() was called: does not keep the process alive. */
export const UNREFERENCED = 1 << 12;
/** The send queue is above SendQueueHigh. */
export const ABOVE_HIGH = 1 << 13;
/** OnPeerShutdown has fired. */
export const PEER_SHUT = 1 << 14;
/** The listener waits before it accepts again. */
export const ACCEPT_BACKOFF = 1 << 15;

/** A Send of this dispatch has gone to the kernel: the following ones are coalesced. */
export const SENT_IN_DISPATCH = 1 << 16;
/** Destroy is running: OnSessionClosed does not fire any more. */
export const DESTROYING = 1 << 17;

/** In line mode the handler reads bytes: lines are taken one by one, not as text. */
export const LINES_AS_BYTES = 1 << 18;

/** Waiting connections are being announced one after the other. */
export const ACCEPTING = 1 << 19;

/** A write that found no memory is tried again by a timer. */
export const RETRYING = 1 << 20;

/** UDP: datagrams instead of a stream. */
export const DATAGRAM = 1 << 21;

/** A TLS session sits between the core and the application. */
export const FILTERED = 1 << 22;
/** Its handshake is not finished: what goes out is not the application's. */
export const TLS_HANDSHAKE = 1 << 23;
/** A proxy is being asked for the connection: input and output are not the application's yet. */
export const NEGOTIATING = 1 << 24;
/** There is a Counter to be stamped. */
export const COUNTED = 1 << 25;
/** ThreadDetach was called: nothing is told until ThreadAttach. */
export const DETACHED = 1 << 26;
/** CloseDelayed was called; its message is on the way. */
export const CLOSE_POSTED = 1 << 27;

/** The socket is closed; its TLS session keeps the native one for its last words, and closes it. */
export const SPEAKING = 1 << 28;
/** Input for which there was no memory is looked at again by a timer. */
export const INPUT_RETRYING = 1 << 29;

/** With any of these the handler is not called. */
export const HELD = PAUSED | DETACHED;
export const DEAF = HELD | CLOSE_WHEN_SENT;

/** What stays when the connection ends; everything else is forgotten. */
export const COMPONENT_FLAGS =
  UNREFERENCED | CLOSE_SIGNALLED | IN_DISPATCH | DESTROYING | DETACHED | COUNTED;

/** INFO_MORE of a receiving call, shifted here, is MORE_INPUT | MORE_OF_LINE. */
export const MORE_SHIFT = 3;
