// Orders by dns-01 and tls-alpn-01 against a real authority.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { IssStateCancel, type TChallengeItem } from '../../lib/certs/x509CertsTypes';
import { ChallAlpnSrv, ChallDnsAuto, ChallFileSrv } from '../../lib/ssl/orderTypes';
import { usePebble } from '../support/pebble';
import { newCerts, openCerts, order, save } from './newCerts';

describe('Orders by dns-01 and tls-alpn-01', () => {
  const pebble = usePebble();

  it('[X509-21] a host and its wildcard: records are added for both and removed for both', async () => {
    const { certs, dir } = newCerts(pebble);
    const added: string[] = [];
    const removed: string[] = [];
    let sections = '';
    certs.OnChallengeDNS = async (_sender, item: TChallengeItem) => {
      const isRemoval = item.CIssueState === IssStateCancel;
      (isRemoval ? removed : added).push(`${item.CWildcard ? '*.' : ''}${item.CDomain}`);
      if (!isRemoval) {
        await pebble.dns('set-txt', { host: `${item.CPage}.`, value: item.CDNSValue });
        sections = fs.readFileSync(`${dir}/ics-control.db`, 'utf8');
      }
      return true;
    };
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    await save(certs, '*.d.example.test', ChallDnsAuto, ['d.example.test']);
    assert.ok(await order(certs, '*.d.example.test'), certs.LastError);
    assert.deepEqual(added.sort(), ['*.d.example.test', 'd.example.test']);
    assert.deepEqual(removed.sort(), ['*.d.example.test', 'd.example.test']);
    assert.match(sections, /\[challenge-host-d\.example\.test\]/);
    assert.match(sections, /\[challenge-wild-d\.example\.test\]/);
    assert.ok(fs.existsSync(`${dir}/x_d_example_test-bundle.pem`));
  });

  it('[X509-22] OnChallengeDNS that says no stops the order', async () => {
    const { certs } = await openCerts(pebble);
    let calls = 0;
    certs.OnChallengeDNS = (_sender, item, ok) => {
      calls++;
      assert.equal(ok.Value, false);
    };
    await save(certs, 'no.example.test', ChallDnsAuto);
    assert.equal(await certs.CertGetChallgDomain('no.example.test'), false);
    assert.match(certs.LastError, /not prepared by the application: no\.example\.test/);
    assert.equal(calls, 2, 'asked to add, then to remove');
    assert.equal(certs.ChallengesTot, 0);
  });

  it('an exception in OnChallengeDNS stops the order as well', async () => {
    const { certs } = await openCerts(pebble);
    certs.OnChallengeDNS = () => Promise.reject(new Error('no such zone'));
    await save(certs, 'throws.example.test', ChallDnsAuto);
    assert.equal(await certs.CertGetChallgDomain('throws.example.test'), false);
    assert.match(certs.LastError, /no such zone/);
  });

  it('a name is validated by the internal server with tls-alpn-01', async () => {
    const { certs, dir } = await openCerts(pebble);
    await save(certs, 'alpn.example.test', ChallAlpnSrv, ['alpn2.example.test']);
    assert.ok(await order(certs, 'alpn.example.test'), certs.LastError);
    assert.deepEqual(
      fs.readdirSync(dir).filter((file) => file.startsWith('acmealpn')),
      [],
    );
  });

  for (const [word, type] of [
    ['http-01', ChallFileSrv],
    ['tls-alpn-01', ChallAlpnSrv],
  ] as const)
    it(`[X509-52] an address is ordered by ${word} and becomes an IP name`, async () => {
      const { certs, dir } = newCerts(pebble);
      assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
      await save(certs, '127.0.0.1', type);
      assert.ok(await order(certs, '127.0.0.1'), certs.LastError);
      const pem = fs.readFileSync(certs.FileFinalBundle, 'latin1');
      const start = pem.indexOf('-----BEGIN CERT');
      const cert = new X509Certificate(pem.slice(start));
      assert.equal(cert.subjectAltName, 'IP Address:127.0.0.1');
    });
});
