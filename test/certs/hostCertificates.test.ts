// Certificates of hosts before and without an order.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as ics from '../../lib';
import { onCleanup } from '../support';
import { makeCA, makeCert, tempDir, tempFile } from '../support/certificates';
import { addHost, freePort, handshake, hostServer } from '../hosts/hosts';
import { newCerts } from './newCerts';

describe('Certificates of hosts', () => {
  it('[X509-37] a missing file gets a temporary certificate, and nothing is ordered yet', async () => {
    const { certs, dir, log } = newCerts();
    const server = hostServer();
    server.SslX509Certs = certs;
    server.SslCertAutoOrder = true;
    const port = await freePort();
    const folder = tempDir();
    const host = addHost(server, ['missing.test'], {
      BindSslPort: port,
      SslCert: `${folder}/missing_test.pfx`,
      CertDirWork: dir,
      CertSupplierProto: ics.SuppProtoAcmeV2,
      CertChallenge: ics.ChallFileSrv,
    });
    server.ValidateHosts(true, false, true);
    server.Listen();
    assert.ok(fs.existsSync(`${folder}/missing_test.pfx`));
    assert.match(host.CertErrs, /Pending Order fo New Certificate/);
    assert.equal((await handshake(port, 'missing.test')).name, 'missing.test');
    assert.ok(!log.some((line) => line.includes('HTTP REST')));
    assert.equal(certs.IsAccountOpen, false);
    assert.deepEqual(fs.readdirSync(dir), []);
  });

  it('[X509-46] PEM text without line breaks can be the certificate of a host', async () => {
    const { bundlePem } = makeCert({ names: ['line.test'] });
    const SslCert = bundlePem.replaceAll('\n', '');
    const server = hostServer();
    const port = await freePort();
    addHost(server, ['line.test'], { BindSslPort: port, SslCert });
    server.ValidateHosts(false, true, true);
    server.Listen();
    const served = await handshake(port, 'line.test');
    assert.equal(served.cert?.subject, 'CN=line.test');
  });

  it('[X509-47] the chain is good, ends soon, has ended, or is for another host', () => {
    const ca = makeCA({ cn: 'Extra Root' });
    const store = ics.IcsSslRootCAStore;
    onCleanup(() => {
      store.ExtraRootFile = '';
      store.Reset();
    });
    store.Reset();
    store.ExtraRootFile = tempFile('extra.pem', ca.pem);
    const check = (host: string, days: number): ics.TChainResult => {
      const base = new ics.TX509Base(null);
      base.X509 = makeCert({ ca, names: ['chain.test'], days }).cert;
      return base.ValidateCertChain(host, store, { Value: '' }, { Value: '' }, 30);
    };
    assert.equal(check('chain.test', 90), ics.chainOK);
    assert.equal(check('chain.test', 20), ics.chainWarn);
    assert.equal(check('chain.test', -2), ics.chainFail);
    assert.equal(check('other.test', 90), ics.chainWarn);
  });
});
