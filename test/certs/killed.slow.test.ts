// Processes that order are killed, and several order the same name.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { ControlDb } from '../../lib/certs/controlDb';
import * as states from '../../lib/certs/x509CertsTypes';
import { waitFor } from '../support';
import { startAcmeProxy, type AcmeProxy } from '../support/acmeProxy';
import { tempDir, tempFile } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { runScript, type Script } from '../support/runScript';
import type { KilledOrder } from '../fixtures/killedOrder';
import { newCerts, order } from './newCerts';
import { ISSUED, serving } from './serving';

const DEADLINE_MS = 30_000;
/** Every record the database gets of an order, up to the files. */
const STEPS = [
  ['checked', states.IssStateChecked],
  ['placed', states.IssStateChallgReq],
  ['tested from here', states.IssStateChallgWaitTest],
  ['being tested', states.IssStateChallgPend],
  ['authorised', states.IssStateChallgOK],
  ['being finalized', states.IssStateFinalPend],
  ['being issued', states.IssStateIssuePend],
  ['issued', states.IssStateIssued],
] as const;

describe('Processes that order a certificate', function () {
  this.timeout(90_000);
  const pebble = usePebble();

  function start(proxy: AcmeProxy, dir: string, name: string, state: number): Script {
    const { directoryUrl: url, rootPem: root } = proxy;
    const settings: KilledOrder = { dir, name, state, url, root, httpPort: pebble.httpPort };
    return runScript('killedOrder', {
      args: [tempFile('settings.json', JSON.stringify(settings))],
    });
  }

  for (const [word, state] of STEPS)
    it(`[H-122] killed while the order was ${word}: it goes on, and there is no second one`, async () => {
      const name = `killed${state}.example.test`;
      const dir = tempDir();
      const proxy = await startAcmeProxy(pebble);
      const script = start(proxy, dir, name, state);
      assert.equal(await script.ended(), 'SIGKILL', script.stderr);
      assert.equal(new ControlDb(dir).readDomain(name)?.IssueState, state);
      assert.ok(!fs.existsSync(path.join(dir, `killed${state}_example_test-bundle.pem`)));
      const { certs, log } = newCerts(pebble, dir);
      certs.AutoOrderComplete = true;
      certs.SkipLocalCheck = true;
      let isNew = false;
      certs.OnNewCert = () => void (isNew = true);
      certs.SupplierRootCA = proxy.rootPem;
      assert.ok(await certs.OpenAccount(dir), certs.LastError);
      // An order that was never placed cannot go on by itself.
      if (state === states.IssStateChecked) assert.ok(await order(certs, name), certs.LastError);
      await waitFor(() => isNew, 'a certificate', DEADLINE_MS).catch(() =>
        assert.fail(log.join('\n')),
      );
      const pem = fs.readFileSync(certs.FileFinalBundle);
      tls.createSecureContext({ cert: pem, key: pem });
      certs.CertReadDomain(name);
      assert.equal(certs.IssueState, states.IssStateCollected);
      assert.equal(proxy.finalized, 1, 'one certificate');
      // While nobody ran, the authority may have asked in vain: that order is over.
      const most = state === states.IssStateChallgPend ? 2 : 1;
      assert.ok(proxy.orders.length <= most, `${proxy.orders.length} orders`);
    });

  it('[H-122] a server that starts after the kill serves the certificate of that order', async () => {
    const name = 'server.example.test';
    const dir = tempDir();
    const proxy = await startAcmeProxy(pebble);
    const script = start(proxy, dir, name, states.IssStateChallgWaitTest);
    assert.equal(await script.ended(), 'SIGKILL', script.stderr);
    const made = newCerts(pebble, dir);
    const run = await serving(made, name);
    assert.match((await run.served()).name, /server/);
    assert.match(run.recheck(), /Ordered New Certificate/);
    await run.ordered(1);
    assert.match((await run.served()).issuer, ISSUED);
    assert.ok(made.log.includes(`Order of ${name} goes on`));
    assert.deepEqual([proxy.orders.length, proxy.finalized], [1, 1]);
  });

  it('[H-123] of two processes that order the same name one does; a lock left behind is taken over', async () => {
    const name = 'two.example.test';
    const dir = tempDir();
    const proxy = await startAcmeProxy(pebble);
    const killed = start(proxy, dir, name, states.IssStateChecked);
    assert.equal(await killed.ended(), 'SIGKILL', killed.stderr);
    assert.ok(fs.existsSync(path.join(dir, 'ics-control.lock')), 'the lock is stale now');
    // Nobody is done before both have tried.
    let isHeld = true;
    proxy.fault = () =>
      isHeld ? { status: 503, headers: { 'retry-after': '1' }, body: '' } : null;
    const both = [start(proxy, dir, name, -1), start(proxy, dir, name, -1)];
    const refused = await Promise.race(
      both.map((script) => script.printed('refused', DEADLINE_MS)),
    );
    isHeld = false;
    const owner = both.find(({ stdout }) => stdout === '')!;
    assert.match(refused, new RegExp(`in use by (process ${owner.child.pid}|another process)`));
    await owner.printed('collected', DEADLINE_MS);
    await waitFor(() => both.every(({ child }) => child.exitCode !== null), 'both ends');
    assert.deepEqual([proxy.orders.length, proxy.finalized], [1, 1]);
    assert.ok(!fs.existsSync(path.join(dir, 'ics-control.lock')));
  });
});
