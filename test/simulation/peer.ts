// The other side of the connections: raw sockets of the core without a component, so that nobody
// dispatches their events and every byte goes in the same thread, in the order of the calls.
import { constants } from 'node:os';
import * as N from '../../lib/native';
import { callInfo } from '../../lib/pump/reactor';

const { native } = N;
const { EBADF, EAGAIN } = constants.errno;
const block = Buffer.allocUnsafe(1 << 18);
const HOST = '127.0.0.1';

let lastAddress = 0;

/** Many local addresses, so that ports in TIME_WAIT do not run out. */
function nextAddress(): string {
  lastAddress = (lastAddress + 1) % 8192;
  return `127.1.${lastAddress >> 7}.${1 + (lastAddress & 127)}`;
}

export class RawPeer {
  readonly handle: number;
  readonly address: string;
  end: 'open' | 'fin' | 'reset' = 'open';
  held = false;
  gone = false;
  connected = false;
  #queued = false;

  constructor() {
    this.handle = native.openSocket(4, false);
    native.bindLocal(this.handle, nextAddress(), 0);
    native.setOption(this.handle, N.OPT_NODELAY, 1);
    this.address = String(native.addressOf(this.handle, 0));
  }

  /** `turn` is called until the kernel has made the connection; False: it will not. */
  connect(port: number, turn: () => boolean): void {
    native.connect(this.handle, HOST, port);
    while (!this.#connected() && this.end === 'open') if (!turn()) this.end = 'reset';
    this.connected = this.end === 'open';
    // From here on the poller leaves it alone: asking for the socket's error would take it away.
    native.suspend(this.handle, true);
  }

  #connected(): boolean {
    native.poll(0); // asks the kernel only when no event waits to be dispatched
    return native.flush(this.handle) !== -EBADF;
  }

  send(bytes: Uint8Array): void {
    if (this.gone) return;
    native.send(this.handle, bytes, 0, bytes.length, 0);
    this.#queued = callInfo[N.INFO_QUEUED]! > 0;
  }

  /** The peer will send no more; what is queued still goes out. */
  fin(): void {
    if (!this.gone) native.shutdown(this.handle, 1);
  }

  close(how: number): void {
    if (this.gone) return;
    this.gone = true;
    native.close(this.handle, how);
  }

  /** Takes what has arrived; true when there was something. */
  take(sink: (bytes: Uint8Array) => void): boolean {
    if (this.gone) return false;
    let moved = this.#flush();
    while (!this.held && this.end === 'open') {
      const got = native.receive(this.handle, block, 0, block.length, 0);
      if (got === -EAGAIN) break;
      if (got > 0) sink(block.subarray(0, got));
      else this.end = got === 0 ? 'fin' : 'reset';
      moved = true;
    }
    return moved;
  }

  #flush(): boolean {
    if (!this.#queued) return false;
    const result = native.flush(this.handle);
    this.#queued = result === 0 && callInfo[N.INFO_QUEUED]! > 0;
    return result === 0 && callInfo[N.INFO_WRITTEN]! > 0;
  }
}
