// Accounts: the directory, the key, the registration.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { fetchUrl } from '../../lib/certs/acme/https';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { ChallFileSrv, SuppProtoAcmeV2, SuppProtoNone } from '../../lib/ssl/orderTypes';
import { tempDir } from '../support/certificates';
import { EAB_KEY, EAB_KID, usePebble } from '../support/pebble';
import { newCerts, openCerts, order, save } from './newCerts';

describe('ACME accounts', () => {
  const pebble = usePebble();

  it('[X509-5] an empty directory has no account', async () => {
    const { certs } = newCerts(pebble);
    assert.equal(await certs.OpenAccount(tempDir()), false);
    assert.match(certs.LastError, /existing account not found/i);
    assert.equal(certs.SupplierProto, SuppProtoNone);
    assert.equal(certs.IsAccountOpen, false);
  });

  it('[X509-6] a new account has a database and keys; the private ones are for the owner only', async () => {
    const { certs, dir } = newCerts(pebble);
    let refreshed = 0;
    certs.OnSuppDBRefresh = () => void refreshed++;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    assert.equal(fs.statSync(`${dir}/AcmePrivateKey.pem`).mode & 0o777, 0o600);
    assert.equal(fs.statSync(`${dir}/ics-control.db`).mode & 0o777, 0o600);
    assert.match(fs.readFileSync(`${dir}/AcmePublicKey.pem`, 'latin1'), /BEGIN PUBLIC KEY/);
    assert.match(certs.AcmeAccountUrl, /^https:\/\/127\.0\.0\.1:\d+\/my-account\//);
    assert.equal(refreshed, 1);
  });

  it('[X509-7] opening again neither changes the key nor registers again', async () => {
    const { certs, dir, log } = await openCerts(pebble);
    const key = fs.readFileSync(`${dir}/AcmePrivateKey.pem`, 'latin1');
    const url = certs.AcmeAccountUrl;
    certs.CloseAccount();
    log.length = 0;
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    assert.equal(fs.readFileSync(`${dir}/AcmePrivateKey.pem`, 'latin1'), key);
    assert.equal(certs.AcmeAccountUrl, url);
    assert.ok(!log.some((line) => /Registered|sign-me-up/.test(line)), log.join('\n'));
  });

  it('[X509-8] the key finds its account again when the database is lost', async () => {
    const { certs, dir } = await openCerts(pebble);
    const url = certs.AcmeAccountUrl;
    certs.CloseAccount();
    fs.rmSync(`${dir}/ics-control.db`);
    const again = newCerts(pebble, dir).certs;
    assert.ok(await again.OpenAccount(dir, true), again.LastError);
    assert.equal(again.AcmeAccountUrl, url);
  });

  it('[X509-9] an account the authority does not know is registered again', async () => {
    const { certs, dir } = await openCerts(pebble);
    const url = certs.AcmeAccountUrl;
    certs.CloseAccount();
    const db = fs.readFileSync(`${dir}/ics-control.db`, 'utf8');
    fs.writeFileSync(`${dir}/ics-control.db`, db.replace(url, `${url}ffff`));
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
    assert.equal(certs.AcmeAccountUrl, url);
    await save(certs, 'again.example.test', ChallFileSrv);
    assert.ok(await order(certs, 'again.example.test'), certs.LastError);
  });

  it('[X509-10] terms of service that are no page do not stop the account', async () => {
    const answer = await fetchUrl(pebble.directoryUrl, { ca: pebble.rootPem, timeout: 5000 });
    assert.match(answer.body.toString(), /"termsOfService": *"data:/, 'pebble has such terms');
  });

  for (const [word, type] of [
    ['RSA', TSslPrivKeyType.PrivKeyRsa2048],
    ['P-256', TSslPrivKeyType.PrivKeyECsecp256],
    ['P-384', TSslPrivKeyType.PrivKeyECsecp384],
    ['P-521', TSslPrivKeyType.PrivKeyECsecp512],
  ] as const)
    it(`[X509-13] a key of type ${word} is accepted`, async () => {
      const { certs, dir } = newCerts(pebble);
      certs.AcmeAccKeyType = type;
      assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
      certs.CloseAccount();
      assert.ok(await certs.OpenAccount(dir), certs.LastError);
    });

  it('an authority whose root is not trusted is refused', async () => {
    const { certs, dir } = newCerts(pebble);
    certs.SupplierRootCA = '';
    assert.equal(await certs.OpenAccount(dir, true), false);
    assert.match(certs.LastError, /self-signed/);
    assert.equal(certs.IsAccountOpen, false);
  });
});

describe('ACME accounts with external binding', () => {
  const pebble = usePebble({ eab: true });

  it('[X509-12] key id and key open the account; without them the error names the binding', async () => {
    const { certs, dir } = newCerts(pebble);
    assert.equal(await certs.OpenAccount(dir, true), false);
    assert.match(certs.LastError, /externalAccountBinding/);
    certs.SupplierProto = SuppProtoAcmeV2;
    certs.AcmeEABKid = EAB_KID;
    certs.AcmeEABHmacKey = 'AAAA';
    assert.equal(await certs.OpenAccount(dir, true), false, 'a wrong key');
    certs.SupplierProto = SuppProtoAcmeV2;
    certs.AcmeEABHmacKey = EAB_KEY;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
  });
});
