// Changing a context while it is in use.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { TStringList, type TStrings } from '../../lib';
import { TSslPrivKeyCipher } from '../../lib/ssl/certTypes';
import { ESslContextException } from '../../lib/ssl/sslErrors';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { TX509Base } from '../../lib/ssl/TX509Base';
import { TX509List } from '../../lib/ssl/TX509List';
import { track } from '../support';
import { makeCA, makeCert, tempDir, tempFile } from '../support/certificates';
import { serve, session, useFiles } from './sessions';

function initialized(): TSslContext {
  const context = track(new TSslContext());
  useFiles(context);
  context.InitContext();
  return context;
}

function lines(text: string): TStrings {
  const list = new TStringList();
  list.Text = text;
  return list;
}

/** The certificate new sessions see. */
async function shown(port: number): Promise<Buffer | undefined> {
  return (await session(port)).socket.getPeerX509Certificate()?.raw;
}

describe('A context in use', () => {
  it('[SSL-46] serves the new certificate to new sessions while old ones go on', async () => {
    const context = initialized();
    const port = await serve(context);
    const { socket: old } = await session(port);
    const renewed = useFilesAfter(context);
    assert.deepEqual(await shown(port), renewed);
    old.write('still here');
    assert.equal(String((await once(old, 'data'))[0]), 'still here');
    context.DeInitContext();
    old.write('and here');
    assert.equal(String((await once(old, 'data'))[0]), 'and here');
  });

  it('goes on with the old certificate until the key of the new one is there', async () => {
    const context = initialized();
    const port = await serve(context);
    const before = await shown(port);
    const renewed = makeCert();
    context.SslCertFile = tempFile('new.pem', renewed.chainPem);
    assert.equal(context.CheckPrivateKey(), false);
    assert.deepEqual(await shown(port), before);
    context.SslPrivKeyFile = tempFile('new.key', renewed.keyPem);
    assert.equal(context.CheckPrivateKey(), true);
    assert.deepEqual(await shown(port), renewed.cert.raw);
  });

  it('keeps context and property when a file cannot be loaded', async () => {
    const context = initialized();
    const port = await serve(context);
    const [before, certFile, secure] = [await shown(port), context.SslCertFile, context.SslCtxPtr];
    const other = tempFile('other.key', makeCert().keyPem);
    assert.throws(() => (context.SslCertFile = 'no-such.pem'), /File not found/);
    assert.throws(() => (context.SslCertFile = other), ESslContextException);
    assert.throws(() => (context.SslPrivKeyFile = other), /Can't read add private key to context/);
    assert.throws(() => (context.SslCAFile = other), /Can't read CA File/);
    assert.throws(() => (context.SslCAPath = 'no-such'), /Directory not found "no-such"/);
    assert.throws(() => (context.SslDHParamFile = other), /Error reading DHparam file/);
    assert.throws(() => (context.SslCALines = lines('x')), /Error on reading CA certificate lines/);
    assert.throws(() => (context.SslDHParamLines = lines('x')), /Expected a Base64 encoded DH/);
    assert.equal(context.SslCertFile, certFile);
    assert.equal(context.SslCAFile + context.SslCAPath + context.SslDHParamFile, '');
    assert.equal(context.SslCALines.Count + context.SslDHParamLines.Count, 0);
    assert.equal(context.SslCtxPtr, secure);
    assert.deepEqual(await shown(port), before);
  });

  it('takes lines only where there is no file', async () => {
    const context = initialized();
    const port = await serve(context);
    const before = await shown(port);
    const other = makeCert();
    context.SslCertLines = lines(other.pem);
    context.SslPrivKeyLines = lines(other.keyPem);
    assert.deepEqual(await shown(port), before);
    context.SslCertFile = context.SslPrivKeyFile = '';
    context.SslCertLines = lines(other.pem);
    context.SslPrivKeyLines = lines(other.keyPem);
    assert.deepEqual(await shown(port), other.cert.raw);
  });

  it('loads certificates and keys from texts', async () => {
    const context = initialized();
    const other = makeCert();
    const Errs = { Value: 'old' };
    assert.equal(context.LoadCertFromAStr('no certificate', Errs), false);
    assert.match(Errs.Value, /^Error on reading certificate lines - /);
    assert.equal(context.LoadCertFromAStr(other.pem, Errs), true);
    assert.equal(Errs.Value, '');
    assert.throws(() => context.LoadPKeyFromString('x'), /^.*: Can't read private key lines: /);
    context.LoadPKeyFromString(other.keyPem);
    assert.deepEqual(await shown(await serve(context)), other.cert.raw);
  });

  it('trusts more certificates from everywhere', () => {
    const context = initialized();
    const roots = Array.from({ length: 6 }, (_, i) => makeCA({ cn: `Root ${i}` }));
    const folder = tempDir();
    const x509 = roots.map(({ cert }) => new TX509Base(null, cert));
    assert.equal(context.GetCAStoreTotal(), 0);
    context.SslCAFile = tempFile('ca.pem', roots[0]!.pem + roots[1]!.pem);
    context.SslCAPath = folder;
    assert.equal(context.GetCAStoreTotal(), 2);
    context.LoadCAFromString(roots[1]!.pem + roots[2]!.pem);
    context.LoadCAFromTB(Buffer.from(roots[3]!.pem));
    context.LoadCAFromStack([x509[4]!]);
    assert.equal(context.TrustCert(x509[5]!), true);
    assert.equal(context.TrustCert(new TX509Base()), false);
    assert.throws(() => context.LoadCAFromStack([]), /No CA stack to load/);
    assert.throws(() => context.LoadCAFromStack(null), /No CA stack to load/);
    assert.equal(context.GetCAStoreTotal(), 6);
    const list = new TX509List();
    assert.equal(context.SslGetAllCerts(list), 6);
    const names = [...list].map(({ SubjectCName }) => SubjectCName).sort();
    assert.deepEqual(names, roots.map((_, i) => `Root ${i}`).sort());
  });

  it('takes trusted certificates of PKCS #12', () => {
    const context = initialized();
    const { cert, key } = makeCA();
    const x509 = new TX509Base(null, cert);
    x509.PrivateKey = key;
    const bytes = x509.SaveToP12Buf('secret', false, TSslPrivKeyCipher.PrivKeyEncAES256);
    assert.throws(() => context.LoadCAFromTB(bytes, 'wrong'), ESslContextException);
    assert.throws(() => context.LoadCAFromTB(Buffer.from('no such thing')), ESslContextException);
    assert.equal(context.GetCAStoreTotal(), 0);
    context.LoadCAFromTB(bytes, 'secret');
    assert.equal(context.GetCAStoreTotal(), 1);
  });

  it('completes its chain from the trusted certificates', async () => {
    const root = makeCA({ cn: 'Root' });
    const leaf = makeCert({ ca: makeCA({ ca: root, cn: 'Inter' }), names: ['srv.test'] });
    const context = track(new TSslContext());
    context.SslCertLines.Text = leaf.pem;
    context.SslPrivKeyLines.Text = leaf.keyPem;
    context.SslCALines.Text = makeCA({ cn: 'Other' }).pem + root.pem + leaf.issuer!.pem;
    context.InitContext();
    assert.equal(context.SslBuildCertChain(), 2);
    assert.equal(context.SslBuildCertChain(), 2);
    const x509 = new TX509Base();
    assert.equal(context.SslGetCerts(x509), 2);
    assert.equal(x509.X509Inters[0]?.fingerprint256, leaf.issuer!.cert.fingerprint256);
    assert.equal(initialized().SslBuildCertChain(), 1);
  });

  it('tells what it holds', () => {
    const context = initialized();
    const x509 = new TX509Base();
    assert.equal(context.SslGetCerts(x509), 1);
    assert.ok(x509.CheckCertAndPKey());
    assert.ok(context.SslGetAllCiphers().split('\r\n').includes('TLS_AES_128_GCM_SHA256'));
  });

  it('accepts as client CAs what is trusted, nothing else', () => {
    const context = initialized();
    const ca = makeCA();
    const file = tempFile('ca.pem', ca.pem);
    assert.throws(() => context.AddClientCAFromFile(file), /Client CAs are the trusted/);
    assert.throws(
      () => context.SetClientCAListFromFile('no-such'),
      /Certificate file not found "no-such"/,
    );
    context.LoadCAFromString(ca.pem);
    context.AddClientCAFromFile(file);
  });
});

/** Loads a new certificate by a new InitContext; the bytes of it. */
function useFilesAfter(context: TSslContext): Buffer {
  const cert = makeCert();
  useFiles(context, cert);
  context.InitContext();
  return cert.cert.raw;
}
