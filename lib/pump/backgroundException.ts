// The last net under a handler's exception when no OnBgException took it
// (ICS: IcsFinalHandleException). Per thread, as in ICS.
import { inspect } from 'node:util';
import { printable, printableLines } from '../base/printable';
import { TIcsFinalBgExceptionHandling } from '../types';

let handling = TIcsFinalBgExceptionHandling.fehNone;
const warned = new Set<string>();

/** What happens to exceptions nobody handles. Default fehNone: swallowed, with one warning. */
export function SetIcsThreadLocalFinalBgExceptionHandling(
  value: TIcsFinalBgExceptionHandling,
): void {
  handling = value;
}

export function GetIcsThreadLocalFinalBgExceptionHandling(): TIcsFinalBgExceptionHandling {
  return handling;
}

/** Whatever was thrown, as an Error; never raises. */
export function toError(thrown: unknown): Error {
  try {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  } catch {
    return new Error('a value that cannot be converted to text');
  }
}

export function finalHandleException(E: Error, className: string): void {
  switch (handling) {
    case TIcsFinalBgExceptionHandling.fehAppHandleException:
      setImmediate(() => {
        throw E;
      });
      return;
    case TIcsFinalBgExceptionHandling.fehShowException:
      console.error(harmless(() => inspect(E), E));
      return;
    default:
      warnOnce(E, className);
  }
}

// ICS says nothing at all here, and programs lose connections without a trace.
function warnOnce(E: Error, className: string): void {
  if (warned.has(className)) return;
  warned.add(className);
  process.emitWarning(
    `${className}: a handler threw "${printable(messageOf(E))}" and the socket was aborted. ` +
      `Assign OnBgException to handle this; later ones of this class are not reported.`,
    { type: 'IcsBgException', detail: harmless(() => E.stack, E) },
  );
}

// The text of an exception often quotes what a peer has sent (JSON.parse does): nothing of it may act
// on a terminal, and its line ends may not forge lines.
function harmless(describe: () => unknown, E: Error): string {
  const message = messageOf(E);
  const text = textOf(describe) || message;
  return printableLines(text.replace(message, () => printable(message)));
}

function messageOf(E: Error): string {
  return textOf(() => E.message);
}

// Any member of what a handler threw may be anything, or a getter that throws.
function textOf(describe: () => unknown): string {
  try {
    return String(describe() ?? '');
  } catch {
    return '';
  }
}
