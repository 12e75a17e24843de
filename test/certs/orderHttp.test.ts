// Orders by http-01 against a real authority, and the files they leave.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import tls from 'node:tls';
import {
  IssStateCollected,
  IssStateFinalPend,
  IssStateIssued,
  IssStateIssuePend,
  IssStateNone,
  type TIssueState,
} from '../../lib/certs/x509CertsTypes';
import { ChallFileApp, ChallFileSrv, ChallFileUNC } from '../../lib/ssl/orderTypes';
import { pemBlocks } from '../../lib/ssl/pem';
import { onCleanup } from '../support';
import { openssl, opensslVersion, tempDir } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { openCerts, order, save } from './newCerts';

function webServer(port: number, answer: (host: string, url: string) => string): Promise<void> {
  const server = http.createServer((request, response) => {
    const body = answer(request.headers.host ?? '', request.url ?? '');
    response.writeHead(body === '' ? 404 : 200, { connection: 'close' }).end(body);
  });
  onCleanup(() => void server.close());
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
}

describe('Orders by http-01', () => {
  const pebble = usePebble();

  it('[X509-14] the internal server answers, stops before the download, OnNewCert fires once', async () => {
    const { certs, log } = await openCerts(pebble);
    let newCount = 0;
    certs.OnNewCert = () => void newCount++;
    await save(certs, 'srv.example.test', ChallFileSrv, ['b.example.test']);
    assert.ok(await order(certs, 'srv.example.test'), certs.LastError);
    assert.equal(newCount, 1);
    assert.equal(certs.IssueState, IssStateCollected);
    const stopped = log.indexOf('Challenge Web Server stopped');
    const finalized = log.findIndex((line) => line.includes('finalize'));
    assert.ok(stopped > 0 && stopped < finalized, log.join('\n'));
    assert.equal(certs.ChallengesTot, 0);
    const text = certs.NewCertSAN.split(',').sort().join();
    assert.equal(text, 'b.example.test,srv.example.test');
  });

  it('[X509-15] the application answers from WebSrvHttp and no file is written', async () => {
    const { certs } = await openCerts(pebble);
    const wellKnown = tempDir();
    certs.DirWellKnown = wellKnown;
    await webServer(pebble.httpPort, (host, url) => {
      const body = { Value: '' };
      certs.WebSrvHttp(null, host, url, body);
      return body.Value;
    });
    await save(certs, 'app.example.test', ChallFileApp);
    assert.ok(await order(certs, 'app.example.test'), certs.LastError);
    assert.deepEqual(fs.readdirSync(wellKnown), []);
  });

  it('[X509-16] the token file is there while the authority looks and gone afterwards', async () => {
    const { certs } = await openCerts(pebble);
    const wellKnown = tempDir();
    certs.DirWellKnown = wellKnown;
    let served = 0;
    await webServer(pebble.httpPort, (_host, url) => {
      const file = path.join(wellKnown, url.replace('/.well-known/', ''));
      assert.equal(path.dirname(file), path.join(wellKnown, 'acme-challenge'));
      served++;
      return fs.readFileSync(file, 'utf8');
    });
    await save(certs, 'unc.example.test', ChallFileUNC);
    assert.ok(await order(certs, 'unc.example.test'), certs.LastError);
    assert.ok(served > 1);
    assert.deepEqual(fs.readdirSync(path.join(wellKnown, 'acme-challenge')), []);
  });

  it('[X509-24] an order that is processing is read again until it is valid', async () => {
    const { certs } = await openCerts(pebble);
    const states: TIssueState[] = [];
    certs.OnChallgRefresh = () => {
      certs.CertReadDomain('proc.example.test');
      if (states.at(-1) !== certs.IssueState) states.push(certs.IssueState);
    };
    await save(certs, 'proc.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'proc.example.test'), certs.LastError);
    const last = states.slice(states.indexOf(IssStateFinalPend));
    assert.deepEqual(last, [
      IssStateFinalPend,
      IssStateIssuePend,
      IssStateIssued,
      IssStateCollected,
    ]);
  });

  it('[X509-23] a challenge nobody answers ends the order with the detail of the authority', async () => {
    const { certs, dir } = await openCerts(pebble);
    certs.SkipLocalCheck = true;
    certs.AutoAccountClose = true;
    certs.OnNewCert = () => assert.fail('OnNewCert');
    await save(certs, 'nobody.example.test', ChallFileApp);
    assert.equal(await order(certs, 'nobody.example.test'), false);
    assert.match(certs.LastError, /nobody\.example\.test: .*onnection/);
    assert.equal(certs.IsAccountOpen, false);
    certs.AutoAccountClose = false;
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    assert.ok(certs.CertReadDomain('nobody.example.test'));
    assert.equal(certs.IssueState, IssStateNone);
    assert.match(certs.NewCertErrs, /onnection/);
    assert.equal(certs.ChallengesTot, 0);
  });

  it('a wrong answer to the challenge ends the order', async () => {
    const { certs, log } = await openCerts(pebble);
    certs.SkipLocalCheck = true;
    await webServer(pebble.httpPort, () => 'something else');
    await save(certs, 'wrong.example.test', ChallFileApp);
    assert.equal(await order(certs, 'wrong.example.test'), false);
    assert.match(certs.LastError, /key authorization/i);
    assert.equal(certs.OrderFailures, 1);
    assert.ok(log.some((line) => line.includes('chalZ')));
  });

  it('the test from here finds a wrong answer before the authority does', async () => {
    const { certs, log } = await openCerts(pebble);
    await webServer(pebble.httpPort, () => 'something else');
    await save(certs, 'local.example.test', ChallFileApp);
    assert.equal(await order(certs, 'local.example.test'), false);
    assert.match(certs.LastError, /Local challenge test failed .*other contents/);
    assert.ok(!log.some((line) => line.includes('chalZ')), 'no challenge was started');
  });

  it('[X509-26] a second order on the same day sends nothing', async () => {
    const { certs, log } = await openCerts(pebble);
    await save(certs, 'twice.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'twice.example.test'), certs.LastError);
    log.length = 0;
    assert.equal(await certs.CertGetChallgDomain('twice.example.test'), false);
    assert.equal(certs.LastError, 'Only one order per domain per day allowed');
    assert.ok(!log.some((line) => line.includes('HTTP REST')), log.join('\n'));
    assert.equal(certs.IssueState, IssStateCollected, 'the order before is not forgotten');
  });

  it('[X509-27] files of the order, final files and the copies for a server can be used', async () => {
    const { certs, dir } = await openCerts(pebble);
    const served = tempDir();
    certs.DirPubWebCert.Add(served);
    await save(certs, 'files.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'files.example.test'), certs.LastError);
    const name = 'files_example_test';
    const parts = [
      `${dir}/ACME-${certs.SuppOrderId}-${name}`,
      `${dir}/${name}`,
      `${served}/${name}`,
    ];
    for (const part of parts) {
      const pem = fs.readFileSync(`${part}-bundle.pem`);
      tls.createSecureContext({ cert: pem, key: pem });
      tls.createSecureContext({ pfx: fs.readFileSync(`${part}.pfx`) });
      assert.equal(fs.statSync(`${part}-bundle.pem`).mode & 0o777, 0o600);
      assert.equal(fs.statSync(`${part}.pfx`).mode & 0o777, 0o600);
      if (opensslVersion() === '') continue;
      openssl(['pkcs12', '-in', `${part}.pfx`, '-passin', 'pass:', '-noout']);
      openssl(['pkey', '-in', `${part}-bundle.pem`, '-noout']);
    }
    const left = fs.readdirSync(dir).filter((file) => /orderkey|acmealpn|^\./.test(file));
    assert.deepEqual(left, [], 'nothing temporary stays');
  });

  it('[X509-28] a bundle is leaf, key, intermediates and no root', async () => {
    const { certs } = await openCerts(pebble);
    await save(certs, 'bundle.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'bundle.example.test'), certs.LastError);
    const text = fs.readFileSync(certs.FileFinalBundle, 'latin1');
    const labels = pemBlocks(text).map(({ label }) => label);
    assert.deepEqual(labels, ['CERTIFICATE', 'PRIVATE KEY', 'CERTIFICATE']);
    const [leaf, inter] = text
      .split(/(?=-----BEGIN)/)
      .filter((part) => part.startsWith('-----BEGIN CERT'))
      .map((part) => new X509Certificate(part.slice(0, part.indexOf('-----END') + 25)));
    assert.ok(leaf!.checkIssued(inter!));
    assert.notEqual(inter!.subject, inter!.issuer);
    assert.match(leaf!.subjectAltName ?? '', /bundle\.example\.test/);
  });

  it('a name the authority refuses ends the order with its words', async () => {
    const { certs } = await openCerts(pebble);
    await save(certs, 'blocked.example.test', ChallFileSrv);
    assert.equal(await certs.CertGetChallgDomain('blocked.example.test'), false);
    assert.match(certs.LastError, /^Failed to get ACME order object: .*rejectedIdentifier/);
  });
});
