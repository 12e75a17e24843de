// What Node users expect on top of the ICS classes: `ics-wsocket/node`. The classes know nothing of it.

export { AbortError } from './AbortError';
export type { SignalOption } from './endings';

// Events
export { events, once } from './events';
export type { ComponentEvents, EventArguments, EventListener, EventName } from './ComponentEvents';

// Streams and iteration
export { toStream } from './stream';
export type { StreamOptions } from './SocketStream';
export { clients, lines } from './iterate';
export type { ClientsOptions } from './iterate';
export type { AttachedIterator } from './PullIterator';

// AbortSignal
export { connect, listen } from './signal';
export type { Connectable } from './signal';
