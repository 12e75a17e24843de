// What TWSocketThrdServer and its workers say to each other. Only whole connections cross, never
// what they receive or send. Messages of one side arrive in their order.
import type { MessagePort } from 'node:worker_threads';
import type { TThreadTicket } from '../socket/threadTicket';
import type { SharedContext } from '../ssl/contextParts';

/** What the worker's client object is told of itself. */
export interface ClientFacts {
  readonly CliId: number;
  readonly Name: string;
  readonly Banner: string;
  readonly IcsHostIdx: number;
  readonly MultiListenIdx: number;
  readonly HostTag: string;
  readonly CServerAddr: string;
  readonly CServerPort: string;
}

/** Methods of a client that its shell in the main thread passes on. */
export type RemoteCall = 'Close' | 'CloseDelayed' | 'Abort' | 'Pause' | 'Resume';

/** How TLS begins in the worker. */
export interface TlsStart {
  readonly handshakeTimeout: number;
  /** What OnClientConnect has sent: it follows the handshake. */
  readonly held: readonly Uint8Array[];
}

interface Attach {
  readonly kind: 'attach';
  readonly ticket: TThreadTicket;
  readonly facts: ClientFacts;
  /** null: the connection stays in clear. */
  readonly tls: TlsStart | null;
}

export type ToWorker =
  | Attach
  | { readonly kind: 'context'; readonly context: SharedContext }
  | { readonly kind: 'call'; readonly id: number; readonly method: RemoteCall }
  | { readonly kind: 'closeAll' }
  | { readonly kind: 'end' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'attached'; readonly id: number }
  | { readonly kind: 'closed'; readonly id: number; readonly code: number }
  | { readonly kind: 'exception'; readonly text: string };

/** workerData of a worker of TWSocketThrdServer. */
export interface ThreadStart {
  readonly icsPort: MessagePort;
  readonly data: unknown;
}

const MAX_TEXT = 1023;

/** `<class>: <message>`, at most 1023 characters as in ICS. */
export function exceptionText(thrown: unknown): string {
  let text = 'Error: a value that cannot be converted to text';
  try {
    text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `Error: ${thrown}`;
  } catch {
    // It stays as it is.
  }
  return text.slice(0, MAX_TEXT);
}
