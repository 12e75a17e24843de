// Certificates for a running server with hosts, ordered from a real authority.
import assert from 'node:assert/strict';
import * as ics from '../../lib';
import { DAY_MS } from '../../lib/certs/x509CertsTypes';
import { renewalAdvice } from '../../lib/certs/acme/renewal';
import type { AcmeClient } from '../../lib/certs/acme/client';
import { waitFor } from '../support';
import { tempDir } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { addHost, certFile, handshake, hostServer, refusal } from '../hosts/hosts';
import { newCerts, openCerts, orderingHost, save } from './newCerts';
import { answerChallenges } from './serving';

const TLS12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const ACME = { ALPNProtocols: ['acme-tls/1'] };

describe('Certificates for a running server', () => {
  const pebble = usePebble();

  it('[X509-17] ChallAlpnApp is answered by the server while its clients are served as before', async () => {
    const { certs } = await openCerts(pebble);
    const server = hostServer();
    const SslCert = certFile(['live.example.test']);
    addHost(server, ['live.example.test'], { BindSslPort: pebble.tlsPort, SslCert });
    answerChallenges(server, certs);
    server.Listen();
    await save(certs, 'live.example.test', ics.ChallAlpnApp);
    assert.ok(await certs.CertGetChallgDomain('live.example.test'), certs.LastError);
    const before = await handshake(pebble.tlsPort, 'live.example.test');
    const ordering = certs.CertOrderDomain('live.example.test');
    const during = await handshake(pebble.tlsPort, 'live.example.test');
    assert.equal(during.cert?.serialNumber, before.cert?.serialNumber);
    assert.equal(during.issuer, 'Hosts Test Root');
    assert.ok(await ordering, certs.LastError);
    assert.ok(await certs.CertCollectDomain('live.example.test'), certs.LastError);
    assert.ok(!before.socket.destroyed);
  });

  it('[X509-18] acme-tls/1 alone gets the certificate of the challenge, http/1.1 the ordinary one', async () => {
    const { certs } = await openCerts(pebble);
    const server = hostServer();
    const SslCert = certFile(['both.example.test']);
    addHost(server, ['both.example.test'], { BindSslPort: pebble.tlsPort, SslCert });
    answerChallenges(server, certs);
    server.Listen();
    await save(certs, 'both.example.test', ics.ChallAlpnApp);
    assert.match(
      await refusal(pebble.tlsPort, 'both.example.test', { ...TLS12, ...ACME }),
      /alert number 112|unrecognized name/,
      '[X509-19] nothing is pending',
    );
    assert.ok(await certs.CertGetChallgDomain('both.example.test'), certs.LastError);
    const challenge = await handshake(pebble.tlsPort, 'both.example.test', { ...TLS12, ...ACME });
    assert.equal(challenge.alpn, 'acme-tls/1');
    assert.equal(challenge.cert?.subject, challenge.cert?.issuer);
    const http = { ...TLS12, ALPNProtocols: ['http/1.1'] };
    const ordinary = await handshake(pebble.tlsPort, 'both.example.test', http);
    assert.equal(ordinary.issuer, 'Hosts Test Root');
  });

  it('[X509-19] acme-tls/1 without a pending challenge is refused with alert 112', async () => {
    const { certs } = await openCerts(pebble);
    const server = hostServer();
    const SslCert = certFile(['none.example.test']);
    addHost(server, ['none.example.test'], { BindSslPort: pebble.tlsPort, SslCert });
    answerChallenges(server, certs);
    server.Listen();
    assert.match(
      await refusal(pebble.tlsPort, 'none.example.test', ACME),
      /alert number 112|unrecognized name/,
    );
  });

  it('hosts that order at the same time by http-01 and tls-alpn-01 are both answered', async () => {
    const { certs, dir, log } = await openCerts(pebble);
    const served = tempDir();
    let newCount = 0;
    certs.OnNewCert = () => void newCount++;
    const hosts = [ics.ChallFileSrv, ics.ChallAlpnSrv].map((CertChallenge, at) =>
      orderingHost(dir, `h${at}.example.test`, {
        CertChallenge,
        SslCert: `${served}/h${at}_example_test.pfx`,
        SslPassword: 'secret',
      }),
    );
    for (const host of hosts) assert.equal(certs.OrderHost({ SslCertAutoOrder: true }, host), '');
    await waitFor(() => newCount === 2 && !certs.IsAccountOpen, 'two certificates', 15_000).catch(
      () => assert.fail(log.join('\n')),
    );
    assert.equal(certs.DomSrvIsRunning, false);
    for (const { SslCert } of hosts) {
      const base = new ics.TX509Base(null);
      base.LoadFromFile(SslCert, ics.croYes, ics.croYes, 'secret');
      assert.ok(base.IsPKeyLoaded && base.IsInterLoaded);
      assert.throws(() => base.LoadFromFile(SslCert, ics.croYes, ics.croYes, 'other'));
    }
  });
});

describe('Orders for hosts', () => {
  it('[X509-36] every refusal has the words of ICS and sends nothing', () => {
    const { certs, log } = newCerts();
    const server = { SslCertAutoOrder: true, State: ics.wsListening };
    const good = orderingHost('', 'a.test', {
      BindNonPort: 80,
      BindSslPort: 443,
      CertChallenge: ics.ChallFileApp,
      WellKnownPath: '/srv/well-known',
      SslCert: '/srv/a_test.pfx',
    });
    const { ChallAlpnApp, ChallDnsMan, ChallEmail, ChallFileFtp, SuppProtoNone } = ics;
    const wellKnown = 'No .Well-Known Directory Specified for HTTP Challenge';
    const unsupported = 'Unsupported Challenge for Socket Server';
    const mismatch = 'Certificate File Name Mismatch, File: /srv/b.pfx,  Common Name: a.test';
    const cases: [string, object, object?][] = [
      ['Server Certificate Ordering Disabled', {}, { SslCertAutoOrder: false }],
      [unsupported, { CertChallenge: ChallFileFtp }],
      [unsupported, { CertChallenge: ChallDnsMan }],
      [unsupported, { CertChallenge: ChallEmail }],
      [wellKnown, { WellKnownPath: '' }],
      ['Port 80 Not Listening', { BindNonPort: 8080 }],
      ['Port 443 Not Listening', { CertChallenge: ChallAlpnApp, BindSslPort: 8443 }],
      ['Server not Listening', {}, { State: ics.wsClosed }],
      ['No Supplier Protocol', { CertSupplierProto: SuppProtoNone }],
      ['No Work Directory Specified', {}],
      [mismatch, { CertDirWork: '/srv/acme', SslCert: '/srv/b.pfx' }],
    ];
    for (const [text, host, more] of cases)
      assert.equal(certs.OrderHost({ ...server, ...more }, { ...good, ...host }), text);
    assert.deepEqual(log, []);
  });

  it('[X509-36] an account that does not open is the reason of the host', async () => {
    const { certs } = newCerts();
    const host = orderingHost(tempDir(), 'a.test');
    assert.equal(certs.OrderHost({ SslCertAutoOrder: true }, host), '');
    await waitFor(() => certs.HostOrderError('a.test') !== '', 'the failure');
    assert.match(
      certs.HostOrderError('a.test'),
      /^Failed to Open Certificate Supplier Database - Existing account not found/,
    );
  });
});

describe('Renewal information', () => {
  const infoUrl = 'https://acme.test/info';
  const stub = (status: number, body: object, headers = {}, renewalInfo?: string): AcmeClient =>
    ({
      directory: () => Promise.resolve({ renewalInfo, meta: {} }),
      get: (url: string) => {
        assert.equal(url, `${infoUrl}/id.x`);
        return Promise.resolve({ status, headers, body: Buffer.from(JSON.stringify(body)) });
      },
    }) as unknown as AcmeClient;
  const windowAt = (from: number, to: number): object => {
    const at = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
    return { suggestedWindow: { start: at(from), end: at(to) } };
  };

  it('[X509-44] a moment within the window is chosen, and Retry-After is kept', async () => {
    const client = stub(200, windowAt(1, 3), { 'retry-after': '7200' }, infoUrl);
    const advice = (await renewalAdvice(client, 'id.x', () => 0.5))!;
    assert.ok(Math.abs(advice.renewAt!.getTime() - Date.now() - 2 * DAY_MS) < 10_000);
    assert.ok(Math.abs(advice.askAgain.getTime() - Date.now() - 7_200_000) < 10_000);
  });

  it('[X509-44] no service and an unknown certificate are no advice', async () => {
    assert.equal(await renewalAdvice(stub(404, {}, {}, infoUrl), 'id.x'), null);
    assert.equal(await renewalAdvice(stub(200, {}), 'id.x'), null);
    await assert.rejects(renewalAdvice(stub(500, {}, {}, infoUrl), 'id.x'), /status 500/);
    const without = await renewalAdvice(stub(200, windowAt(3, 1), {}, infoUrl), 'id.x');
    assert.equal(without?.renewAt, null, 'a window that ends before it begins');
  });
});
