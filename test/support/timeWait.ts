// Asks the kernel for connections that linger in TIME_WAIT, to prove that a test about them has
// really made some.

import { existsSync, readFileSync } from 'node:fs';

const TABLE = '/proc/net/tcp';
const TIME_WAIT = '06';

/** null where the kernel's table cannot be read. */
export function timeWaitCount(localPort: number): number | null {
  if (!existsSync(TABLE)) return null;

  const port = localPort.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync(TABLE, 'latin1').split('\n').slice(1);
  return rows.filter((row) => {
    const [, local = '', , state] = row.trim().split(/\s+/);
    return state === TIME_WAIT && local.endsWith(`:${port}`);
  }).length;
}
