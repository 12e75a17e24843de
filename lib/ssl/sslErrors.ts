// The exceptions of the TLS and certificate classes (OverbyteIcsSslBase). `code` is stable.
import { EIcsException } from '../errors';

/** A certificate or key cannot be read, written or used (ICS: EX509Exception). */
export class EX509Exception extends EIcsException {
  constructor(Message: string, code = 'EX509') {
    super(Message, code);
  }
}

/** A file or list of certificates cannot be read or written (ICS: ESslTX509Exception). */
export class ESslTX509Exception extends EIcsException {
  constructor(Message: string, code = 'ESSLTX509') {
    super(Message, code);
  }
}

/** A TLS context cannot be made from its properties (ICS: ESslContextException). */
export class ESslContextException extends EIcsException {
  constructor(Message: string, code = 'ESSLCONTEXT') {
    super(Message, code);
  }
}

/** The message of any thrown value, without OpenSSL's error number in front. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^error:[\dA-F]+:/i, '');
}
