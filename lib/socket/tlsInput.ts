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

// No application code runs while its contents are in use, so one for all connections will do.
const ciphertext = new Uint8Array(64 * 1024);
const nothing = new Uint8Array(0);
/** The beginning of it as it was read last; the next read often has the same size. */
let lastRead = ciphertext;

export class TlsInput {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  /** Plaintext in the core when it was last asked for. */
  #waiting = 0;
  /** One character per byte. */
  #echo = '';
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

  /** Plaintext: the first `count` bytes. Runs no code of the application. */
  push(bytes: Uint8Array, count: number): void {
    const mode = this.#socket.typingMode;
    this.#waiting = pushInput(this.#handle, bytes, 0, count, mode);
    if (mode & N.LINE_ECHO) this.#echo += native.takeEcho();
  }

  /** Whether so many bytes wait unread. */
  hasWaiting(limit: number): boolean {
    if (this.#waiting < limit) return false; // the application can only have taken some since
    this.#waiting = available(this.#handle, 0);
    return this.#waiting >= limit;
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
