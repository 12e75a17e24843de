// A context as it is created.
import assert from 'node:assert/strict';
import { TComponent, TStringList } from '../../lib';
import { sslCipherSuitesTLS13, sslCiphersNormal } from '../../lib/ssl/cipherLists';
import { ESslContextException } from '../../lib/ssl/sslErrors';
import * as S from '../../lib/ssl/sslTypes';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { TSslCheckHostFlag, TSslVerifyFlag } from '../../lib/ssl/contextTypes';

describe('A new TSslContext', () => {
  it('[SSL-1] has the defaults of ICS', () => {
    const context = new TSslContext();
    assert.equal(context.SslVerifyPeer, false);
    assert.deepEqual([...context.SslVerifyPeerModes], [S.SslVerifyMode_PEER]);
    assert.equal(context.SslVerifyDepth, 9);
    assert.equal(context.SslMinVersion, S.sslVerSSL3);
    assert.equal(context.SslMaxVersion, S.sslVerMax);
    assert.equal(context.SslSecLevel, S.sslSecLevel80bits);
    assert.equal(context.SslSessionCacheSize, 20480);
    assert.equal(context.SslSessionTimeout, 0);
    assert.equal(context.SslCryptoGroups, 'P-256:X25519:P-384:P-521');
    assert.equal(context.SslCipherList, sslCiphersNormal);
    assert.equal(context.SslCipherList13, sslCipherSuitesTLS13);
    assert.equal(context.SslCliSecurity, S.sslCliSecIgnore);
    assert.deepEqual(
      [...context.SslOptions2],
      [S.sslOpt2_LEGACY_SERVER_CONNECT, S.sslOpt2_ALLOW_UNSAFE_LEGACY_RENEGOTIATION],
    );
    assert.equal(context.SslVerifyFlagsValue, 0);
    assert.equal(context.SslCheckHostFlagsValue, 0);
    assert.equal(context.SslCertX509.IsCertLoaded, false);
    assert.equal(context.IsCtxInitialized, false);
    assert.equal(context.LastSslError, 0);
    assert.equal(context.LastSslErrMsg, '');
  });

  it('[SSL-9] cuts SslDefaultSessionIDContext to 32 characters', () => {
    const context = new TSslContext();
    context.SslDefaultSessionIDContext = 'x'.repeat(40);
    assert.equal(context.SslDefaultSessionIDContext, 'x'.repeat(32));
    context.InitContext();
    context.SslDefaultSessionIDContext = '€'.repeat(32); // 96 bytes
    context.InitContext();
    assert.ok(context.IsCtxInitialized);
  });

  it('shares no list or set with another one', () => {
    const [one, other] = [new TSslContext(), new TSslContext()];
    one.SslOptions2.clear();
    one.SslVerifyPeerModes.clear();
    one.SslCertLines.Add('x');
    assert.equal(other.SslOptions2.size, 2);
    assert.equal(other.SslVerifyPeerModes.size, 1);
    assert.equal(other.SslCertLines.Count, 0);
  });

  it('copies the lists assigned to it', () => {
    const context = new TSslContext();
    const lines = new TStringList();
    lines.Add('h2');
    context.SslAlpnProtocols = lines;
    lines.Add('http/1.1');
    assert.deepEqual(context.alpnProtocols, ['h2']);
  });

  it('takes no wrong values', () => {
    const context = new TSslContext();
    context.SslCertFile = 'a.pem';
    assert.throws(() => (context.SslCertFile = 7 as never), TypeError);
    assert.throws(() => (context.SslTicketKeys = Buffer.alloc(47)), ESslContextException);
    assert.throws(() => (context.SslVerifyFlagsValue = 1 << 25), ESslContextException);
    assert.equal(context.SslCertFile, 'a.pem');
    assert.equal(context.SslTicketKeys, null);
  });

  it('shows flags as bits', () => {
    const context = new TSslContext();
    context.SslVerifyFlagsValue = 0x8000c;
    const { sslX509_V_FLAG_CRL_CHECK, sslX509_V_FLAG_CRL_CHECK_ALL, sslX509_V_FLAG_PARTIAL_CHAIN } =
      TSslVerifyFlag;
    assert.deepEqual(
      [...context.SslVerifyFlags],
      [sslX509_V_FLAG_CRL_CHECK, sslX509_V_FLAG_CRL_CHECK_ALL, sslX509_V_FLAG_PARTIAL_CHAIN],
    );
    context.SslVerifyFlags.delete(sslX509_V_FLAG_PARTIAL_CHAIN);
    assert.equal(context.SslVerifyFlagsValue, 12);
    context.SslCheckHostFlagsValue = 2;
    assert.deepEqual([...context.SslCheckHostFlags], [TSslCheckHostFlag.sslX509_NO_WILDCARDS]);
    context.SslCheckHostFlagsValue = -1;
    assert.equal(context.SslCheckHostFlagsValue, -1);
  });

  it('refuses what needs a context before InitContext, after DeInitContext and after Free', () => {
    const owner = new TComponent();
    const context = new TSslContext(owner);
    const refused = (): void => {
      const calls = [
        () => context.secureContext(),
        () => context.CheckPrivateKey(),
        () => context.SslGetAllCiphers(),
        () => context.LoadPKeyFromString('x'),
        () => context.LoadCAFromString('x'),
        () => context.LoadCertFromString('x'),
        () => context.LoadDHParamsFromString('x'),
        () => context.TrustCert(context.SslCertX509),
      ];
      for (const call of calls)
        assert.throws(call, new ESslContextException('SSL context not initialized'));
      assert.equal(context.SslGetCerts(context.SslCertX509), 0);
      assert.equal(context.GetCAStoreTotal(), 0);
      assert.equal(context.SslCtxPtr, null);
    };
    refused();
    context.InitContext();
    context.DeInitContext();
    context.DeInitContext();
    refused();
    context.InitContext();
    owner.Free();
    refused();
    assert.throws(() => context.InitContext(), ESslContextException);
  });
});
