// Tests that compare with the openssl command, and say so where there is none.

import type { Context } from 'mocha';
import { opensslVersion } from '../support/certificates';

export function needsOpenssl(test: Context): void {
  if (opensslVersion().startsWith('OpenSSL 3')) return;
  console.log(`      skipped: needs the command openssl 3, found '${opensslVersion()}'`);
  test.skip();
}
