// A server whose hosts get certificates while it serves: every kind of challenge, and renewal.
import assert from 'node:assert/strict';
import * as ics from '../../lib';
import { waitFor } from '../support';
import { tempDir } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { changeDomain, openCerts, openThroughProxy } from './newCerts';
import { ISSUED, serving } from './serving';

const DAY_MS = 86_400_000;

describe('Certificates of a server that serves', () => {
  const pebble = usePebble();

  for (const [word, CertChallenge] of [
    ['http-01', ics.ChallFileSrv],
    ['tls-alpn-01', ics.ChallAlpnApp],
    ['dns-01', ics.ChallDnsAuto],
  ] as const)
    it(`[H-120] [X509-38] ${word}: the new certificate is served without a restart`, async () => {
      const made = await openCerts(pebble);
      made.certs.OnChallengeDNS = async (_sender, item) => {
        const page = item.CIssueState === ics.IssStateCancel ? 'clear-txt' : 'set-txt';
        await pebble.dns(page, { host: `${item.CPage}.`, value: item.CDNSValue });
        return true;
      };
      const name = `${word}.example.test`;
      const run = await serving(made, name, {
        BindSslPort: pebble.tlsPort,
        CertChallenge,
        WellKnownPath: tempDir(),
      });
      const before = await run.served();
      assert.match(run.recheck(), /Ordered New Certificate/);
      await run.ordered(1);
      const after = await run.served();
      assert.match(after.issuer, ISSUED);
      assert.equal(after.name, name);
      assert.notEqual(after.cert?.serialNumber, before.cert?.serialNumber);
      assert.ok(!before.socket.destroyed, 'a connection from before stays');
      const line = made.log.find((text) => text.startsWith('Ordering certificate'));
      assert.match(line ?? '', new RegExp(`IcsHost #0: ${name}, product "", Chall.*AcmeV2`));
    });

  it('[X509-44] a recheck asks the authority about a good certificate and orders when it says so', async () => {
    const made = await openThroughProxy(pebble);
    const { proxy } = made;
    const run = await serving(made, 'advice.example.test');
    run.server.RootCA += await pebble.manage('/roots/0');
    run.server.CertExpireDays = 1;
    run.recheck();
    await run.ordered(1);
    assert.equal(run.recheck(), '', 'the certificate is good');
    await waitFor(
      () => proxy.asked.length === 1 && !made.certs.IsAccountOpen,
      'the question',
    ).catch(() =>
      assert.fail(`${proxy.asked.length}\n${run.host.CertErrs}\n${made.log.join('\n')}`),
    );
    assert.equal(run.newCount, 1, 'no advice, no order');
    changeDomain(made, run.name, (domain) => {
      domain.NewCertStartDT = new Date(domain.NewCertStartDT.getTime() - 2 * DAY_MS);
      domain.CertRenewRetryDT = new Date(0);
    });
    const at = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
    const body = { suggestedWindow: { start: at(-2), end: at(-1) } };
    proxy.answer = { status: 200, headers: {}, body };
    assert.equal(run.recheck(), '');
    await run.ordered(2);
    assert.equal(proxy.orders[1]?.replaces, proxy.asked[0]);
  });
});
