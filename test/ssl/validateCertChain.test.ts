// TX509Base.ValidateCertChain: results and texts, and that names alone convince nobody.

import assert from 'node:assert/strict';
import { chainFail, chainOK, chainWarn, TX509Base, TX509List } from '../../lib';
import type { TChainResult } from '../../lib';
import { makeCA, makeCert, type TestCert, type TestCertOptions } from '../support/certificates';

interface Answer {
  result: TChainResult;
  certs: string;
  error: string;
}

function validate(
  cert: TestCert | null,
  roots: TestCert[] | null,
  { host = '', days = 30, inters = [] as TestCert[] } = {},
): Answer {
  const x509 = new TX509Base(null, cert?.cert ?? null);
  x509.X509Inters = inters.map((inter) => inter.cert);
  const list = new TX509List();
  for (const root of roots ?? []) list.Add(root.cert);
  const certs = { Value: 'old' };
  const error = { Value: 'old' };
  const result = x509.ValidateCertChain(host, roots && list, certs, error, days);
  return { result, certs: certs.Value, error: error.Value };
}

const dayFromNow = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const root = makeCA({ cn: 'Root' });
const inter = makeCA({ ca: root, cn: 'Inter' });
const leafOf = (options: TestCertOptions = {}): TestCert =>
  makeCert({ ca: root, names: ['a.test'], ...options });

describe('TX509Base.ValidateCertChain', () => {
  it('[SSL-45] fails without a certificate', () => {
    assert.deepEqual(validate(null, [root]), {
      result: chainFail,
      certs: '',
      error: 'No SSL certificate loaded',
    });
  });

  it('[SSL-45] warns of a certificate that signs itself', () => {
    const { result, error } = validate(makeCert({ cn: 'self.test' }), [root]);
    assert.equal(result, chainWarn);
    assert.equal(error, 'SSL certificate is self signed - self.test');
  });

  it('[SSL-45] fails for an expired certificate and for one of the future', () => {
    const expired = validate(leafOf({ days: -1 }), [root]);
    assert.equal(expired.result, chainFail);
    assert.equal(expired.error, 'SSL certificate has expired - a.test');
    const future = validate(leafOf({ notBefore: new Date(Date.now() + 60_000) }), [root]);
    assert.equal(future.result, chainFail);
    assert.equal(future.error, 'SSL certificate not valid yet - a.test');
  });

  it('[SSL-45] is content with an issuer in the list of roots', () => {
    const leaf = leafOf();
    const { result, certs, error } = validate(leaf, [makeCA(), root]);
    assert.deepEqual([result, error], [chainOK, '']);
    const [server, trusted] = certs.split('\r\nTrusted CA: ');
    assert.equal(server, `Server: ${new TX509Base(null, leaf.cert).CertInfo()}`);
    assert.equal(trusted, new TX509Base(null, root.cert).CertInfo());
  });

  it('[SSL-45] warns when nobody knows the issuer', () => {
    for (const roots of [null, [], [makeCA()]]) {
      const { result, error } = validate(leafOf(), roots);
      assert.equal(result, chainWarn);
      assert.equal(error, 'Issuer Root not found for SSL certificate - a.test');
    }
  });

  it('[SSL-45] warns 30 days before the end, or as many as asked for', () => {
    const leaf = leafOf({ days: 10 });
    const { result, error } = validate(leaf, [root]);
    assert.equal(result, chainWarn);
    assert.equal(error, `SSL certificate expires on ${dayFromNow(10)} - a.test`);
    assert.equal(validate(leaf, [root], { days: 9 }).result, chainOK);
  });

  it('warns when the certificate is for another host', () => {
    const { result, error } = validate(leafOf({ names: ['a.test', 'b.test'] }), [root], {
      host: 'c.test',
    });
    assert.equal(result, chainWarn);
    assert.equal(
      error,
      'SSL certificate expected host name not found: c.test, certificate DNS: a.test, b.test',
    );
    assert.equal(validate(leafOf(), [root], { host: 'a.test' }).result, chainOK);
  });

  it('follows intermediates in any order up to a root', () => {
    const lower = makeCA({ ca: inter, cn: 'Lower' });
    const leaf = leafOf({ ca: lower });
    for (const inters of [
      [lower, inter],
      [inter, makeCA(), lower],
    ]) {
      const { result, certs, error } = validate(leaf, [root], { inters });
      assert.deepEqual([result, error], [chainOK, '']);
      const names = [...certs.matchAll(/^(\w[\w ]*): Issued to \(CN\): (.*)\r$/gm)];
      assert.deepEqual(
        names.map(([, kind, name]) => [kind, name]),
        [
          ['Server', 'a.test'],
          ['Intermediate', 'Lower'],
          ['Intermediate', 'Inter'],
          ['Trusted CA', 'Root'],
        ],
      );
    }
    const { result, error } = validate(leaf, [root], { inters: [lower] });
    assert.equal(result, chainWarn);
    assert.equal(error, 'Issuer for SSL certificate not found - Inter');
  });

  it('mentions an intermediate that ends soon without changing the result', () => {
    const old = makeCA({ ca: root, cn: 'Old', days: -1 });
    const { result, error } = validate(leafOf({ ca: old }), [root], { inters: [old] });
    assert.equal(result, chainOK);
    assert.equal(error, 'SSL certificate has expired - Old');
  });

  it('takes the issuer that is still valid when two have the same name and key', () => {
    const old = makeCA({ ca: root, cn: 'Twice', days: -1 });
    const fresh = makeCA({ ca: root, cn: 'Twice', key: old.key });
    const { result, error } = validate(leafOf({ ca: old }), [root], { inters: [old, fresh] });
    assert.deepEqual([result, error], [chainOK, '']);
  });

  it('does not take a CA of the same name for the issuer', () => {
    const impostor = makeCA({ cn: 'Root' });
    const { result, error } = validate(leafOf(), [impostor]);
    assert.equal(result, chainWarn);
    assert.equal(error, 'Issuer Root not found for SSL certificate - a.test');
  });

  it('does not take a certificate for a CA that is none', () => {
    const user = makeCert({ ca: root, names: ['user.test'], keyUsage: ['keyCertSign'] });
    const forged = makeCert({ ca: user, names: ['bank.test'] });
    const { result } = validate(forged, [root], { inters: [user] });
    assert.equal(result, chainWarn);
  });

  it('ends when intermediates sign each other', () => {
    const a = makeCA({ cn: 'A' });
    const b = makeCA({ ca: a, cn: 'B' });
    const aByB = makeCA({ ca: b, cn: 'A', key: a.key });
    const { result } = validate(leafOf({ ca: b }), [root], { inters: [b, aByB] });
    assert.equal(result, chainWarn);
  });
});
