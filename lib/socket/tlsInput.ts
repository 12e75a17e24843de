// The input of a TLS connection: ciphertext from the kernel, and decrypted bytes on their way into the
// core's buffer. In line mode LineEdit and LineEcho work on these as they do on the bytes of a plain
// connection, which the core reads itself.
import { constants } from 'node:os';
import { wsaFromSocketErrno } from '../errors';
import * as N from '../native';
import { callInfo } from '../pump/reactor';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { sendText } from './send';

const { native } = N;
const { receiveRaw, pushInput, available } = native;
const { EAGAIN } = constants.errno;

/** Plaintext that may wait unread before ciphertext is left in the kernel. */
const PLAIN_LIMIT = 64 * 1024;

// No application code runs while its contents are in use, so one for all connections will do.
const ciphertext = new Uint8Array(64 * 1024);
const nothing = new Uint8Array(0);
/** The beginning of it as it was read last; the next read often has the same size. */
let lastRead = ciphertext;

export class TlsInput {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  /** Plaintext in the core when it was last asked for; negative: some is missing. */
  #waiting = 0;
  /** One character per byte. */
  #echo = '';
  /** Ciphertext was left in the kernel because enough plaintext waits. */
  isHeld = false;
  /** The kernel may have more ciphertext than the last read() found. */
  hasMore = false;

  constructor(socket: TCustomSslWSocket) {
    this.#socket = socket;
    this.#handle = socket.socketHandle;
  }

  /** Ciphertext, only valid until the next call for any connection; empty: none, or LastError. */
  read(): Uint8Array {
    const got = receiveRaw(this.#handle, ciphertext, 0, ciphertext.length);
    this.hasMore = got > 0 && (callInfo[N.INFO_MORE]! & 1) !== 0;
    if (got < 0 && got !== -EAGAIN) this.#socket.LastError = wsaFromSocketErrno(-got);
    if (got <= 0) return nothing;
    if (lastRead.length !== got) lastRead = new Uint8Array(ciphertext.buffer, 0, got);
    return lastRead;
  }

  /**
   * Plaintext: the first `count` bytes. Runs no code of the application. False: there was no memory
   * for them; what comes behind them is dropped, nobody must read on over the gap.
   */
  push(bytes: Uint8Array, count: number): boolean {
    if (this.#waiting < 0) return false;
    const mode = this.#socket.typingMode;
    this.#waiting = pushInput(this.#handle, bytes, 0, count, mode);
    if (mode & N.LINE_ECHO) this.#echo += native.takeEcho();
    return this.#waiting >= 0;
  }

  /** Less plaintext waits unread than may. */
  get hasRoom(): boolean {
    if (this.#waiting < PLAIN_LIMIT) return true; // the application can only have taken some since
    this.#waiting = available(this.#handle, 0);
    return this.#waiting < PLAIN_LIMIT;
  }

  /** Enough plaintext waits, behind so many reads. A line that is not complete is never enough. */
  isFull(reads: number): boolean {
    if (this.hasRoom) return false;
    if (this.#socket.recvFlags && available(this.#handle, N.RECV_LINE) <= 0) return reads > 0;
    this.isHeld = true;
    return true;
  }

  /** Shows it to who is typing. The connection may be over afterwards. */
  sendEcho(): void {
    if (this.#echo === '') return;
    const text = this.#echo;
    this.#echo = '';
    try {
      sendText(this.#socket, text, N.TEXT_LATIN1);
    } catch (E) {
      this.#socket.HandleBackGroundException(E, 'TCustomLineWSocket.LineEcho');
    }
  }
}
