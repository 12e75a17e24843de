// Decrypted bytes on their way into the core's buffer. In line mode LineEdit and LineEcho work on
// them as they do on the bytes of a plain connection, which the core reads itself.
import * as N from '../native';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { sendText } from './send';

const { native } = N;

export class TlsInput {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  /** One character per byte. */
  #echo = '';

  constructor(socket: TCustomSslWSocket) {
    this.#socket = socket;
    this.#handle = socket.socketHandle;
  }

  /** Runs no code of the application. */
  push(bytes: Uint8Array): void {
    const mode = this.#socket.typingMode;
    native.pushInput(this.#handle, bytes, 0, bytes.length, mode);
    if (mode & N.LINE_ECHO) this.#echo += native.takeEcho();
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
