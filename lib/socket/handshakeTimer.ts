// The time a peer has for the handshake. While this thread stands still nobody can answer the peer:
// who was served behind the deadline has the time once more, and only once.
import { performance } from 'node:perf_hooks';
import { startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import type { TCustomSslWSocket } from './TCustomSslWSocket';

/** The session whose handshake it is. */
interface Failing {
  fail(code: number, text: string): void;
}

export class HandshakeTimer {
  readonly #socket: TCustomSslWSocket;
  readonly #delayMs: number;
  readonly #session: Failing;
  #timer: ReactorTimer;
  #servedAt = 0;
  #isLast = false;

  constructor(socket: TCustomSslWSocket, session: Failing) {
    this.#socket = socket;
    this.#delayMs = socket.SslHandshakeTimeout;
    this.#session = session;
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
      this.#session.fail(1, `Error, no SSL handshake within ${this.#delayMs} ms`);
    } catch (E) {
      this.#socket.HandleBackGroundException(E, 'SslHandshakeTimeout');
    }
  }
}
