// A renewal that fails for a month: only the clock of this process runs ahead.
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { onCleanup, waitFor } from '../support';
import { problem } from '../support/acmeProxy';
import { usePebble } from '../support/pebble';
import { openThroughProxy } from './newCerts';
import { ISSUED, serving } from './serving';

const DAY_MS = 86_400_000;
/** Of a life of 90 days, a renewal is due when 30 are left. */
const DAYS = [61, 62, 70, 80, 89, 91, 95];

describe('A renewal that fails for a month', () => {
  const pebble = usePebble({ validity: (90 * DAY_MS) / 1000 });

  it('[H-124] the old certificate is served until it expires and after, with an alarm at every look', async function () {
    this.timeout(90_000);
    const made = await openThroughProxy(pebble);
    const { certs, log, proxy } = made;
    const run = await serving(made, 'month.example.test');
    run.server.RootCA += await pebble.manage('/roots/0');
    run.recheck();
    await run.ordered(1);
    assert.equal(run.recheck(), '', 'the certificate is good');
    const { cert } = await run.served();
    let refused = 0;
    proxy.fault = (path) => {
      if (!path.startsWith('/order-plz')) return null;
      refused++;
      return problem(403, 'unauthorized');
    };
    const start = Date.now();
    mock.timers.enable({ apis: ['Date'], now: start });
    onCleanup(() => mock.timers.reset());
    for (const day of DAYS) {
      mock.timers.setTime(start + day * DAY_MS);
      await waitFor(() => !certs.IsAccountOpen, 'the end of the look before', 20_000);
      log.length = 0;
      const said = run.recheck();
      await run.told(/, Failed to Order New Certificate - .*unauthorized/);
      assert.match(said, day < 90 ? /Chain Warning, .*expires on/ : /Chain Failed, .*expired/);
      assert.ok(
        log.some((line) => line.includes('unauthorized')),
        'OnCertProg tells',
      );
      const served = await run.served();
      assert.equal(served.cert?.serialNumber, cert?.serialNumber, `day ${day}`);
    }
    assert.equal(refused, DAYS.length, 'one try for each look');
    proxy.fault = () => null;
    mock.timers.reset();
    assert.equal(run.newCount, 1);
    assert.match((await run.served()).issuer, ISSUED);
  });
});
