// What a promise or an iterator fails with when its AbortSignal fires: `name` and `code` are those
// Node uses for the same purpose, the signal's reason is the `cause`.
import { EIcsException } from '../errors';

export class AbortError extends EIcsException {
  constructor(signal: AbortSignal) {
    super('The operation was aborted', 'ABORT_ERR');
    this.cause = signal.reason;
  }
}
