// What is told about the cipher suite of a session.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import tls from 'node:tls';
import { cipherInfo } from '../../lib/ssl/cipherInfo';

function opensslLines(): string[] {
  const args = ['ciphers', '-v', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'];
  const text = execFileSync('openssl', args, { encoding: 'utf8' });
  return text.trim().split('\n');
}

describe('The description of a cipher suite', () => {
  it('is that of OpenSSL, for every suite it has', () => {
    const lines = opensslLines();
    assert.ok(lines.length > 100);
    for (const line of lines) {
      const expected = line.trim().split(/\s+/).join(' ');
      assert.equal(cipherInfo(expected.split(' ')[0]!)?.SslCipherDesc, expected);
    }
  });

  it('is there for every suite of Node', () => {
    for (const name of tls.getCiphers()) assert.ok(cipherInfo(name), name);
  });

  it('has the parts as properties', () => {
    assert.deepEqual(cipherInfo('tls_aes_256_gcm_sha384'), {
      SslTotalBits: 256,
      SslSecretBits: 256,
      SslEncryption: 'AESGCM(256)',
      SslMessAuth: 'AEAD',
      SslKeyExchange: 'any',
      SslKeyAuth: 'any',
      SslCipherDesc: 'TLS_AES_256_GCM_SHA384 TLSv1.3 Kx=any Au=any Enc=AESGCM(256) Mac=AEAD',
    });
  });

  it('tells the strength where it is less than the size of the key', () => {
    const bits = (name: string): unknown => {
      const info = cipherInfo(name);
      return info && [info.SslTotalBits, info.SslSecretBits];
    };
    assert.deepEqual(bits('DES-CBC3-SHA'), [168, 112]);
    assert.deepEqual(bits('AES256-CCM8'), [256, 64]);
    assert.deepEqual(bits('TLS_AES_128_CCM_8_SHA256'), [128, 64]);
    assert.deepEqual(bits('ECDHE-RSA-NULL-SHA'), [0, 0]);
    assert.deepEqual(bits('ECDHE-RSA-CHACHA20-POLY1305'), [256, 256]);
  });

  it('is null for what is no suite', () => {
    for (const name of ['', 'Unknown', 'RSA', '(NONE)']) assert.equal(cipherInfo(name), null);
  });
});
