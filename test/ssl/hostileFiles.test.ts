// Files made to crash, hang or fill the memory of whoever reads them: each gives a certificate or
// one of the documented exceptions, soon.

import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import {
  croTry,
  croYes,
  EX509Exception,
  ESslTX509Exception,
  TX509Base,
  TX509List,
} from '../../lib';
import { readAsn1 } from '../../lib/ssl/asn1';
import { makeCA, makeCert, tempFile } from '../support/certificates';
import { writePkcs7 } from '../../lib/ssl/pkcs7';
import { raisedBy } from './raisedBy';

const root = makeCA();
const leaf = makeCert({
  ca: root,
  names: ['a.test', '*.b.test'],
  ips: ['127.0.0.1', '::1'],
  subject: { O: 'Org', C: 'DE', emailAddress: 'a@b.test' },
});

/** Slow machines are no failure; work that grows with the square of the input is. */
const LIMIT_MS = 10_000;

let seed = 7;
function random(limit: number): number {
  seed = (seed * 48271) % 0x7fffffff;
  return seed % limit;
}

/** Everything one can ask of what was loaded. */
function readAll(x509: TX509Base): void {
  for (let type: object = x509; type !== Object.prototype; type = Object.getPrototypeOf(type))
    for (const name of Object.getOwnPropertyNames(type)) void x509[name as keyof TX509Base];
  x509.CertInfo();
  x509.CertMainInfo();
  x509.CheckCertAndPKey();
  x509.PostConnectionCheck('a.test');
  const [certs, error] = [{ Value: '' }, { Value: '' }];
  const list = new TX509List();
  list.Add(root.cert);
  x509.ValidateCertChain('a.test', list, certs, error);
  assert.doesNotMatch(error.Value, /^Failed to check/);
}

function attempt(load: (x509: TX509Base) => void): boolean {
  const x509 = new TX509Base();
  try {
    load(x509);
  } catch (error) {
    const isDocumented = error instanceof EX509Exception || error instanceof ESslTX509Exception;
    if (!isDocumented) throw error;
    assert.equal(x509.IsCertLoaded, false);
    return false;
  }
  readAll(x509);
  return true;
}

function mutated(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(copy.length);
    const change = random(4);
    if (change === 0) copy[at] = random(256);
    else if (change === 1) copy[at] = [0x00, 0x7f, 0x80, 0x84, 0xff][random(5)]!;
    else if (change === 2) copy[at]! ^= 1 << random(8);
    else return copy.subarray(0, at);
  }
  return copy;
}

const full = new TX509Base(null, leaf.cert);
full.PrivateKey = leaf.key;
full.X509Inters = [root.cert];

const kinds: Record<string, [Buffer, number, (x509: TX509Base, bytes: Buffer) => void]> = {
  DER: [leaf.cert.raw, 500, (x509, bytes) => x509.LoadFromText(bytes.toString('latin1'))],
  PEM: [
    Buffer.from(leaf.keyPem + leaf.pem + root.pem),
    500,
    (x509, bytes) => x509.LoadFromText(bytes.toString('latin1'), croYes, croYes),
  ],
  'PKCS #12 without encryption': [
    full.SaveToP12Buf('', true),
    40,
    (x509, bytes) => x509.LoadFromP12Buffer(bytes, croTry, croTry, ''),
  ],
  'PKCS #12': [
    full.SaveToP12Buf('x', true),
    20,
    (x509, bytes) => x509.LoadFromP12Buffer(bytes, croYes, croTry, 'x'),
  ],
};

describe('Loading a hostile file', () => {
  for (const [kind, [bytes, rounds, load]] of Object.entries(kinds))
    it(`survives random damage of ${kind}`, () => {
      assert.equal(
        attempt((x509) => load(x509, bytes)),
        true,
      );
      let loaded = 0;
      for (let round = 0; round < rounds; round++) {
        const bad = mutated(bytes);
        if (attempt((x509) => load(x509, bad))) loaded++;
      }
      assert.ok(loaded < rounds, 'nothing was damaged');
    });

  it('survives random damage of PKCS #7', () => {
    const bytes = writePkcs7([leaf.cert, root.cert], false) as Buffer;
    for (let round = 0; round < 100; round++) {
      const file = tempFile('a.p7b', mutated(Buffer.concat([bytes, Buffer.alloc(16)])));
      attempt((x509) => x509.LoadFromFile(file, croTry, croTry));
    }
  });

  it('refuses a file of 100 MB without reading it', () => {
    const file = tempFile('big.pem', leaf.pem);
    truncateSync(file, 100 * 1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    const error = raisedBy(() => new TX509Base().LoadFromFile(file));
    assert.match(error.message, /^File too large ".*big\.pem", the limit is \d+ bytes$/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000);
    const listError = raisedBy(() => new TX509List().LoadAllFromFile(file));
    assert.match(listError.message, /File too large/);
  });

  const size = 8 * 1024 * 1024;
  const texts: Record<string, () => string> = {
    'a million beginnings': () => '-----BEGIN CERTIFICATE-----\n'.repeat(size / 28),
    'a million beginnings and one end': () =>
      `${'-----BEGIN CERTIFICATE-----\n'.repeat(size / 28)}-----END CERTIFICATE-----`,
    'a million ends': () => `-----BEGIN A-----${'-----END B-----\n'.repeat(size / 16)}`,
    'ends before beginnings': () => '-----END A-----\n-----BEGIN A-----\n'.repeat(size / 34),
    'nothing but dashes': () => `-----BEGIN ${'-'.repeat(size)}`,
    'one endless label': () => `-----BEGIN ${'A'.repeat(size)}-----`,
    'one endless line': () =>
      `-----BEGIN CERTIFICATE-----${'A'.repeat(size)}-----END CERTIFICATE-----`,
    'endless blanks': () =>
      `-----BEGIN CERTIFICATE-----${' '.repeat(size)}-----END CERTIFICATE-----`,
    'endless headers': () =>
      `-----BEGIN PRIVATE KEY-----\n${'a:b\n'.repeat(size / 4)}-----END PRIVATE KEY-----${leaf.pem}`,
    'too many small blocks': () => '-----BEGIN A-----\n-----END A-----\n'.repeat(size / 34),
    'too many bad certificates': () =>
      `-----BEGIN CERTIFICATE-----\n${'A'.repeat(400)}\n-----END CERTIFICATE-----\n`.repeat(9000),
  };
  for (const [title, text] of Object.entries(texts))
    it(`is quick with ${title}`, () => {
      const started = performance.now();
      attempt((x509) => x509.LoadFromText(text(), croYes, croYes));
      assert.ok(performance.now() - started < LIMIT_MS);
    });

  const nested = (begin: string, count: number): Buffer =>
    Buffer.concat([Buffer.from(begin.repeat(count), 'hex'), Buffer.alloc(64)]);
  const encodings: Record<string, Buffer> = {
    'sequences without length inside of each other': nested('3080', 1_000_000),
    'octet strings in pieces of pieces': nested('2480', 1_000_000),
    'a length of four gigabytes': Buffer.from(`3084ffffffff${'00'.repeat(64)}`, 'hex'),
    'a length in nine bytes': Buffer.from(`3089010000000000000000${'00'.repeat(64)}`, 'hex'),
    'millions of empty elements': Buffer.concat([
      Buffer.from('3083800000', 'hex'),
      Buffer.alloc(0x800000, Buffer.from('0500', 'hex')),
    ]),
    'a type number without end': Buffer.alloc(100_000, 0xff),
  };
  for (const [title, bytes] of Object.entries(encodings))
    it(`is quick with ${title}`, () => {
      const started = performance.now();
      attempt((x509) => x509.LoadFromP12Buffer(bytes, croYes, croYes, 'x'));
      attempt((x509) => x509.LoadFromText(bytes.toString('latin1')));
      attempt((x509) => x509.LoadFromFile(tempFile('a.p7b', bytes), croTry, croTry));
      assert.ok(performance.now() - started < LIMIT_MS);
    });

  it('reads no byte outside of the buffer', () => {
    for (const hex of ['', '30', '3081', '308201', '300100', '3003020100', '3080', '30800000'])
      for (const bytes of [Buffer.from(hex, 'hex'), Buffer.from(`${hex}ff`, 'hex')])
        try {
          readAsn1(bytes).children();
        } catch (error) {
          assert.ok(error instanceof EX509Exception, `${hex}: ${String(error)}`);
        }
  });
});
