// Tests that compare with the openssl command, and say so where there is none.

import type { Context } from 'mocha';
import { opensslVersion } from '../support/certificates';
import { skipTest } from '../support/skipTest';

export function needsOpenssl(test: Context): void {
  if (opensslVersion().startsWith('OpenSSL 3')) return;
  skipTest(test, `needs the command openssl 3, found '${opensslVersion()}'`);
}
