// Makes the kernel's timing not matter: what was sent over loopback before meet() has arrived when it
// returns, because a byte that was sent later has.
import * as N from '../../lib/native';

const { native } = N;
const one = new Uint8Array(1);

export class Barrier {
  readonly #from: number;
  readonly #to: number;

  /** `turn` dispatches something, so that the pump may ask the kernel again. */
  constructor(turn: () => void) {
    const listener = native.bind('127.0.0.1', 0, false);
    native.listen(listener, 1);
    const port = Number(String(native.addressOf(listener, 0)).split(' ')[1]);
    this.#from = native.openSocket(4, false);
    native.setOption(this.#from, N.OPT_NODELAY, 1);
    native.connect(this.#from, '127.0.0.1', port);
    let accepted = native.accept(listener);
    while (accepted < 0) accepted = native.accept(listener);
    this.#to = native.adopt(native.descriptorOf(accepted));
    native.close(listener, N.CLOSE_GRACEFUL);
    while (native.flush(this.#from) < 0) turn();
    native.suspend(this.#from, true);
    native.suspend(this.#to, true);
  }

  meet(): void {
    if (native.send(this.#from, one, 0, 1, 0) < 0) throw new Error('the barrier is broken');
    while (native.receive(this.#to, one, 0, 1, 0) < 0);
  }

  close(): void {
    native.close(this.#from, N.CLOSE_GRACEFUL);
    native.close(this.#to, N.CLOSE_GRACEFUL);
  }
}
