// What the TLS components have in common (OverbyteIcsSslBase): the last error of OpenSSL.
import { TComponent } from '../base/TComponent';
import { opensslNumber } from './alerts';
import { ESslContextException } from './sslErrors';

export class TSslBaseComponent extends TComponent {
  #lastSslError = 0;
  #lastSslErrMsg = '';

  /** Number of the last error, in the form OpenSSL packs it; 0 when it had none. */
  get LastSslError(): number {
    return this.#lastSslError;
  }

  /** Text of the last error. */
  get LastSslErrMsg(): string {
    return this.#lastSslErrMsg;
  }

  /** Runs an action and keeps the error it raises. */
  protected keepError<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof Error) {
        this.#lastSslErrMsg = error.message;
        this.#lastSslError = opensslNumber(error);
      }
      throw error;
    }
  }
}

/** An error of OpenSSL's in the form of ICS: a text of our own in front, on a line by itself. */
export function opensslFailure(text: string, error: unknown): ESslContextException {
  const cause = error instanceof Error ? error : new Error(String(error));
  const { code } = cause as NodeJS.ErrnoException;
  return new ESslContextException(`\r\n${text} - ${cause.message}\r\n`, code);
}
