// The error of a call that must fail, for a closer look.

import assert from 'node:assert/strict';
import { EIcsException } from '../../lib';

export function raisedBy(call: () => unknown): EIcsException {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof EIcsException, `not an exception of the package: ${String(error)}`);
    return error;
  }
  throw new Error('nothing was raised');
}
