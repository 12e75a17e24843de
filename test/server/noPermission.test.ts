// A port an ordinary user may not open. The server runs in a child process that has given up its
// rights, so the case works for root and for everybody else.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childServer } from '../support';
import { skipTest } from '../support/skipTest';

const FIRST_FREE_PORT = '/proc/sys/net/ipv4/ip_unprivileged_port_start';

/** The reason why no port is forbidden here, or null. */
function everythingAllowed(): string | null {
  if (process.platform === 'win32') return 'Windows forbids no port';
  if (!existsSync(FIRST_FREE_PORT)) return null;
  return Number(readFileSync(FIRST_FREE_PORT, 'latin1')) > 1
    ? null
    : 'this system lets every user open every port';
}

interface Attempt {
  message: string;
  errorCode: number;
  code: string;
  lastError: number;
  closed: boolean;
  descriptor: number;
  secondAttemptListens: boolean;
}

describe('Listen on a forbidden port', () => {
  it('[H-11] raises 10013, stays closed, and listens on an allowed port afterwards', async function () {
    this.timeout(30_000);
    const reason = everythingAllowed();
    if (reason !== null) {
      skipTest(this, reason);
    }
    const child = childServer(join(__dirname, 'noPermission.child.ts'));

    assert.deepEqual(await child.ask<Attempt>('tech'), {
      message: 'Permission denied (#10013 in listen: Bind)',
      errorCode: 10013,
      code: 'EACCES',
      lastError: 10013,
      closed: true,
      descriptor: -1,
      secondAttemptListens: true,
    } satisfies Attempt);
    const friendly = await child.ask<Attempt>('friendly');
    assert.equal(friendly.message, 'Another server is already listening on 127.0.0.1:1');
    assert.equal(friendly.errorCode, 10013);
  });
});
