// Loading of PEM and DER: what is taken, in which order, and the texts for what is wrong.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import tls from 'node:tls';
import { croNo, croTry, croYes, ESslTX509Exception, EX509Exception, TX509Base } from '../../lib';
import type { TCertReadOpt } from '../../lib';
import { makeCA, makeCert, openssl, tempDir, tempFile } from '../support/certificates';
import { onCleanup } from '../support';
import { needsOpenssl } from './needsOpenssl';
import { raisedBy } from './raisedBy';

const root = makeCA();
const inter = makeCA({ ca: root, cn: 'Inter' });
const leaf = makeCert({ ca: inter, names: ['leaf.test'] });
const other = makeCert({ names: ['other.test'] });

function load(file: string, key: TCertReadOpt, inters: TCertReadOpt = croNo, pw = ''): TX509Base {
  const x509 = new TX509Base();
  x509.LoadFromFile(file, key, inters, pw);
  return x509;
}

/** The first certificate a TLS client gets to see, and that one's issuer. */
async function sentChain(x509: TX509Base): Promise<(string | undefined)[]> {
  const server = tls.createServer(x509.secureParts() as tls.TlsOptions);
  onCleanup(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = tls.connect({ port, ca: [root.pem], servername: 'leaf.test' });
  onCleanup(() => client.destroy());
  await new Promise((resolve, reject) => client.on('secureConnect', resolve).on('error', reject));
  assert.equal(client.authorized, true);
  const peer = client.getPeerCertificate(true);
  client.end();
  return [peer.subject.CN, peer.issuerCertificate.subject.CN].map(String);
}

describe('TX509Base.LoadFromFile', () => {
  const orders: Record<string, string[]> = {
    'key, certificate, intermediate': [leaf.keyPem, leaf.pem, inter.pem],
    'certificate, key, intermediate': [leaf.pem, leaf.keyPem, inter.pem],
    'certificate, intermediate, key': [leaf.pem, inter.pem, leaf.keyPem],
  };
  for (const [title, parts] of Object.entries(orders))
    it(`[SSL-3] gives a server the chain to send from ${title}`, async () => {
      const x509 = load(tempFile('a.pem', parts.join('\n')), croYes, croYes);
      assert.equal(x509.InterCount, 1);
      assert.deepEqual(await sentChain(x509), ['leaf.test', 'Inter']);
    });

  it("[SSL-43] refuses a file 'x.txt' by its name", () => {
    const file = tempFile('x.txt', leaf.pem);
    const error = raisedBy(() => load(file, croNo));
    assert.ok(error instanceof EX509Exception);
    assert.equal(error.message, `Unknown certificate file extension - ${file}`);
    for (const name of ['x.PEM', 'x.crt', 'x.cer', 'x.der', '9d66eef0.0', 'x.f'])
      assert.equal(load(tempFile(name, leaf.pem), croNo).SubjectCName, 'leaf.test');
    for (const name of ['x', 'x.10', 'x.g', 'pem'])
      raisedBy(() => load(tempFile(name, leaf.pem), croNo));
  });

  it('[SSL-44] misses the key only when told so', () => {
    const file = tempFile('a.pem', leaf.chainPem);
    const error = raisedBy(() => load(file, croYes));
    assert.equal(error.message, `No private key found in PEM file - ${file}`);
    assert.equal(load(file, croTry).IsPKeyLoaded, false);
    assert.equal(load(file, croTry, croTry).InterCount, 1);
    assert.equal(load(file, croNo, croNo).InterCount, 0);
    assert.equal(load(tempFile('b.pem', leaf.bundlePem), croNo).IsPKeyLoaded, false);
  });

  it('[SSL-44] leaves out a bad key with croTry and reports it with croYes', () => {
    const wrong = tempFile('wrong.pem', other.keyPem + leaf.pem);
    assert.equal(load(wrong, croTry).IsPKeyLoaded, false);
    assert.equal(
      raisedBy(() => load(wrong, croYes)).message,
      `Certificate and private key do not match - ${wrong}`,
    );
    const bad = tempFile('bad.pem', leaf.keyPem.replace(/\n[^-]{8}/, '\nAAAAAAAA') + leaf.pem);
    assert.equal(load(bad, croTry).IsPKeyLoaded, false);
    assert.match(raisedBy(() => load(bad, croYes)).message, /^Error private key - .*bad\.pem$/);
  });

  it('takes the first of two keys', () => {
    const file = tempFile('two.pem', leaf.keyPem + other.keyPem + leaf.pem);
    assert.equal(load(file, croYes).CheckCertAndPKey(), true);
  });

  it('reads encrypted keys of every usual kind, and says when the password is wrong', function () {
    needsOpenssl(this);
    const key = tempFile('k.pem', leaf.keyPem);
    const encrypted = [
      openssl(['pkcs8', '-topk8', '-in', key, '-passout', 'pass:geheim']),
      openssl(['pkcs8', '-topk8', '-in', key, '-passout', 'pass:geheim', '-v1', 'PBE-SHA1-3DES']),
      openssl(['ec', '-in', key, '-aes256', '-passout', 'pass:geheim']),
    ];
    for (const pem of encrypted) {
      const file = tempFile('a.pem', pem + leaf.pem);
      assert.equal(load(file, croYes, croNo, 'geheim').CheckCertAndPKey(), true);
      for (const wrong of ['Geheim', '']) {
        const error = raisedBy(() => load(file, croYes, croNo, wrong));
        assert.match(error.message, /^Error private key - .*a\.pem$/);
      }
      assert.equal(load(file, croTry, croNo, 'x').IsPKeyLoaded, false);
    }
    assert.equal(load(tempFile('b.pem', leaf.bundlePem), croYes, croNo, 'x').IsPKeyLoaded, true);
  });

  it('reads DER, CR LF, a mark, UTF-16, text between blocks, and Base64 in one line', () => {
    const oneLine = leaf.bundlePem.replace(/([^-])\n(?!-)/g, '$1');
    assert.ok(oneLine.split('\n').some((line) => line.length > 300));
    const files: (string | Uint8Array)[] = [
      leaf.cert.raw,
      leaf.bundlePem.replaceAll('\n', '\r\n'),
      `\ufeff${leaf.bundlePem}`,
      Buffer.from(`\ufeff${leaf.bundlePem}`, 'utf16le'),
      `subject=-----\n-----BEGIN JUNK-----\nx\n${leaf.bundlePem}\n-----BEGIN CERTIFICATE-----\n`,
      oneLine,
      leaf.bundlePem.replaceAll('\n', ''),
    ];
    for (const [at, contents] of files.entries()) {
      const x509 = load(tempFile('a.cer', contents), at === 0 ? croNo : croYes);
      assert.equal(x509.Sha256Hex, new TX509Base(null, leaf.cert).Sha256Hex, `file ${at}`);
    }
  });

  it('skips blocks that are too short to be certificates', () => {
    const short = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    assert.equal(load(tempFile('a.pem', short + leaf.pem), croNo).SubjectCName, 'leaf.test');
    const file = tempFile('b.pem', short);
    const error = raisedBy(() => load(file, croNo));
    assert.equal(error.message, `No X509 Base64 certificate found - ${file}`);
  });

  it('has a text for everything else that can be wrong', () => {
    const text = (contents: string): string => {
      const file = tempFile('a.pem', contents);
      return raisedBy(() => load(file, croNo)).message.replace(` - ${file}`, '');
    };
    assert.equal(text('-----BEGIN CERTIFICATE-----\nAAAA'), 'No PEM Content Found');
    assert.equal(text('no certificate at all'), 'Error reading X509 DER certificate');
    const broken = leaf.pem.replace(/\n[^-]{8}/, '\nAAAAAAAA');
    assert.match(text(leaf.pem + broken), /^Error Cert 2 - [a-z0-9A-Z]/);
    const long = broken.replace(/([^-])\n(?!-)/g, '$1');
    assert.equal(text(long), 'Error Cert 1 - Maximum line length in PEM file is 64');
    const odd = leaf.pem.replace(/\n[^-]{8}/, '\n!!!!!!!!');
    assert.equal(text(odd), 'Error Cert 1 - bad Base64');
  });

  it('says why a file cannot be read, and never waits for one', function () {
    const folder = tempDir();
    const text = (name: string): string => {
      const error = raisedBy(() => load(path.join(folder, name), croNo));
      assert.ok(error instanceof ESslTX509Exception);
      return error.message.replace(folder + path.sep, '');
    };
    assert.equal(text('none.pem'), 'File not found "none.pem"');
    assert.equal(text('no\0ne.pem'), 'File not found "no\0ne.pem"');
    writeFileSync(path.join(folder, 'short.pem'), '123456789012345');
    assert.equal(text('short.pem'), 'File empty "short.pem"');
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [path.join(folder, 'fifo.pem')]);
    assert.equal(text('fifo.pem'), 'File empty "fifo.pem"'.replace('File empty', 'Not a file'));
    execFileSync('ln', ['-s', folder, path.join(folder, 'dir.pem')]);
    assert.equal(text('dir.pem'), 'Not a file "dir.pem"');
  });

  it('is empty after a failed load from a file, unchanged after one from text', () => {
    const x509 = load(tempFile('a.pem', leaf.bundlePem), croYes, croYes);
    raisedBy(() => x509.LoadFromText(leaf.pem + inter.pem.slice(0, -60), croYes, croYes));
    raisedBy(() => x509.LoadFromText(other.pem));
    assert.deepEqual([x509.SubjectCName, x509.CheckCertAndPKey()], ['leaf.test', true]);
    assert.equal(x509.InterCount, 1);
    raisedBy(() => x509.LoadFromFile('none.pem'));
    assert.deepEqual([x509.IsCertLoaded, x509.IsPKeyLoaded, x509.InterCount], [false, false, 0]);
  });

  it('gives the reason back instead of raising in the Ex variants', () => {
    const x509 = new TX509Base();
    const errs = { Value: 'old' };
    x509.LoadFromFileEx('none.pem', croNo, croNo, '', errs);
    assert.equal(errs.Value, 'File not found "none.pem"');
    x509.LoadFromTextEx(leaf.chainPem, croYes, croNo, '', errs);
    assert.equal(errs.Value, 'No private key found in PEM file');
    x509.LoadFromTextEx(leaf.bundlePem, croYes, croYes, '', errs);
    assert.equal(errs.Value, '');
    assert.equal(x509.CheckCertAndPKey(), true);
  });
});

describe('TX509Base.PrivateKeyLoadFromPemFile', () => {
  it('adds the key of another file, if it is the right one', () => {
    const x509 = new TX509Base(null, leaf.cert);
    const wrong = tempFile('wrong.pem', other.keyPem);
    assert.equal(
      raisedBy(() => x509.PrivateKeyLoadFromPemFile(wrong)).message,
      `Certificate and private key do not match - ${wrong}`,
    );
    const none = tempFile('none.pem', leaf.pem);
    const error = raisedBy(() => x509.PrivateKeyLoadFromPemFile(none));
    assert.ok(error instanceof ESslTX509Exception);
    assert.equal(
      error.message,
      `Can't read private key file: No private key found in PEM file - ${none}`,
    );
    assert.equal(x509.IsPKeyLoaded, false);
    x509.PrivateKeyLoadFromPemFile(tempFile('right.pem', leaf.keyPem));
    assert.equal(x509.CheckCertAndPKey(), true);
    assert.match(x509.PrivateKeyInfo, /^ECDSA Key Encryption prime256v1 256 bits/);
    x509.LoadIntersFromString(inter.pem + root.pem);
    assert.equal(x509.InterCount, 2);
    assert.match(x509.ListInters(), /^Total 2\r\n#1 Issued to \(CN\): Inter\r\n/);
  });
});
