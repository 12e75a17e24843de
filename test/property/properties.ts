// How the property tests run: many scenarios at a time, each on a connection of its own.
//
//  - ICS_PROPERTY_RUNS=n runs n times as many; ICS_PROPERTY_SEED=n repeats a run.
//  - A failure names the seed and the smallest scenario found. Searching for it ends before mocha's
//    timeout, also when the defect is a hang.

import fc from 'fast-check';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { connect, waitFor } from '../support';
import type { Peer } from '../support';
import { attackedServer } from '../support/bystander';

const MULTIPLIER = Math.max(1, Number(process.env['ICS_PROPERTY_RUNS'] ?? 1) || 1);
const SEED = process.env['ICS_PROPERTY_SEED'];
const TIME_LIMIT_MS = 20_000 * MULTIPLIER;

/** Longest wait of a scenario; short enough that a hang can be shrunk. */
export const DEADLINE_MS = 4000;
/** For `this.timeout` of a test that calls check(). */
export const TEST_TIMEOUT_MS = TIME_LIMIT_MS + 20_000;

/** Runs `batches` times up to `together` scenarios at once; every one must hold. */
export async function check<T>(
  scenario: fc.Arbitrary<T>,
  holds: (scenario: T) => Promise<void>,
  { batches, together = 16 }: { batches: number; together?: number },
): Promise<void> {
  const batch = fc.array(scenario, { minLength: 1, maxLength: together, size: 'max' });
  const property = fc.asyncProperty(batch, async (scenarios) => {
    for (const end of await Promise.allSettled(scenarios.map(holds)))
      if (end.status === 'rejected') throw end.reason;
  });
  await fc.assert(property, {
    numRuns: batches * MULTIPLIER,
    interruptAfterTimeLimit: TIME_LIMIT_MS,
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  });
}

/** One connection. What its handlers throw ends the wait of the scenario with that error. */
export class Link {
  closed = false;
  #problem: unknown;

  constructor(
    readonly peer: Peer,
    readonly client: TWSocketClient,
  ) {
    client.OnSessionClosed = () => {
      this.closed = true;
    };
    client.OnBgException = (_sender, E) => {
      this.#problem ??= E;
    };
  }

  /** Runs the action after this turn; what it throws counts like an exception of a handler. */
  later(action: () => void): void {
    setImmediate(() => {
      try {
        action();
      } catch (E) {
        this.#problem ??= E;
      }
    });
  }

  async until(fact: () => boolean, what: string): Promise<void> {
    await waitFor(() => fact() || this.#problem !== undefined, what, DEADLINE_MS);
    if (this.#problem !== undefined) throw this.#problem;
  }

  /** Resolves when the segment has left the peer: on loopback this side's kernel has it then. */
  written(segment: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.peer.socket.write(segment, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Sends the segments so that each is read before the next one comes. */
  async sendApart(segments: Uint8Array[]): Promise<void> {
    let sent = 0;
    for (const segment of segments) {
      await this.written(segment);
      sent += segment.length;
      await this.until(() => this.client.ReadCount >= sent, `${sent} bytes to be read`);
    }
  }

  /** The peer finishes and the session ends; the descriptors are given back. */
  async finish(): Promise<void> {
    this.peer.end();
    await this.until(() => this.closed, 'OnSessionClosed');
    this.peer.socket.destroy();
  }
}

/** A server for any number of connections at a time, and the way to get one. */
export async function links(props: Partial<TWSocketServer> = {}): Promise<() => Promise<Link>> {
  const server = await attackedServer(props);
  const clients = new Map<string, TWSocketClient>();
  server.OnClientConnect = (_server, client) => {
    clients.set(client.PeerPort, client);
  };
  return async () => {
    const peer = await connect(server);
    const port = String(peer.localPort);
    await waitFor(() => clients.has(port), 'the client', DEADLINE_MS);
    const client = clients.get(port)!;
    clients.delete(port);
    return new Link(peer, client);
  };
}

/** Places to cut at, for cut(). */
export const places = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.nat(2000), { maxLength: 10 }) },
  { weight: 1, arbitrary: fc.constant('everywhere' as const) },
);

/** The segments of the bytes; cutting everywhere stops after the first 80 bytes. */
export function cut(bytes: Buffer, where: readonly number[] | 'everywhere'): Buffer[] {
  const wanted = where === 'everywhere' ? [...bytes.keys()].slice(0, 80) : where;
  const ends = wanted.map((place) => place % (bytes.length + 1));
  const segments: Buffer[] = [];
  let start = 0;
  for (const end of [...ends, bytes.length].sort((a, b) => a - b)) {
    if (end > start) segments.push(bytes.subarray(start, end));
    start = Math.max(start, end);
  }
  return segments;
}
