// The exception a call must raise, for a closer look.

import assert from 'node:assert/strict';
import { ESocketException } from '../../lib';

export function raised(call: () => unknown): ESocketException {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof ESocketException, `not an ESocketException: ${String(error)}`);
    assert.ok(error instanceof Error);
    return error;
  }
  throw new Error('nothing was raised');
}
