// What the server process and its two load processes say to each other.
import type { Kind } from './servers';

export type Ports = Record<Kind, number>;

/** To a load process. `stop` ends everything; `stopped` is the answer. */
export type Order = { start: 'bad' | 'good'; ports: Ports } | { stop: true };

/** Of the good clients: round trips in milliseconds by kind, and what went wrong. */
export interface Stopped {
  cycles: number;
  atOnce: number;
  errors: string[];
  latencies: Record<Kind, number[]>;
}
