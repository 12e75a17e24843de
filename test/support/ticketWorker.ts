// A worker of test/fixtures/ticketWorker.ts and the events it has reported.

import type { Worker } from 'node:worker_threads';
import type { TThreadTicket } from '../../lib';
import { startWorker } from './runScript';
import { waitFor } from './waitFor';

interface Said {
  event: string;
  value: unknown;
}

export class TicketWorker {
  readonly worker: Worker = startWorker('ticketWorker');
  readonly said: Said[] = [];

  constructor() {
    this.worker.on('message', (message: Said) => void this.said.push(message));
  }

  takeSocket(socket: TThreadTicket): void {
    this.worker.postMessage({ socket });
  }

  takeServer(server: TThreadTicket): void {
    this.worker.postMessage({ server });
  }

  order(order: string): void {
    this.worker.postMessage({ order });
  }

  /** What the events with this name carried so far. */
  values<T>(event: string): T[] {
    return this.said.filter((one) => one.event === event).map(({ value }) => value as T);
  }

  /** The value of the event's next occurrence, or of the first one. */
  async until<T>(event: string, count = 1): Promise<T> {
    await waitFor(() => this.values(event).length >= count, `${event} in the worker`, 10_000);
    return this.values<T>(event)[count - 1]!;
  }
}
