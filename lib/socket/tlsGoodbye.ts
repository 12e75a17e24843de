// The last words of a TLS session: close_notify behind everything that was sent. Over the public
// carrier Node's TLS gives its last records in later turns of Node's loop, when the socket may be gone
// already: the native socket stays open for them and is closed here then.
import * as N from '../native';
import { callInfo, startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import type { TlsEngine } from '../ssl/tlsEngine';
import type { TCustomSslWSocket } from './TCustomSslWSocket';

const { native } = N;
/** Nothing the peer does can hold the records back, so this is only met when Node's TLS is stuck. */
const LIMIT_MS = 2000;

export class TlsGoodbye {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  readonly #filter: TlsEngine;
  #said = false;
  /** `How` of a Shutdown that waits until everything was said; 0: none. */
  #shutAs = 0;
  /** Runs while the native socket is ours. */
  #timer: ReactorTimer | null = null;

  constructor(socket: TCustomSslWSocket, filter: TlsEngine) {
    this.#socket = socket;
    this.#handle = socket.socketHandle;
    this.#filter = filter;
  }

  /** `rest`: plaintext in front of it. Once. */
  say(rest: Uint8Array | null): void {
    this.#said = true;
    if (rest) this.#filter.write(rest);
    this.#filter.shutdown();
  }

  get isSaid(): boolean {
    return this.#said;
  }

  /** There are records to come. */
  get #isSpeaking(): boolean {
    return this.#said && !this.#filter.hasSaidAll && !this.#filter.error;
  }

  /** Ends sending (1) or both directions (2) behind the last record. */
  shut(how: number): void {
    this.#shutAs = how;
    this.proceed();
  }

  /** Perhaps that was the last record. */
  proceed(): void {
    if (this.#isSpeaking) return;
    if (this.#shutAs !== 0) native.shutdown(this.#handle, this.#shutAs);
    this.#shutAs = 0;
    this.#close();
  }

  /**
   * The socket lets go of its native one. True: that one is kept, closed behind the last record, and
   * reports no input any more.
   */
  keepSocket(): boolean {
    if (!this.#isSpeaking) return false;
    native.flush(this.#handle);
    native.pause(this.#handle, true);
    this.#timer = startTimer(LIMIT_MS, () => this.#close());
    return true;
  }

  /** A record while the socket is kept. What the kernel does not take is dropped, as by any Close. */
  send(bytes: Uint8Array): boolean {
    if (this.#timer === null) return false;
    if (native.send(this.#handle, bytes, 0, bytes.length, 1) < 0) return false;
    return native.flush(this.#handle) >= 0;
  }

  #close(): void {
    if (this.#timer === null) return;
    stopTimer(this.#timer);
    this.#timer = null;
    native.close(this.#handle, N.CLOSE_GRACEFUL);
    const unwritten = Math.max(0, callInfo[N.INFO_QUEUED]!);
    this.#socket.DroppedByteCount += unwritten + (this.#isSpeaking ? this.#filter.kept : 0);
    this.#filter.dispose();
  }
}
