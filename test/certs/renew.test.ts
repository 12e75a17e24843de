// Certificates after they were ordered: reuse, renewal, cancelling, revoking, orders for hosts.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { IssStateCancel, IssStateCollected, IssStateNone } from '../../lib/certs/x509CertsTypes';
import { ChallFileApp, ChallFileSrv } from '../../lib/ssl/orderTypes';
import { TChainResult } from '../../lib/ssl/sslTypes';
import { waitFor } from '../support';
import { usePebble } from '../support/pebble';
import { makeOlder, openCerts, order, orderingHost, save } from './newCerts';

describe('Renewal', () => {
  const pebble = usePebble({ env: { PEBBLE_AUTHZREUSE: '100', PEBBLE_WFE_NONCEREJECT: '50' } });

  it('[X509-11] an authority that refuses half of the nonces still issues', async () => {
    const { certs, log } = await openCerts(pebble);
    await save(certs, 'nonce.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'nonce.example.test'), certs.LastError);
    assert.ok(
      log.some((line) => / - 400$/.test(line)),
      'some nonces were refused',
    );
  });

  it('[X509-25] a name that is authorised needs no further challenge', async () => {
    const { certs, dir } = await openCerts(pebble);
    await save(certs, 'reuse.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'reuse.example.test'), certs.LastError);
    const first = certs.SuppOrderId;
    await save(certs, 'second.example.test', ChallFileApp, ['reuse.example.test']);
    certs.CertSubAltNames.Clear();
    certs.CertCommonName = 'reuse.example.test';
    makeOlder({ certs, dir }, 'reuse.example.test');
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    await save(certs, 'reuse.example.test', ChallFileApp);
    assert.ok(await certs.CertGetChallgDomain('reuse.example.test'), certs.LastError);
    assert.equal(certs.ChallengesTot, 0);
    assert.ok(await certs.CertOrderDomain('reuse.example.test'), certs.LastError);
    assert.notEqual(certs.SuppOrderId, first);
    assert.ok(certs.OrderCertsDT.getTime() > Date.now() - 60_000);
  });

  it('[X509-40] a short certificate is renewed when a third of its life is left, not daily', async () => {
    const { certs, dir, log } = await openCerts(pebble);
    const host = orderingHost(dir, 'short.example.test');
    const server = { SslCertAutoOrder: true, CertExpireDays: 30 };
    let newCount = 0;
    certs.OnNewCert = () => void newCount++;
    assert.equal(certs.OrderHost(server, host), '');
    assert.equal(certs.OrderHost(server, host), '', 'once only while it runs');
    await waitFor(() => newCount === 1 && !certs.IsAccountOpen, log.join('\n'), 15_000);
    const before = fs.readFileSync(host.SslCert, 'latin1');
    assert.equal(certs.OrderHost(server, host), '');
    await waitFor(() => log.some((line) => line.includes('not due for renewal')), 'the check');
    await waitFor(() => !certs.IsAccountOpen, 'closing');
    makeOlder({ certs, dir }, 'short.example.test', 7);
    assert.equal(certs.OrderHost(server, host), '');
    await waitFor(() => newCount === 2 && !certs.IsAccountOpen, log.join('\n'), 15_000);
    assert.notEqual(fs.readFileSync(host.SslCert, 'latin1'), before);
  });

  it('[X509-48] a certificate that has failed its check is replaced although it is not due', async () => {
    const { certs, dir, log } = await openCerts(pebble);
    const host = orderingHost(dir, 'failed.example.test');
    const server = { SslCertAutoOrder: true, CertExpireDays: 1 };
    let newCount = 0;
    certs.OnNewCert = () => void newCount++;
    assert.equal(certs.OrderHost(server, host), '');
    await waitFor(() => newCount === 1 && !certs.IsAccountOpen, log.join('\n'), 15_000);
    makeOlder({ certs, dir }, 'failed.example.test');
    assert.equal(certs.OrderHost(server, { ...host, CertValRes: TChainResult.chainWarn }), '');
    await waitFor(() => log.some((line) => line.includes('not due for renewal')), 'the check');
    await waitFor(() => !certs.IsAccountOpen, 'closing');
    assert.equal(certs.OrderHost(server, { ...host, CertValRes: TChainResult.chainFail }), '');
    await waitFor(() => newCount === 2 && !certs.IsAccountOpen, log.join('\n'), 15_000);
  });

  it('a host whose order fails keeps its old file, and is not tried again at once', async () => {
    const { certs, dir } = await openCerts(pebble);
    const host = orderingHost(dir, 'blocked.example.test');
    fs.writeFileSync(host.SslCert, 'old');
    const server = { SslCertAutoOrder: true, CertExpireDays: 30 };
    const failure = async (): Promise<string> => {
      assert.equal(certs.OrderHost(server, host), '');
      await waitFor(() => certs.HostOrderError('blocked.example.test') !== '', 'a failure');
      return certs.HostOrderError('blocked.example.test');
    };
    assert.match(await failure(), /rejectedIdentifier/);
    assert.match(await failure(), /^Next Order Not Before .*rejectedIdentifier/);
    assert.equal(fs.readFileSync(host.SslCert, 'utf8'), 'old');
  });

  it('[X509-41] a revoked certificate is known as such, with the reason superseded', async () => {
    const { certs } = await openCerts(pebble);
    await save(certs, 'revoke.example.test', ChallFileSrv);
    assert.equal(await certs.CertRevokeDomain('revoke.example.test'), false);
    assert.equal(certs.LastError, 'Can not revoke, no certificate collected');
    assert.ok(await order(certs, 'revoke.example.test'), certs.LastError);
    const pem = fs.readFileSync(certs.FileFinalBundle, 'latin1');
    const { serialNumber } = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN')));
    assert.ok(await certs.CertRevokeDomain('revoke.example.test'), certs.LastError);
    const status = await pebble.manage(`/cert-status-by-serial/${serialNumber.toLowerCase()}`);
    assert.match(status, /"Status": ?"Revoked"/);
    assert.match(status, /"Reason": ?4/);
    assert.equal(certs.IssueState, IssStateCancel);
  });

  it('collecting again, and again distributing, leave a collected certificate as it is', async () => {
    const { certs, dir } = await openCerts(pebble);
    assert.equal(await certs.CertCollectDomain('again.example.test'), false);
    await save(certs, 'again.example.test', ChallFileSrv);
    assert.equal(await certs.CertCollectDomain('again.example.test'), false);
    assert.equal(certs.LastError, 'No ACME order found in database');
    assert.ok(await order(certs, 'again.example.test'), certs.LastError);
    const bundle = fs.readFileSync(certs.FileFinalBundle, 'latin1');
    assert.ok(await certs.CertCollectDomain('again.example.test'), certs.LastError);
    assert.equal(certs.IssueState, IssStateCollected);
    fs.rmSync(`${dir}/again_example_test.pfx`);
    let newCount = 0;
    certs.OnNewCert = () => void newCount++;
    assert.ok(await certs.CertRedistDomain('again.example.test'), certs.LastError);
    assert.equal(newCount, 1);
    assert.equal(fs.readFileSync(certs.FileFinalBundle, 'latin1'), bundle);
    assert.ok(fs.existsSync(`${dir}/again_example_test.pfx`));
    assert.ok(await certs.CertResetDomain('again.example.test'), certs.LastError);
    assert.equal(certs.IssueState, IssStateNone);
    assert.ok(await certs.CertRemoveDomain('again.example.test'), certs.LastError);
    assert.deepEqual(certs.DomainItems, []);
  });

  it('[X509-42] cancelling a pending order deactivates its authorisations', async () => {
    const { certs, log } = await openCerts(pebble);
    await save(certs, 'cancel.example.test', ChallFileSrv);
    assert.ok(await certs.CertGetChallgDomain('cancel.example.test'), certs.LastError);
    const url = certs.ChallengeItems[0]!.CAuthzURL;
    log.length = 0;
    assert.ok(await certs.CertCancelDomain('cancel.example.test'), certs.LastError);
    assert.ok(
      log.some((line) => line.includes(`POST ${url} - 200`)),
      log.join('\n'),
    );
    assert.equal(certs.IssueState, IssStateCancel);
    assert.equal(certs.ChallengesTot, 0);
    assert.equal(await certs.CertCancelDomain('cancel.example.test'), false);
    assert.equal(certs.LastError, 'ACME order already cancelled');
    assert.equal(await certs.CertOrderDomain('cancel.example.test'), false);
    assert.equal(certs.IssueState, IssStateCancel, 'a refusal changes nothing');
  });
});
