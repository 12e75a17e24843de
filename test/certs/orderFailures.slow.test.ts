// What goes wrong while a certificate is ordered, and that the one in use is never touched.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { IssStateNone } from '../../lib/certs/x509CertsTypes';
import { ChallFileApp, ChallFileSrv } from '../../lib/ssl/orderTypes';
import { waitFor } from '../support';
import { freePort } from '../support/freePort';
import { tempDir, tempFile } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { changeDomain, newCerts, openCerts, order, save } from './newCerts';

const DAY_MS = 86_400_000;

describe('Orders that are disturbed', () => {
  const pebble = usePebble();

  it('an authority that is down is reported, and the order goes on when it is back', async () => {
    const { certs, dir, log } = await openCerts(pebble);
    certs.AutoOrderComplete = true;
    let isNew = false;
    certs.OnNewCert = () => void (isNew = true);
    await save(certs, 'down.example.test', ChallFileSrv);
    assert.ok(await certs.CertGetChallgDomain('down.example.test'), certs.LastError);
    await pebble.paused(async () => {
      certs.RequestTimeout = 200;
      certs.CloseAccount();
      assert.equal(await certs.OpenAccount(dir), false);
      assert.match(certs.LastError, /no answer within 200 ms/);
    });
    certs.RequestTimeout = 30_000;
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    await waitFor(() => isNew, `a certificate: ${log.join('\n')}`, 15_000);
  });

  it('an authority that does not exist is refused within the tries', async () => {
    const { certs, dir } = newCerts(pebble);
    certs.SupplierServer = `https://127.0.0.1:${await freePort()}/dir`;
    assert.equal(await certs.OpenAccount(dir, true), false);
    assert.match(certs.LastError, /ECONNREFUSED/);
    assert.ok(!fs.existsSync(`${dir}/ics-control.lock`));
  });

  it('a directory for copies that cannot be written to is found before anything is sent', async () => {
    const { certs, log } = await openCerts(pebble);
    certs.DirPubWebCert.Add(`${tempFile('file', 'a file')}/inside`);
    await save(certs, 'full.example.test', ChallFileSrv);
    log.length = 0;
    assert.equal(await certs.CertGetChallgDomain('full.example.test'), false);
    assert.match(certs.LastError, /Can't write to directory/);
    assert.ok(!log.some((line) => line.includes('HTTP REST')));
  });

  it('files that cannot be written at the end leave the old certificate and the order failed', async () => {
    const { certs, dir } = await openCerts(pebble);
    const served = tempDir();
    certs.DirPubWebCert.Add(served);
    certs.OnNewCert = () => assert.fail('OnNewCert');
    await save(certs, 'disk.example.test', ChallFileSrv);
    assert.ok(await certs.CertGetChallgDomain('disk.example.test'), certs.LastError);
    assert.ok(await certs.CertOrderDomain('disk.example.test'), certs.LastError);
    const old = path.join(dir, 'disk_example_test-bundle.pem');
    fs.writeFileSync(old, 'the certificate in use');
    // A directory in the place of the order's own set makes the first write fail.
    fs.mkdirSync(path.join(dir, `ACME-${certs.SuppOrderId}-disk_example_test-bundle.pem`));
    assert.equal(await certs.CertCollectDomain('disk.example.test'), false);
    assert.match(certs.LastError, /Can't write file/);
    assert.equal(fs.readFileSync(old, 'utf8'), 'the certificate in use');
    assert.deepEqual(fs.readdirSync(served), []);
    assert.equal(certs.IssueState, IssStateNone);
  });

  it('a clock that was ahead does not stop orders for ever', async () => {
    const { certs, dir } = await openCerts(pebble);
    await save(certs, 'clock.example.test', ChallFileSrv);
    const ahead = new Date(Date.now() + 400 * DAY_MS);
    changeDomain({ certs, dir }, 'clock.example.test', (domain) =>
      Object.assign(domain, { NewCertStartDT: ahead, OrderNextDT: ahead, CertRenewRetryDT: ahead }),
    );
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    assert.ok(await order(certs, 'clock.example.test'), certs.LastError);
  });

  it('closing the account in the middle keeps the order for the next time', async () => {
    const { certs, dir } = await openCerts(pebble);
    await save(certs, 'closed.example.test', ChallFileSrv);
    assert.ok(await certs.CertGetChallgDomain('closed.example.test'), certs.LastError);
    const running = certs.CertOrderDomain('closed.example.test');
    await waitFor(() => certs.DomSrvIsRunning, 'the internal server');
    certs.CloseAccount();
    assert.equal(await running, false);
    assert.equal(certs.DomSrvIsRunning, false);
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    assert.equal(certs.ChallengesTot, 1);
    assert.ok(await certs.CertOrderDomain('closed.example.test'), certs.LastError);
    assert.ok(await certs.CertCollectDomain('closed.example.test'), certs.LastError);
  });

  it('handlers that throw change nothing', async () => {
    const { certs, dir, log } = newCerts(pebble);
    const fail = (): never => {
      throw new Error('in a handler');
    };
    certs.OnNewCert = certs.OnSuppDBRefresh = certs.OnChallgRefresh = certs.OnDomainsRefresh = fail;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    await save(certs, 'handler.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'handler.example.test'), certs.LastError);
    assert.ok(log.some((line) => line === 'Exception in OnNewCert: in a handler'));
  });

  it('the test of a challenge needs a server: without one the order ends', async () => {
    const { certs } = await openCerts(pebble);
    await save(certs, 'none.example.test', ChallFileApp);
    assert.ok(await certs.CertGetChallgDomain('none.example.test'), certs.LastError);
    assert.equal(await certs.CertOrderDomain('none.example.test'), false);
    assert.match(certs.LastError, /ECONNREFUSED/);
  });
});
