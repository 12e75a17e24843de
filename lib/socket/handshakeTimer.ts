// The time a peer has for the handshake. While this thread stands still nobody can answer the peer:
// who was served behind the deadline has the time once more, and only once.
import { performance } from 'node:perf_hooks';
import { startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import type { TCustomSslWSocket } from './TCustomSslWSocket';

export class HandshakeTimer {
  readonly #socket: TCustomSslWSocket;
  readonly #delayMs: number;
  readonly #fail: (text: string) => void;
  #timer: ReactorTimer;
  #servedAt = 0;
  #isLast = false;

  constructor(socket: TCustomSslWSocket, fail: (text: string) => void) {
    this.#socket = socket;
    this.#delayMs = socket.SslHandshakeTimeout;
    this.#fail = fail;
    this.#timer = this.#start();
  }

  /** The peer has just got what TLS had to say to it. */
  served(): void {
    this.#servedAt = performance.now();
  }

  stop(): void {
    stopTimer(this.#timer);
  }

  #start(): ReactorTimer {
    return startTimer(this.#delayMs, () => this.#due());
  }

  #due(): void {
    if (this.#isLast || this.#servedAt <= this.#timer.due) {
      this.#expired();
      return;
    }
    this.#isLast = true;
    this.#timer = this.#start();
  }

  #expired(): void {
    try {
      this.#fail(`Error, no SSL handshake within ${this.#delayMs} ms`);
    } catch (E) {
      this.#socket.HandleBackGroundException(E, 'SslHandshakeTimeout');
    }
  }
}
