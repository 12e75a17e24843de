// Numbers, names and texts of certificate checks.

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:tls';
import {
  IcsX509VerifyErrorToStr,
  TX509Base,
  X509_V_ERR_CERT_HAS_EXPIRED,
  X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
  X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
} from '../../lib';
import { verifyCodeOf, verifyCodeOfName, verifyNameOfCode } from '../../lib/ssl/verifyCodes';
import { onCleanup } from '../support';
import { makeCA, makeCert, type TestCert } from '../support/certificates';

/** What Node's TLS reports for a server with this certificate. */
async function reported(cert: TestCert, ca: TestCert): Promise<Error & { code: string }> {
  const server = createServer({ cert: cert.pem, key: cert.keyPem });
  onCleanup(() => server.close());
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = connect({ port, ca: ca.pem, servername: 'a.test' });
  onCleanup(() => client.destroy());
  return new Promise((resolve) => client.on('error', (error) => resolve(error as never)));
}

describe('IcsX509VerifyErrorToStr', () => {
  it('has the texts that Node reports, under the numbers of OpenSSL', async () => {
    const ca = makeCA();
    const cases: [TestCert, TestCert, number][] = [
      [makeCert({ names: ['a.test'] }), ca, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT],
      [makeCert({ ca, names: ['a.test'], days: -1 }), ca, X509_V_ERR_CERT_HAS_EXPIRED],
      [makeCert({ ca, names: ['a.test'] }), makeCA(), X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE],
    ];
    for (const [cert, trusted, code] of cases) {
      const error = await reported(cert, trusted);
      const got = verifyCodeOfName(error.code);
      if (code !== X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE) assert.equal(got, code);
      assert.equal(IcsX509VerifyErrorToStr(got), error.message.split(';')[0]);
      assert.equal(verifyNameOfCode(got), error.code);
    }
  });

  it('knows what it does not know', () => {
    assert.equal(IcsX509VerifyErrorToStr(0), 'ok');
    assert.equal(IcsX509VerifyErrorToStr(4711), 'error number 4711');
    assert.equal(verifyCodeOfName('SOMETHING_NEW'), 1);
    assert.equal(verifyNameOfCode(4711), '');
  });

  it('knows by its text what Node has no name for', () => {
    const code = 'UNSPECIFIED';
    const message = 'EE certificate key too weak';
    assert.equal(verifyCodeOf({ name: '', code, message }), 66);
    assert.equal(verifyCodeOf({ name: '', code, message: 'something new' }), 1);
    assert.equal(verifyCodeOf({ name: '', code: 'CERT_REVOKED', message }), 23);
  });

  it('gives a certificate the text of its result', () => {
    const x509 = new TX509Base(null, makeCert().cert);
    assert.equal(x509.VerifyErrMsg, 'application verification failure');
    x509.VerifyResult = 10;
    x509.FirstVerifyResult = 18;
    assert.equal(x509.VerifyErrMsg, 'certificate has expired');
    assert.equal(x509.FirstVerifyErrMsg, 'self-signed certificate');
    x509.X509 = makeCert().cert;
    assert.equal(x509.VerifyResult, 50);
  });
});
