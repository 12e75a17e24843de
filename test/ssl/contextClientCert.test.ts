// Which certificates of clients a context trusts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import * as S from '../../lib/ssl/sslTypes';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { TSslVerifyFlag } from '../../lib/ssl/contextTypes';
import { track } from '../support';
import { makeCA, makeCert, tempDir, tempFile, type TestCert } from '../support/certificates';
import { Script } from '../support/runScript';
import { failure, openssl, serve, session, useFiles } from './sessions';

const ROOT = makeCA({ cn: 'Root' });
const INTER = makeCA({ ca: ROOT, cn: 'Inter' });
const CLIENT = makeCert({ ca: INTER, cn: 'client1', usage: ['clientAuth'] });

function asking(change: (context: TSslContext) => void = () => undefined): TSslContext {
  const made = track(new TSslContext());
  useFiles(made);
  made.SslVerifyPeer = true;
  change(made);
  made.InitContext();
  return made;
}

async function verified(made: TSslContext, client: TestCert = CLIENT): Promise<string> {
  const options = { cert: client.chainPem, key: client.keyPem };
  return (await session(await serve(made), options)).verified;
}

describe('A context with SslVerifyPeer', () => {
  it('asks as SslVerifyPeerModes say, from the next InitContext on', async () => {
    const made = asking();
    assert.deepEqual([made.requestCert, made.requireCert], [true, false]);
    await session(await serve(made));
    made.SslVerifyPeerModes.add(S.SslVerifyMode_FAIL_IF_NO_PEER_CERT);
    assert.equal(made.requireCert, false);
    made.InitContext();
    assert.equal(made.requireCert, true);
    assert.match((await failure(await serve(made), {})).message, /certificate required/);
    made.SslVerifyPeerModes = new Set([S.SslVerifyMode_FAIL_IF_NO_PEER_CERT]);
    made.InitContext();
    assert.deepEqual([made.requestCert, made.requireCert], [false, false]);
    made.SslVerifyPeer = false;
    made.SslVerifyPeerModes = new Set([S.SslVerifyMode_PEER]);
    made.InitContext();
    assert.equal(made.requestCert, false);
  });

  it('trusts nobody by default, not even public roots', async () => {
    const made = asking();
    assert.equal(made.GetCAStoreTotal(), 0);
    assert.notEqual(await verified(made), 'OK');
    const text = await openssl('s_client', '-connect', `127.0.0.1:${await serve(made)}`);
    assert.match(text, /No client certificate CA names sent/);
  });

  it('does not trust what the program trusts otherwise', async () => {
    const files = [makeCert(), CLIENT].map(({ bundlePem }) => tempFile('b.pem', bundlePem));
    process.env.NODE_EXTRA_CA_CERTS = tempFile('root.pem', ROOT.pem);
    const script = new Script('extraRoots', { args: files });
    delete process.env.NODE_EXTRA_CA_CERTS;
    assert.equal((await script.printed('default')).trim(), 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
    assert.equal((await script.printed('node')).trim(), 'OK');
  });

  it('trusts a file, lines, a directory', async () => {
    const file = tempFile('ca.pem', ROOT.pem);
    writeFileSync(path.join(path.dirname(file), 'notes.txt'), 'no certificate in here at all');
    for (const made of [
      asking((context) => (context.SslCAFile = file)),
      asking((context) => (context.SslCALines.Text = ROOT.pem)),
      asking((context) => (context.SslCAPath = path.dirname(file))),
    ]) {
      assert.equal(made.GetCAStoreTotal(), 1);
      assert.equal(await verified(made), 'OK');
      assert.notEqual(await verified(made, makeCert({ cn: 'stranger' })), 'OK');
    }
  });

  it('trusts the shared store alone with UseSharedCAStore', async () => {
    const made = asking((context) => {
      context.UseSharedCAStore = true;
      context.SslCALines.Text = ROOT.pem;
    });
    assert.equal(made.GetCAStoreTotal(), rootCertificates.length);
    assert.notEqual(await verified(made), 'OK');
  });

  it('trusts an intermediate alone with PARTIAL_CHAIN only', async () => {
    const trustInter = (context: TSslContext): string => (context.SslCALines.Text = INTER.pem);
    assert.notEqual(await verified(asking(trustInter)), 'OK');
    const made = asking((context) => {
      trustInter(context);
      context.SslVerifyFlags.add(TSslVerifyFlag.sslX509_V_FLAG_PARTIAL_CHAIN);
    });
    assert.equal(await verified(made), 'OK');
  });

  it('trusts what it is given while intermediates are in SslCertX509', async () => {
    const made = asking((context) => {
      context.SslCertFile = context.SslPrivKeyFile = '';
      const server = makeCert({ ca: INTER });
      context.SslCertX509.LoadFromText(server.bundlePem, S.croYes, S.croYes);
      context.SslCALines.Text = ROOT.pem;
    });
    assert.equal(await verified(made), 'OK');
  });

  it('refuses what a revocation list names', async () => {
    const { crl, ca, revoked, good } = revocation();
    const checking = (change: (context: TSslContext) => void): TSslContext =>
      asking((context) => {
        context.SslCALines.Text = ca.pem;
        change(context);
      });
    const flag = TSslVerifyFlag.sslX509_V_FLAG_CRL_CHECK;
    const unflagged = checking((context) => (context.SslCRLFile = crl));
    assert.equal(await verified(unflagged, revoked), 'OK', 'as in ICS');
    for (const made of [
      checking((context) => {
        context.SslCRLFile = crl;
        context.SslVerifyFlags.add(flag);
      }),
      checking((context) => {
        context.SslCRLPath = path.dirname(crl);
        context.SslVerifyFlags.add(flag);
      }),
    ]) {
      assert.equal(await verified(made, revoked), 'CERT_REVOKED');
      assert.equal(await verified(made, good), 'OK');
    }
    unflagged.LoadCrlFromFile(crl);
    assert.equal(await verified(unflagged, revoked), 'CERT_REVOKED');
    assert.throws(() => unflagged.LoadCrlFromFile('no'), /CRL file not found "no"/);
    assert.throws(() => unflagged.LoadCrlFromPath('no'), /CRL directory not found "no"/);
    const other = tempFile('x.pem', ca.pem);
    assert.throws(() => unflagged.LoadCrlFromFile(other), /Error on reading CRL file ".*x.pem"/);
  });
});

/** A list made by the openssl program that revokes one of two certificates. */
function revocation(): { crl: string; ca: TestCert; revoked: TestCert; good: TestCert } {
  const ca = makeCA({ cn: 'Revoker' });
  const [revoked, good] = [1, 2].map((n) =>
    makeCert({ ca, cn: `c${n}`, usage: ['clientAuth'], serial: Buffer.from([n]) }),
  ) as [TestCert, TestCert];
  const folder = tempDir();
  const at = (name: string, text = ''): string => {
    if (text !== '') writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const lists = tempDir();
  const crl = path.join(lists, 'list.pem');
  writeFileSync(at('index.txt'), 'R\t390101000000Z\t260101000000Z\t01\tunknown\t/CN=c1\n');
  const config = `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index.txt')}\ndefault_md=sha256\n`;
  const files = ['-config', at('ca.cnf', config), '-cert', at('ca.pem', ca.pem)];
  const args = ['ca', '-gencrl', ...files, '-keyfile', at('ca.key', ca.keyPem)];
  execFileSync('openssl', [...args, '-crldays', '30', '-out', crl], { stdio: 'pipe' });
  return { crl, ca, revoked, good };
}
