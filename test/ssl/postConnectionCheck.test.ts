// TX509Base.PostConnectionCheck, CheckHost, CheckEmail, CheckIPaddr: which hosts a certificate is for.

import assert from 'node:assert/strict';
import { TX509Base } from '../../lib';
import { makeCert, type TestCertOptions } from '../support/certificates';

function certFor(options: TestCertOptions): TX509Base {
  return new TX509Base(null, makeCert(options).cert);
}

describe('TX509Base.PostConnectionCheck', () => {
  it("[SSL-41] lets '*' stand for one label and compares IP addresses as such", () => {
    const x509 = certFor({ names: ['*.alt.test'], ips: ['127.0.0.1', '2001:db8::1'] });
    assert.equal(x509.PostConnectionCheck('x.alt.test'), true);
    assert.equal(x509.PostConnectionCheck('a.b.alt.test'), false);
    assert.equal(x509.PostConnectionCheck('alt.test'), false);
    assert.equal(x509.PostConnectionCheck('.alt.test'), false);
    assert.equal(x509.PostConnectionCheck('127.0.0.1'), true);
    assert.equal(x509.PostConnectionCheck('127.0.0.2'), false);
    assert.equal(x509.PostConnectionCheck('2001:DB8:0::1'), true);
    assert.equal(x509.PostConnectionCheck('[2001:db8::1]'), true);
    assert.equal(x509.PostConnectionCheck(''), false);
  });

  it('ignores case and the dot at the end', () => {
    const x509 = certFor({ names: ['Www.A.test'] });
    assert.equal(x509.PostConnectionCheck('wWW.a.TEST'), true);
    assert.equal(x509.PostConnectionCheck('www.a.test.'), true);
    assert.equal(x509.PostConnectionCheck('www.a.test..'), false);
  });

  it('takes the common name as well as the alternative names', () => {
    const x509 = certFor({ cn: 'cn.test', names: ['san.test'] });
    assert.equal(x509.PostConnectionCheck('cn.test'), true);
    assert.equal(x509.PostConnectionCheck('san.test'), true);
    assert.equal(certFor({ cn: '127.0.0.1' }).PostConnectionCheck('127.0.0.1'), true);
  });

  it('finds international names in both forms', () => {
    const x509 = certFor({ names: ['münchen.test', '*.bücher.test'] });
    for (const host of ['münchen.test', 'xn--mnchen-3ya.test', 'MÜNCHEN.test', 'a.bücher.test'])
      assert.equal(x509.PostConnectionCheck(host), true, host);
    assert.equal(x509.PostConnectionCheck('munchen.test'), false);
  });

  it('takes no wildcard behind the first label and none in an IP address', () => {
    const x509 = certFor({ cn: '*.0.0.1' });
    assert.equal(x509.PostConnectionCheck('127.0.0.1'), false);
    assert.equal(certFor({ cn: 'www.*.test' }).PostConnectionCheck('www.a.test'), false);
    assert.equal(certFor({ cn: '*' }).PostConnectionCheck('a.test'), false);
    const partial = certFor({ cn: 'f*o*.a.test' });
    assert.equal(partial.PostConnectionCheck('foo.a.test'), true);
    assert.equal(partial.PostConnectionCheck('fxox.a.test'), true);
    assert.equal(partial.PostConnectionCheck('ooo.a.test'), false);
    assert.equal(partial.PostConnectionCheck('f.a.test'), false);
  });

  it('is not misled by a NUL or a line break inside of a name', () => {
    for (const cn of ['bank.test\u0000.evil.test', 'evil.test\r\nbank.test', ' bank.test'])
      assert.equal(certFor({ cn }).PostConnectionCheck('bank.test'), false, JSON.stringify(cn));
  });

  it('answers at once for a mask made to be slow', () => {
    const x509 = certFor({ cn: `${'*a'.repeat(120)}.test` });
    assert.equal(x509.PostConnectionCheck(`${'a'.repeat(240)}b.test`), false);
  });
});

describe('TX509Base.CheckHost', () => {
  it('returns the name that fits by the rules of OpenSSL', () => {
    const x509 = certFor({ cn: 'cn.test', names: ['*.alt.test'] });
    assert.equal(x509.CheckHost('x.alt.test'), '*.alt.test');
    assert.equal(x509.CheckHost('a.b.alt.test'), '');
    assert.equal(x509.CheckHost('cn.test'), '');
    assert.equal(x509.CheckHost('x.alt.test', 0x2), '');
    assert.equal(x509.CheckHost('cn.test', 0x1), 'cn.test');
    assert.equal(x509.CheckHost('a\0b'), '');
  });

  it('tells the truth about addresses', () => {
    const x509 = certFor({ ips: ['127.0.0.1'], subject: { emailAddress: 'a@b.test' } });
    assert.equal(x509.CheckIPaddr('127.0.0.1'), true);
    assert.equal(x509.CheckIPaddr('127.0.0.2'), false);
    assert.equal(x509.CheckIPaddr('nonsense'), false);
    assert.equal(x509.CheckEmail('a@b.test'), true);
    assert.equal(x509.CheckEmail('c@b.test'), false);
  });
});
