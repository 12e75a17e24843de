// A disk that is really full, and one that is read-only, while a new certificate is saved.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { freePort } from '../support';
import { startAcmeProxy } from '../support/acmeProxy';
import { tempDir } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { runScript } from '../support/runScript';
import type { Found, FullDisk } from '../fixtures/fullDisk';
import { ISSUED } from './serving';
import { skipTest } from '../support/skipTest';

const DEADLINE_MS = 40_000;
const MOUNT = 'mount -t tmpfs -o size=512k none "$0" && exec "$@"';

describe('A disk nothing can be written to', () => {
  const pebble = usePebble();
  before(function () {
    const { status, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, '/mnt', 'true']);
    if (status === 0) return;
    skipTest(this, `no file system of our own may be mounted here: ${String(stderr)}`);
  });

  for (const [how, reason] of [
    ['full', /ENOSPC/],
    ['read-only', /EROFS/],
  ] as const)
    it(`[H-125] ${how}: the old certificate stays in use, OnCertProg and CertErrs tell, no part is loaded`, async function () {
      this.timeout(90_000);
      const proxy = await startAcmeProxy(pebble);
      const disk = tempDir();
      const settings: FullDisk = {
        ...{ disk, how, url: proxy.directoryUrl, root: proxy.rootPem },
        ...{ httpPort: pebble.httpPort, port: await freePort() },
      };
      const script = runScript('fullDisk', {
        under: ['unshare', '-rm', 'sh', '-c', MOUNT, disk],
        args: [JSON.stringify(settings)],
      });
      const failed = JSON.parse(await script.printed('failed', DEADLINE_MS)) as Found;
      assert.match(failed.certErrs, new RegExp(`Failed to Order .*${reason.source}`));
      assert.ok(failed.log.some((line) => reason.test(line)));
      assert.ok(failed.isSame && failed.isUntouched, 'the old one is served');
      assert.equal(failed.newCount, 0);
      assert.deepEqual(failed.files, ['disk_example_test.pfx']);
      const recovered = JSON.parse(await script.printed('recovered', DEADLINE_MS)) as Found;
      assert.match(recovered.issuer, ISSUED);
      assert.equal(recovered.newCount, 1);
      assert.deepEqual([proxy.orders.length, proxy.finalized], [1, 1], 'the order went on');
    });
});
