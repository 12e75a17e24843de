// Certificates of clients: what each of them leads to. Nothing of a client that is not accepted
// reaches the application, and nothing of the application reaches it.
import assert from 'node:assert/strict';
import { TSslCliCertMethod, X509_V_ERR_CERT_CHAIN_TOO_LONG } from '../../lib';
import type { TSslWSocketServer } from '../../lib';
import { expectEcho, waitFor } from '../support';
import { bystand, isWatched } from '../support/bystander';
import {
  makeCA,
  makeCert,
  openssl,
  tempDir,
  tempFile,
  type TestCert,
} from '../support/certificates';
import {
  clientOf,
  echoServer,
  newContext,
  opensslClient,
  recordTls,
  tlsPeer,
  type TlsPeer,
} from '../support/tls';

const { sslCliCertOptional, sslCliCertRequire } = TSslCliCertMethod;
const clientAuth = ['clientAuth'];

const root = makeCA({ cn: 'Client Root' });
const inter = makeCA({ ca: root, cn: 'Client Inter' });
const good = makeCert({ ca: root, cn: 'client1', usage: clientAuth });
const stranger = makeCA({ cn: 'Other Root' });

const CERTS: Record<string, { cert: TestCert; code: number; blamed: string }> = {
  'self-signed': { cert: makeCert({ cn: 'self', usage: clientAuth }), code: 18, blamed: 'self' },
  expired: {
    cert: makeCert({ ca: root, cn: 'late', days: -1, usage: clientAuth }),
    code: 10,
    blamed: 'late',
  },
  'not valid yet': {
    cert: makeCert({
      ca: root,
      cn: 'early',
      notBefore: new Date(Date.now() + 86_400_000),
      usage: clientAuth,
    }),
    code: 9,
    blamed: 'early',
  },
  'of another authority': {
    cert: makeCert({ ca: stranger, cn: 'wrong', usage: clientAuth }),
    code: 21, // OpenSSL's last word; its first is 20
    blamed: 'wrong',
  },
  'for servers only': {
    cert: makeCert({ ca: root, cn: 'purpose', usage: ['serverAuth'] }),
    code: 26,
    blamed: 'purpose',
  },
  'of an authority it does not show': {
    cert: { ...makeCert({ ca: inter, cn: 'alone', usage: clientAuth }), chainPem: '' },
    code: 21, // OpenSSL's last word; its first is 20
    blamed: 'alone',
  },
};

const identity = (cert: TestCert): { cert: string; key: string } => ({
  cert: cert.chainPem || cert.pem,
  key: cert.keyPem,
});

function certServer(
  SslCliCertMethod: TSslCliCertMethod,
  props: Partial<TSslWSocketServer> = {},
): TSslWSocketServer {
  return echoServer({ SslCliCertMethod, RootCA: root.pem, Banner: 'hello friend', ...props });
}

/** Sends at once, as an attacker would, and waits for the end. */
async function turnedAway(
  server: TSslWSocketServer,
  cert: TestCert | null,
  maxVersion: 'TLSv1.2' | 'TLSv1.3',
): Promise<string[]> {
  if (isWatched()) await bystand(server, identity(good));
  const lines = recordTls(server);
  const peer = await tlsPeer(server, { ...(cert ? identity(cert) : {}), maxVersion }).catch(
    () => null,
  );
  if (peer) {
    peer.write('let me in');
    await peer.closed();
    assert.equal(peer.text, '');
  }
  await waitFor(() => lines.at(-1)?.startsWith('OnClientDisconnect') ?? false, lines.join());
  return lines.slice(1);
}

describe('A TLS server that asks for certificates', () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    describe(`with ${maxVersion}`, () => {
      for (const [what, { cert, code, blamed }] of Object.entries(CERTS))
        for (const method of [sslCliCertOptional, sslCliCertRequire])
          it(`[H-97] turns away one that is ${what} (${TSslCliCertMethod[method]})`, async () => {
            let text = '';
            let result = -1;
            const server = certServer(method, {
              OnDataAvailable: () => assert.fail('data of a stranger'),
              OnSslHandshakeDone: (client) => {
                text = client.SslHandshakeRespMsg;
                result = client.SslVerifyResult;
              },
            });
            const lines = await turnedAway(server, cert, maxVersion);
            assert.ok(lines.includes(`OnSslVerifyPeer ${blamed} ${code}`), lines.join());
            assert.deepEqual(lines.slice(-3), [
              'OnSslHandshakeDone 1',
              'OnSessionClosed 10053',
              'OnClientDisconnect 10053',
            ]);
            assert.equal(result, code);
            assert.notEqual(text, '');
          });

      it('[SSL-30] [H-97] accepts one that is good', async () => {
        const server = certServer(sslCliCertRequire);
        await bystand(server, identity(good));
        const lines = recordTls(server);
        const peer = await tlsPeer(server, { ...identity(good), maxVersion });
        assert.equal(await peer.line(), 'hello friend');
        await expectEcho(peer);
        assert.deepEqual(lines.slice(1), [
          'OnSslVerifyPeer Client Root 0',
          'OnSslVerifyPeer client1 0',
          'OnSslHandshakeDone 0',
        ]);
        const client = clientOf(server);
        assert.equal(client.SslPeerCert.SubjectCName, 'client1');
        assert.equal(client.SslVerifyResult, 0);
        assert.equal(client.SslCertChain.Count, 2);
      });

      it('[SSL-27] accepts a client without one when they are optional', async () => {
        const server = certServer(sslCliCertOptional);
        const peer = await tlsPeer(server, { maxVersion });
        await peer.line();
        await expectEcho(peer);
        assert.equal(clientOf(server).SslPeerCert.IsCertLoaded, false);
      });

      it('[SSL-28] [H-97] refuses a client without one when they are required, by an alert', async () => {
        let code = 0;
        const server = certServer(sslCliCertRequire, {
          OnSslHandshakeDone: (_c, err) => (code = err),
        });
        const lines = await turnedAway(server, null, maxVersion);
        assert.equal(lines.length, 3);
        assert.equal(code, 199); // peer did not return a certificate
      });

      it('[SSL-29] accepts a stranger when OnSslVerifyPeer says so', async () => {
        const { cert } = CERTS['self-signed']!;
        const server = certServer(sslCliCertRequire, {
          OnSslVerifyPeer: (_client, ok, shown) => {
            assert.equal(ok.Value, 0);
            assert.equal(shown.VerifyResult, 18);
            ok.Value = 1;
          },
        });
        const peer = await tlsPeer(server, { ...identity(cert), maxVersion });
        await peer.line();
        await expectEcho(peer);
        assert.equal(clientOf(server).SslVerifyResult, 18);
      });

      it('turns away a good one when OnSslVerifyPeer says so', async () => {
        const server = certServer(sslCliCertRequire, {
          OnSslVerifyPeer: (_client, ok) => {
            ok.Value = 0;
          },
        });
        const lines = await turnedAway(server, good, maxVersion);
        assert.equal(lines[1], 'OnSslHandshakeDone 1');
      });

      it('turns away a good one when OnSslVerifyPeer throws', async () => {
        const server = certServer(sslCliCertRequire, {
          OnBgException: (_sender, _E, canClose) => {
            canClose.Value = false;
          },
          OnSslVerifyPeer: () => {
            throw new Error('no answer from the directory');
          },
        });
        const lines = await turnedAway(server, good, maxVersion);
        assert.equal(lines[1], 'OnSslHandshakeDone 1');
      });

      it('turns away a stranger also when its session is resumed', async () => {
        let accept = true;
        const server = certServer(sslCliCertRequire, {
          OnSslVerifyPeer: (_client, ok) => {
            if (accept) ok.Value = 1;
          },
        });
        const first: TlsPeer = await tlsPeer(server, {
          ...identity(CERTS['self-signed']!.cert),
          maxVersion,
        });
        await first.line();
        await expectEcho(first);
        const [session] = first.tickets;
        assert.ok(session);
        accept = false;
        const again = await tlsPeer(server, { session, maxVersion }).catch(() => null);
        await again?.closed();
        assert.equal(again?.text ?? '', '');
      });
    });
  }

  it('[H-97] turns away one that is revoked', async () => {
    const revoked = makeCert({
      ca: root,
      cn: 'revoked',
      usage: clientAuth,
      serial: Buffer.from('1234', 'hex'),
    });
    const context = newContext();
    context.SslCALines.Text = root.pem;
    context.SslVerifyPeer = true;
    context.InitContext();
    context.LoadCrlFromFile(tempFile('list.pem', revocationList('1234')));
    const server = echoServer({ SslContext: context });
    const lines = await turnedAway(server, revoked, 'TLSv1.3');
    assert.ok(lines.includes('OnSslVerifyPeer revoked 23'), lines.join());
    await expectEcho(await tlsPeer(server, identity(good)));
  });

  it('[H-97] turns away one behind more authorities than SslVerifyDepth', async () => {
    const second = makeCA({ ca: inter, cn: 'Second' });
    const deep = makeCert({ ca: second, cn: 'deep', usage: clientAuth });
    const server = certServer(sslCliCertRequire);
    await expectEcho2(await tlsPeer(server, identity(deep)));
    server.SslContext!.SslVerifyDepth = 1;
    let result = 0;
    server.OnSslHandshakeDone = (client) => (result = client.SslVerifyResult);
    await turnedAway(server, deep, 'TLSv1.3');
    assert.equal(result, X509_V_ERR_CERT_CHAIN_TOO_LONG);
  });

  it('[H-97] survives a certificate of 60 KB', async () => {
    const names = Array.from(
      { length: 1500 },
      (_, i) => `a-rather-long-name-${i}.of.some.host.test`,
    );
    const huge = makeCert({ ca: root, cn: 'huge', names, usage: clientAuth });
    assert.ok(huge.cert.raw.length > 60_000);
    const server = certServer(sslCliCertRequire);
    await bystand(server, identity(good));
    await expectEcho2(await tlsPeer(server, identity(huge)));
  });

  it('[SSL-30] accepts a good one of openssl s_client', async () => {
    const server = certServer(sslCliCertRequire);
    const file = tempFile('client.pem', good.bundlePem);
    const peer = opensslClient(server, ['-cert', file, '-no_ign_eof', '-quiet']);
    await peer.printed('hello friend');
    assert.equal(clientOf(server).SslPeerCert.SubjectCName, 'client1');
  });

  it('takes RootCA from a file and asks nobody with sslCliCertNone', async () => {
    const server = certServer(sslCliCertRequire, { RootCA: tempFile('root.pem', root.pem) });
    await expectEcho2(await tlsPeer(server, identity(good)));
    const open = certServer(TSslCliCertMethod.sslCliCertNone);
    await expectEcho2(await tlsPeer(open));
    assert.equal(clientOf(open).SslVerifyResult, -1);
  });
});

async function expectEcho2(peer: TlsPeer): Promise<void> {
  assert.equal(await peer.line(), 'hello friend');
  await expectEcho(peer);
}

/** A list of Client Root that names one serial number. */
function revocationList(serial: string): string {
  const folder = tempDir();
  const index = tempFile(
    'index.txt',
    `R\t300101000000Z\t200101000000Z\t${serial}\tunknown\t/CN=revoked\n`,
  );
  const config = tempFile(
    'ca.cnf',
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${index}\ndefault_md=sha256\ndefault_crl_days=30\ndir=${folder}\n`,
  );
  return openssl([
    'ca',
    '-gencrl',
    '-config',
    config,
    '-cert',
    tempFile('r.pem', root.pem),
    '-keyfile',
    tempFile('k.pem', root.keyPem),
  ]);
}
