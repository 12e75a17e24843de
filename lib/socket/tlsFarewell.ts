// What a TLS session has to say when its socket is gone already. Over the public carrier Node's TLS
// gives its last records (what was sent last, close_notify) in later turns of Node's loop; the native
// socket stays open for them and is closed as the socket had asked for.
import * as N from '../native';
import { startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';

const { native } = N;
/** Nothing the peer does can hold the records back, so this is only met when Node's TLS is stuck. */
const LIMIT_MS = 2000;

export class TlsFarewell {
  readonly #handle: number;
  readonly #timer: ReactorTimer;

  /** Input is not reported any more. `expired`: time to end() without the rest. */
  constructor(handle: number, expired: () => void) {
    this.#handle = handle;
    this.#timer = startTimer(LIMIT_MS, expired);
    native.pause(handle, true);
  }

  /** What the kernel does not take at once is dropped, as by any Close. False: nobody listens. */
  send(bytes: Uint8Array): boolean {
    if (native.send(this.#handle, bytes, 0, bytes.length, 1) < 0) return false;
    return native.flush(this.#handle) >= 0;
  }

  end(): void {
    stopTimer(this.#timer);
    native.close(this.#handle, N.CLOSE_GRACEFUL);
  }
}
