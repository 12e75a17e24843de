// Files of certificates as they should not be: each host says what is wrong with its own, and the
// others are served.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as ics from '../../lib';
import { makeCert, tempDir } from '../support/certificates';
import { skipTest } from '../support/skipTest';
import { handshake, leaf, withGoodHost } from './hosts';

const own = leaf(['bad.test']);
const other = leaf(['bad.test']);
const locked = String(
  own.key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }),
);

interface Case {
  readonly what: string;
  readonly contents: string | Buffer | null;
  /** What ValidateHosts tells; '' for a file that is fine. */
  readonly text: RegExp | '';
  /** Whose certificate clients of the bad host get; `temporary` is made for it. */
  readonly served: 'own' | 'temporary' | 'good.test';
}

const FAILED = /^Host #0 bad\.test, .*SSL Certificate Failed to Load - .*c\.pem/;
const NO_KEY = /^Host #0 bad\.test, SSL Private Key Can Not Be Blank for .*c\.pem/;
const CASES: readonly Case[] = [
  { what: 'missing', contents: null, text: '', served: 'temporary' },
  { what: 'empty', contents: '', text: FAILED, served: 'temporary' },
  { what: 'binary junk', contents: Buffer.alloc(5000, 0x9c), text: FAILED, served: 'temporary' },
  { what: 'cut off', contents: own.bundlePem.slice(0, -300), text: FAILED, served: 'temporary' },
  { what: 'with a locked key', contents: locked + own.pem, text: NO_KEY, served: 'good.test' },
  {
    what: 'with the key of another',
    contents: other.keyPem + own.pem,
    text: NO_KEY,
    served: 'good.test',
  },
  {
    what: 'with two keys, its own second',
    contents: other.keyPem + own.keyPem + own.pem,
    text: NO_KEY,
    served: 'good.test',
  },
  {
    what: 'with two keys, its own first',
    contents: own.keyPem + other.keyPem + own.pem,
    text: '',
    served: 'own',
  },
  {
    what: 'with CR LF',
    contents: own.bundlePem.replaceAll('\n', '\r\n'),
    text: '',
    served: 'own',
  },
  { what: 'with a BOM', contents: `\ufeff${own.bundlePem}`, text: '', served: 'own' },
];

/** Validates both hosts and asks for a session with each. */
async function check(SslCert: string, text: RegExp | '', served: Case['served']): Promise<void> {
  const { server, host, port } = await withGoodHost({ SslCert });
  const told = server.ValidateHosts(false);
  if (text === '') assert.equal(told, '');
  else assert.match(told, text);
  server.Listen();
  const { name, cert } = await handshake(port, 'bad.test');
  assert.equal(name, served === 'good.test' ? served : 'bad.test');
  assert.equal(cert!.serialNumber === own.cert.serialNumber, served === 'own');
  if (served === 'temporary') assert.match(host.CertErrs, /Created New Local Certificate: /);
  assert.equal((await handshake(port, 'good.test')).name, 'good.test');
}

/** Runs without the rights of root, which may read everything. */
function asAnybody<T>(call: () => T): T {
  if (process.geteuid!() !== 0) return call();
  process.seteuid!(65534);
  try {
    return call();
  } finally {
    process.seteuid!(0);
  }
}

describe('A certificate file', () => {
  for (const { what, contents, text, served } of CASES) {
    it(`[H-110] that is ${what}: the host tells, and the others are served`, async () => {
      const file = path.join(tempDir(), 'c.pem');
      if (contents !== null) fs.writeFileSync(file, contents);
      await check(file, text, served);
    });
  }

  it('[H-110] that is a folder: as if it were missing', async () => {
    const folder = path.join(tempDir(), 'c.pem');
    fs.mkdirSync(folder);
    await check(folder, '', 'temporary');
  });

  it('[H-110] that nobody may read: the host tells, and the others are served', async function () {
    if (process.geteuid === undefined) skipTest(this, 'this system has other rights');
    const folder = tempDir();
    const file = path.join(folder, 'c.pem');
    fs.writeFileSync(file, own.bundlePem, { mode: 0 });
    fs.chmodSync(folder, 0o777);
    const { server, port } = await withGoodHost({ SslCert: file });
    server.IcsHosts.Items[1]!.SslCert = leaf(['good.test']).bundlePem;
    const told = asAnybody(() => server.ValidateHosts(false));
    assert.match(told, FAILED);
    assert.match(told, /permission denied/i);
    server.Listen();
    assert.notEqual((await handshake(port, 'bad.test')).cert!.serialNumber, own.cert.serialNumber);
    assert.equal((await handshake(port, 'good.test')).name, 'good.test');
  });

  it('[H-110] that is a PFX with another password: the host tells, and keeps the file', async () => {
    const { bundlePem, cert } = leaf(['locked.test']);
    const holder = new ics.TX509Base(null);
    holder.LoadFromText(bundlePem, ics.croYes, ics.croTry);
    const folder = tempDir();
    const file = path.join(folder, 'locked_test.pfx');
    holder.SaveToP12File(file, 'secret', false, ics.PrivKeyEncAES256);
    const bytes = fs.readFileSync(file);
    // Under its own name it is also looked for in the place of a missing file.
    const missing = path.join(folder, 'c.pem');
    const { server, host, port } = await withGoodHost({ SslCert: missing }, ['locked.test']);
    assert.match(server.ValidateHosts(false), /Failed to Load - .*locked_test\.pfx, .*password/);
    assert.deepEqual(fs.readFileSync(file), bytes);
    server.Listen();
    assert.notEqual((await handshake(port, 'locked.test')).cert!.serialNumber, cert.serialNumber);
    assert.equal((await handshake(port, 'good.test')).name, 'good.test');
    fs.writeFileSync(missing, bundlePem);
    const info = { Value: '' };
    assert.equal(server.RecheckSslCerts(info, false), true);
    assert.equal(host.SslCert, missing);
    assert.equal((await handshake(port, 'locked.test')).cert!.serialNumber, cert.serialNumber);
  });
});

describe('The dates of a certificate', () => {
  const DAY_MS = 86_400_000;
  for (const { what, days, from = -1, result, text } of [
    { what: 'over since yesterday', days: -1, result: 'Fail', text: /has expired - bad\.test/ },
    { what: 'not begun', from: 1, days: 90, result: 'Fail', text: /not valid yet - bad\.test/ },
    { what: 'a day less than CertExpireDays', days: 29, result: 'Warn', text: /expires on / },
    { what: 'a day more than CertExpireDays', days: 31, result: 'OK', text: /^$/ },
  ]) {
    it(`[H-112] ${what}: chain${result} and its text, the other host is served`, async () => {
      const now = Date.now();
      const notBefore = new Date(now + (days < 0 ? -100 : from) * DAY_MS);
      const cert = makeCert({ ca: own.issuer!, names: ['bad.test'], notBefore, days });
      const { server, host, port } = await withGoodHost({ SslCert: cert.bundlePem });
      assert.equal(server.CertExpireDays, 30);
      assert.match(server.ValidateHosts(false), text);
      assert.equal(ics.TChainResult[host.CertValRes], `chain${result}`);
      assert.equal(host.CertExiry.getTime(), new Date(cert.cert.validTo).getTime());
      server.Listen();
      assert.equal((await handshake(port, 'good.test')).name, 'good.test');
    });
  }
});
