// The security levels of servers, measured by what clients can agree on.
import assert from 'node:assert/strict';
import tls from 'node:tls';
import { cipherInfo } from '../../lib/ssl/cipherInfo';
import { sslCiphersMozillaSrvTLS12 } from '../../lib/ssl/cipherLists';
import { applySrvSecurity, SRV_SECURITY, SslSrvSecurityNames } from '../../lib/ssl/srvSecurity';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import * as S from '../../lib/ssl/sslTypes';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { track } from '../support';
import { makeCert } from '../support/certificates';
import { failure, serve, session, useFiles } from './sessions';

const TLS12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const ALL_TLS12 = tls
  .getCiphers()
  .map((name) => name.toUpperCase())
  .filter((name) => !/^TLS_|PSK|SRP/.test(name));

async function served(security: S.TSslSrvSecurity, keyType: TSslPrivKeyType): Promise<string[]> {
  const context = track(new TSslContext());
  useFiles(context, makeCert({ keyType }));
  applySrvSecurity(context, security);
  context.InitContext();
  const port = await serve(context);
  const accepted: string[] = [];
  for (const name of ALL_TLS12)
    await session(port, { ...TLS12, ciphers: `${name}:@SECLEVEL=0` }).then(
      () => accepted.push(name),
      () => undefined,
    );
  return accepted;
}

describe('The security level of a server', () => {
  const { PrivKeyECsecp384, PrivKeyRsa3072 } = TSslPrivKeyType;

  for (const [level, keyType] of [
    [S.sslSrvSecHigh, PrivKeyRsa3072],
    [S.sslSrvSecHigh128, PrivKeyRsa3072],
    [S.sslSrvSecHigh192, PrivKeyECsecp384],
    [S.sslSrvSecTls12Less, PrivKeyRsa3072],
  ] as const)
    it(`${S.TSslSrvSecurity[level]} offers no CBC and no ARIA with TLS 1.2`, async () => {
      const accepted = await served(level, keyType);
      assert.ok(accepted.length > 0);
      for (const name of accepted) {
        assert.ok(sslCiphersMozillaSrvTLS12.split(':').includes(name), name);
        assert.match(cipherInfo(name)!.SslEncryption, /^(?:AESGCM|CHACHA20)/);
        assert.match(cipherInfo(name)!.SslKeyExchange, /DH$/);
      }
    });

  it('sslSrvSecBack offers CBC to old clients, but nothing anonymous or without encryption', async () => {
    const accepted = await served(S.sslSrvSecBack, PrivKeyRsa3072);
    assert.ok(accepted.includes('AES128-SHA') && accepted.includes('ECDHE-RSA-AES128-SHA'));
    assert.ok(!accepted.some((name) => /NULL|ADH|AECDH|RC4|MD5/.test(name)));
  });

  it('never serves a version before TLS 1.2', async () => {
    for (const security of SRV_SECURITY.keys()) {
      const context = track(new TSslContext());
      useFiles(context, makeCert({ keyType: PrivKeyECsecp384 }));
      applySrvSecurity(context, security);
      context.InitContext();
      const port = await serve(context);
      const old = {
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'ALL:@SECLEVEL=0',
      } as const;
      assert.match((await failure(port, old)).message, /protocol version/);
      const { socket } = await session(port);
      const isTls12 = security === S.sslSrvSecTls12Less;
      assert.equal(socket.getProtocol(), isTls12 ? 'TLSv1.2' : 'TLSv1.3');
      if (security !== S.sslSrvSecTls13Only) await session(port, TLS12);
      else assert.match((await failure(port, TLS12)).message, /protocol version/);
    }
  });

  it('gives way to lists of its own', () => {
    const context = track(new TSslContext());
    applySrvSecurity(context, S.sslSrvSecHigh, {
      SslCipherList12: 'AES128-SHA',
      SslCipherList13: 'TLS_AES_128_GCM_SHA256',
      SslCryptoGroups: 'P-384',
    });
    assert.equal(context.SslCipherList, 'AES128-SHA');
    assert.equal(context.SslCipherList13, 'TLS_AES_128_GCM_SHA256');
    assert.equal(context.SslCryptoGroups, 'P-384');
    applySrvSecurity(context, S.sslSrvSecNone, { SslCipherList12: '' });
    assert.equal(context.SslCipherList, 'ALL');
    assert.equal(context.SslCryptoGroups, 'P-256:X25519:P-384:P-521');
    assert.ok(context.SslOptions2.has(S.sslOpt2_CIPHER_SERVER_PREFERENCE));
    assert.ok(context.SslOptions2.has(S.sslOpt2_NO_COMPRESSION));
    assert.throws(() => applySrvSecurity(context, 10 as never), TypeError);
  });

  it('has a row and a name for every level', () => {
    const levels = Object.values(S.TSslSrvSecurity).filter((value) => typeof value === 'number');
    assert.equal(SRV_SECURITY.length, levels.length);
    assert.equal(SslSrvSecurityNames.length, levels.length);
    assert.equal(SslSrvSecurityNames[S.sslSrvSecTls13Only], 'TLSv1.3 Only');
    assert.equal(SslSrvSecurityNames[S.sslSrvSecHigh], 'High 112 bit Ciphers, TLS1.2 or Later');
  });
});
