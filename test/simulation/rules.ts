// The numbers and orders of the model in one place, so that --mutate can falsify one of them: a
// simulation that still passes then would prove nothing.

export interface Rules {
  /** OnSessionClosed after a reset by the peer. */
  resetError: number;
  /** OnClientDisconnect of DisconnectAll. */
  disconnectError: number;
  /** Clients served above MaxClients. */
  clientsAbove: number;
  /** A handler that has read nothing is called again without news. */
  spins: boolean;
  /** OnDataSent comes once for a drained queue. */
  tellsDrained: boolean;
  /** OnSessionClosed comes before the state changes when the peer ends, behind it for Close. */
  closedBeforeState: boolean;
  /** A line is delivered with its line end. */
  lineWithEnd: boolean;
  /** An exception aborts the connection unless the handler clears CanClose. */
  abortsOnException: boolean;
  /** A close delivers everything but what DroppedByteCount counts. */
  closeDelivers: boolean;
  /** Pause holds OnDataAvailable back. */
  pauseHolds: boolean;
}

export const ICS: Readonly<Rules> = {
  resetError: 10054,
  disconnectError: 10053,
  clientsAbove: 0,
  spins: false,
  tellsDrained: true,
  closedBeforeState: true,
  lineWithEnd: true,
  abortsOnException: true,
  closeDelivers: true,
  pauseHolds: true,
};

/** `--mutate NAME` changes the rule NAME to this. */
export const MUTATIONS: Readonly<Record<string, Partial<Rules>>> = {
  resetError: { resetError: 0 },
  disconnectError: { disconnectError: 0 },
  clientsAbove: { clientsAbove: 1 },
  tellsDrained: { tellsDrained: false },
  closedBeforeState: { closedBeforeState: false },
  lineWithEnd: { lineWithEnd: false },
  abortsOnException: { abortsOnException: false },
  closeDelivers: { closeDelivers: false },
};

/** What was expected of the next event or at rest, and what was seen instead. */
export class Mismatch extends Error {
  constructor(
    readonly expected: string,
    readonly seen: string,
  ) {
    super(`expected: ${expected}\nseen:     ${seen}`);
  }
}

export function expect(holds: boolean, expected: string, seen: string | (() => string)): void {
  if (!holds) throw new Mismatch(expected, typeof seen === 'string' ? seen : seen());
}
