// An authority that hands out what was not ordered: nothing of it is ever served.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { keyFromPem } from '../../lib/ssl/certMaterial';
import { makeCA, makeCert } from '../support/certificates';
import { usePebble } from '../support/pebble';
import { openThroughProxy } from './newCerts';
import { serving } from './serving';

const ca = makeCA({ cn: 'Wrong CA' });

/** The key of the order that is on its way. */
function orderKey(dir: string): ReturnType<typeof keyFromPem> {
  const file = fs.readdirSync(dir).find((name) => name.endsWith('-orderkey.pem'))!;
  return keyFromPem(fs.readFileSync(path.join(dir, file), 'latin1'), '');
}

describe('A download that was not ordered', () => {
  const pebble = usePebble();

  for (const [word, chain, reason] of [
    [
      'for another name',
      (dir: string) => makeCert({ ca, names: ['other.test'], key: orderKey(dir) }).chainPem,
      /The certificate is not for own\.example\.test/,
    ],
    [
      'for another key',
      () => makeCert({ ca, names: ['own.example.test'] }).chainPem,
      /No certificate for the private key in the download/,
    ],
    ['that ends early', () => '-----BEGIN CERTIFICATE-----\nMIIB', /Failed to Order/],
  ] as const)
    it(`[H-126] a chain ${word} is rejected, the old certificate stays`, async () => {
      const made = await openThroughProxy(pebble);
      const { dir, proxy } = made;
      const run = await serving(made, 'own.example.test');
      const before = await run.served();
      const files = fs.readFileSync(run.host.SslCert);
      proxy.change = (url, answer) => {
        const isChain = url.startsWith('/certZ') && answer.status === 200; // no refused nonce
        if (isChain) answer.body = chain(dir);
      };
      run.recheck();
      await run.told(/Failed to Order New Certificate - /);
      assert.match(run.host.CertErrs, reason);
      assert.ok(
        made.log.some((line) => run.host.CertErrs.endsWith(line)),
        'OnCertProg tells',
      );
      assert.equal(run.newCount, 0);
      assert.deepEqual(fs.readFileSync(run.host.SslCert), files);
      const bundles = fs.readdirSync(dir).filter((name) => /bundle|pfx|orderkey/.test(name));
      assert.deepEqual(bundles, []);
      const after = await run.served();
      assert.equal(after.cert?.serialNumber, before.cert?.serialNumber);
    });
});
