// InitContext: what it takes, what it refuses and with which text.
import assert from 'node:assert/strict';
import { EIcsException } from '../../lib';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { ESslContextException, ESslTX509Exception } from '../../lib/ssl/sslErrors';
import * as S from '../../lib/ssl/sslTypes';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { TSslVerifyFlag } from '../../lib/ssl/contextTypes';
import { track } from '../support';
import { makeCA, makeCert, tempFile } from '../support/certificates';
import { serve, session, useFiles } from './sessions';

const newContext = (): TSslContext => track(new TSslContext());

/** The exception of InitContext, which must leave no context. */
function refusal(context: TSslContext): EIcsException {
  try {
    context.InitContext();
  } catch (error) {
    assert.ok(error instanceof EIcsException, String(error));
    assert.equal(context.IsCtxInitialized, false);
    assert.throws(() => context.secureContext(), ESslContextException);
    return error;
  }
  throw new Error('InitContext took it');
}

describe('InitContext', () => {
  it('[SSL-2] makes a context that serves TLS 1.3 from PEM files', async () => {
    const context = newContext();
    const cert = useFiles(context);
    context.InitContext();
    assert.ok(context.IsCtxInitialized);
    const { socket } = await session(await serve(context));
    assert.equal(socket.getProtocol(), 'TLSv1.3');
    assert.deepEqual(socket.getPeerX509Certificate()?.raw, cert.cert.raw);
  });

  it('[SSL-3] sends the intermediate of a bundle in any order', async () => {
    const root = makeCA();
    const leaf = makeCert({ ca: makeCA({ ca: root, cn: 'Inter' }), names: ['srv.test'] });
    for (const text of [leaf.keyPem + leaf.chainPem, leaf.chainPem + leaf.keyPem]) {
      const context = newContext();
      context.SslCertX509.LoadFromFile(tempFile('b.pem', text), S.croYes, S.croYes);
      context.InitContext();
      const { socket } = await session(await serve(context), {
        ca: root.pem,
        servername: 'srv.test',
        rejectUnauthorized: true,
      });
      assert.equal(socket.authorized, true);
    }
  });

  it('takes certificate and key from lines, files go first', async () => {
    const context = newContext();
    const [ofLines, ofFile] = [makeCert(), makeCert()];
    context.SslCertLines.Text = ofLines.chainPem;
    context.SslPrivKeyLines.Text = ofLines.keyPem;
    context.InitContext();
    const port = await serve(context);
    const shown = async (): Promise<Buffer | undefined> =>
      (await session(port)).socket.getPeerX509Certificate()?.raw;
    assert.deepEqual(await shown(), ofLines.cert.raw);
    context.DeInitContext();
    useFiles(context, ofFile);
    context.InitContext();
    assert.deepEqual(await shown(), ofFile.cert.raw);
  });

  it('[SSL-4] reads an encrypted key with the right SslPassPhrase only', () => {
    const context = newContext();
    const { key, pem } = makeCert();
    const encrypted = key.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    context.SslCertLines.Text = pem;
    context.SslPrivKeyFile = tempFile('k.pem', String(encrypted));
    context.SslPassPhrase = 'secret';
    context.InitContext();
    assert.ok(context.IsCtxInitialized && context.CheckPrivateKey());
    for (const wrong of ['Secret', '']) {
      context.SslPassPhrase = wrong;
      const error = refusal(context);
      assert.ok(error instanceof ESslContextException);
      assert.match(error.message, /^Can't read private key lines: ./);
      assert.equal(context.LastSslErrMsg, error.message);
    }
  });

  it('needs no SslPassPhrase for a key that is not encrypted', () => {
    const context = newContext();
    useFiles(context);
    context.SslPassPhrase = 'unneeded';
    context.InitContext();
    assert.ok(context.CheckPrivateKey());
  });

  it('[SSL-5] refuses a key of another certificate, also of another kind', () => {
    const { PrivKeyECsecp256, PrivKeyEd25519, PrivKeyRsa2048 } = TSslPrivKeyType;
    for (const keyType of [PrivKeyECsecp256, PrivKeyEd25519, PrivKeyRsa2048]) {
      const context = newContext();
      context.SslCertLines.Text = makeCert().pem;
      context.SslPrivKeyLines.Text = makeCert({ keyType }).keyPem;
      assert.equal(refusal(context).message, 'Certificate and private key do not match');
    }
  });

  it('[SSL-6] names a file that is missing', () => {
    for (const property of ['SslCertFile', 'SslPrivKeyFile', 'SslCAFile'] as const) {
      const context = newContext();
      context[property] = 'no-such.pem';
      assert.equal(refusal(context).message, 'File not found "no-such.pem"');
    }
    const context = newContext();
    context.SslCertFile = tempFile('empty.pem', 'short');
    const error = refusal(context);
    assert.ok(error instanceof ESslTX509Exception);
    assert.equal(error.message, `File empty "${context.SslCertFile}"`);
  });

  it('tells what is wrong with certificates', () => {
    const context = newContext();
    const keyOnly = makeCert().keyPem;
    context.SslCertLines.Text = keyOnly;
    assert.equal(
      refusal(context).message,
      'Error on reading certificate lines - No X509 Base64 certificate found',
    );
    context.SslCertFile = tempFile('c.pem', keyOnly);
    assert.equal(
      refusal(context).message,
      `Error on reading certificate file - No X509 Base64 certificate found - ${context.SslCertFile}`,
    );
  });

  it('[SSL-7] refuses lists of ciphers that are empty or unknown', () => {
    const context = newContext();
    context.SslCipherList = '';
    assert.equal(refusal(context).message, 'Cipher list empty');
    context.SslCipherList = 'NO-SUCH';
    assert.match(
      refusal(context).message,
      /^\r\nError loading cipher list - .*no cipher match\r\n$/,
    );
    assert.equal(context.LastSslError & 0x7fffff, 185);
    context.SslCipherList = 'ALL';
    for (const list of ['TLS_NO_SUCH', 'AES128-SHA', 'TLS_AES_128_GCM_SHA256:x']) {
      context.SslCipherList13 = list;
      assert.match(refusal(context).message, /^\r\nError loading TLSv13 cipher suites - /);
    }
  });

  it('[SSL-8] leaves out unknown groups', async () => {
    const context = newContext();
    useFiles(context);
    context.SslCryptoGroups = 'NO-SUCH:P-384:OTHER';
    context.InitContext();
    const port = await serve(context);
    await session(port, { ecdhCurve: 'P-384' });
    await assert.rejects(session(port, { ecdhCurve: 'X25519' }), 'only the known group is left');
    for (const groups of ['NO-SUCH', '']) {
      context.SslCryptoGroups = groups;
      context.InitContext();
      await session(port, { ecdhCurve: 'X25519' });
    }
  });

  it('[SSL-11] fires OnBeforeInit once each time, before anything is read', () => {
    const context = newContext();
    const cert = makeCert();
    let fired = 0;
    context.SslCertFile = 'no-such.pem';
    context.OnBeforeInit = (Sender) => {
      fired++;
      assert.equal(Sender, context);
      useFiles(Sender, cert);
      Sender.InitContext(); // is being done
    };
    context.InitContext();
    context.InitContext();
    assert.equal(fired, 2);
    assert.ok(context.CheckPrivateKey());
  });

  it('ends without a context when OnBeforeInit raises or frees it', () => {
    const context = newContext();
    context.InitContext();
    context.OnBeforeInit = () => {
      throw new RangeError('mine');
    };
    assert.throws(() => context.InitContext(), RangeError);
    assert.equal(context.IsCtxInitialized, false);
    context.OnBeforeInit = () => context.Free();
    assert.throws(() => context.InitContext(), ESslContextException);
    assert.equal(context.IsCtxInitialized, false);
  });

  it('refuses a certificate below the security level', () => {
    const context = newContext();
    useFiles(context); // P-256: 128 bits
    context.SslSecLevel = S.sslSecLevel192bits;
    assert.match(refusal(context).message, /^\r\nCan't add certificate to context - .*too small/);
    context.SslSecLevel = S.sslSecLevel128bits;
    context.InitContext();
  });

  it('refuses values no context can have', () => {
    const refused = (change: (context: TSslContext) => void): void => {
      const context = newContext();
      change(context);
      assert.match(refusal(context).message, /^Failed to set context options - /);
    };
    refused((context) => (context.SslMaxVersion = S.sslVerSSL3));
    refused((context) => (context.SslMinVersion = 9 as never));
    refused((context) => (context.SslSecLevel = 9 as never));
    refused((context) => (context.SslCliSecurity = 99 as never));
    refused((context) => (context.SslCliSecurity = S.sslCliSecSsl3Only));
    refused((context) => context.SslOptions2.add(99 as never));
    const flags = ['X509_STRICT', 'POLICY_CHECK', 'CRL_CHECK'] as const;
    for (const name of flags)
      refused((context) => context.SslVerifyFlags.add(TSslVerifyFlag[`sslX509_V_FLAG_${name}`]));
  });
});
