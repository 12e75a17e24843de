// Renewal when the authority suggests it (RFC 9773).
import assert from 'node:assert/strict';
import { DAY_MS } from '../../lib/certs/x509CertsTypes';
import { ChallFileSrv } from '../../lib/ssl/orderTypes';
import type { AcmeProxy } from '../support/acmeProxy';
import { usePebble } from '../support/pebble';
import { changeDomain, makeOlder, openThroughProxy, order, save, type TestCerts } from './newCerts';

const NAME = 'ari.example.test';

function windowAt(from: number, to: number): object {
  const at = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
  return { suggestedWindow: { start: at(from), end: at(to) } };
}

describe('Renewal the authority suggests', () => {
  // Ten days of life: without advice a certificate is due when a third of that is left.
  const pebble = usePebble();

  async function withCertificate(): Promise<TestCerts & { proxy: AcmeProxy }> {
    const made = await openThroughProxy(pebble);
    await save(made.certs, NAME, ChallFileSrv);
    assert.ok(await order(made.certs, NAME), made.certs.LastError);
    return made;
  }

  it('[X509-44] a window in the past renews, and the order names what it replaces', async () => {
    const { certs, dir, proxy } = await withCertificate();
    assert.equal(proxy.orders[0]?.replaces, undefined);
    proxy.answer = { status: 200, headers: {}, body: windowAt(-3, -2) };
    assert.equal(await certs.CertRenewalDomain(NAME), true);
    assert.equal(proxy.asked.length, 1);
    assert.match(proxy.asked[0]!, /^[\w-]{20,}\.[\w-]+$/);
    changeDomain({ certs, dir }, NAME, (domain) => {
      assert.ok(domain.CertRenewNow, 'remembered');
      domain.NewCertStartDT = new Date(Date.now() - 2 * DAY_MS);
    });
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    assert.ok(await order(certs, NAME), certs.LastError);
    assert.equal(proxy.orders[1]?.replaces, proxy.asked[0]);
    assert.equal(certs.CertRenewNow, false);
  });

  it('[X509-44] a window ahead does not, and nobody is asked before Retry-After', async () => {
    const { certs, proxy } = await withCertificate();
    proxy.answer = { status: 200, headers: { 'retry-after': '3600' }, body: windowAt(2, 3) };
    assert.equal(await certs.CertRenewalDomain(NAME), false);
    assert.equal(await certs.CertRenewalDomain(NAME), false);
    assert.equal(proxy.asked.length, 1);
    assert.ok(certs.CertRenewCheckDT.getTime() > Date.now() + 1.9 * DAY_MS);
  });

  it('[X509-44] an authority that does not know the certificate leaves it to the days', async () => {
    const { certs, dir, proxy } = await withCertificate();
    assert.equal(await certs.CertRenewalDomain(NAME), false);
    assert.equal(proxy.asked.length, 1);
    makeOlder({ certs, dir }, NAME, 7);
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    assert.equal(await certs.CertRenewalDomain(NAME), true);
    assert.equal(proxy.asked.length, 1, 'the date alone has decided');
  });

  it('CertRenewNow of the properties is stored with the domain', async () => {
    const { certs } = await withCertificate();
    certs.CertRenewNow = true;
    await save(certs, NAME, ChallFileSrv);
    certs.CertRenewNow = false;
    assert.equal(await certs.CertRenewalDomain(NAME), true);
  });
});
