// What an application hands over, checked before anything is done with it: a wrong argument raises
// and changes nothing.
import { isUint8Array } from 'node:util/types';

/** The first `size` bytes of the buffer are meant; a size below 0 means none, as in ICS. */
export function checkRange(method: string, buffer: Uint8Array, size: number): void {
  if (!isUint8Array(buffer))
    throw new TypeError(`${method}: the buffer must be a Uint8Array, got ${typeof buffer}`);
  if (!Number.isInteger(size))
    throw new TypeError(`${method}: Len must be an integer, got ${String(size)}`);
  if (size <= buffer.length) return;
  throw new RangeError(
    `${method}: Len ${size} is more than the buffer's ${buffer.length} bytes; pass a larger buffer`,
  );
}

export function checkByte(method: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= 255) return;
  throw new RangeError(`${method}: a byte is an integer from 0 to 255, got ${value}`);
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}
