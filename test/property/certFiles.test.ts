// Certificate files and OCSP answers changed at random: the documented exception or a result, soon,
// and nothing is read outside the bytes.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EX509Exception } from '../../lib';
import { type Asn1, readAsn1, stringValue, timeValue } from '../../lib/ssl/asn1';
import { detailsOf } from '../../lib/ssl/certDetails';
import { ocspRequest, readOcspResponse } from '../../lib/ssl/ocsp';
import { blockBytes, pemBlocks, textOfFile } from '../../lib/ssl/pem';
import { readPfx } from '../../lib/ssl/pfx';
import { readPkcs7, writePkcs7 } from '../../lib/ssl/pkcs7';
import { makeCA, makeCert, openssl, tempFile } from '../support/certificates';
import { always, outcomeOf, PARSING_TIMEOUT_MS, surrounded, variantsOf } from './parsing';

const root = makeCA();
const leaf = makeCert({ ca: root, names: ['a.test', '*.b.test'], ips: ['127.0.0.1', '::1'] });
const certs = [leaf.cert, root.cert] as const;

function pfx(): Buffer {
  const bundle = tempFile('bundle.pem', leaf.bundlePem);
  const out = tempFile('out.pfx', '');
  const base = ['pkcs12', '-export', '-in', bundle, '-passout', 'pass:p'];
  openssl([...base, '-iter', '5', '-out', out]);
  return readFileSync(out);
}

/** Everything inside, to a depth no certificate has. */
function walk(element: Asn1, depth = 0): number {
  outcomeOf(() => stringValue(element), EX509Exception);
  outcomeOf(() => timeValue(element), EX509Exception);
  outcomeOf(() => element.oid(), EX509Exception);
  outcomeOf(() => element.octets(), EX509Exception);
  outcomeOf(() => element.smallInteger(), EX509Exception);
  const inside = depth > 30 ? [] : outcomeOf(() => element.children(), EX509Exception);
  if (typeof inside === 'string') return 1;
  return inside.reduce((count, child) => count + walk(child, depth + 1), 1);
}

describe('Property: certificates and their containers changed at random', () => {
  const der = certs.map(({ raw }) => raw);

  it('ASN.1 is read or refused, and reads nothing outside', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(variantsOf(...der), 60, (bytes) => {
      const outcome = (buffer: Buffer): number | string =>
        outcomeOf(() => walk(readAsn1(buffer)), EX509Exception);
      assert.equal(outcome(surrounded(bytes, 0x30)), outcome(surrounded(bytes, 0)));
    });
  });

  it('details of whatever Node still takes for a certificate are read or refused', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    let read = 0;
    always(variantsOf(...der), 600, (bytes) => {
      let cert: X509Certificate;
      try {
        cert = new X509Certificate(bytes);
      } catch {
        return;
      }
      read++;
      outcomeOf(() => detailsOf(cert), EX509Exception);
    });
    assert.ok(read > 0, 'the changes left no certificate at all');
  });

  it('PEM text gives blocks, whose bytes are read or refused', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    const text = Buffer.from(`noise\r\n${leaf.pem}${leaf.keyPem}${root.pem}`);
    always(variantsOf(text, Buffer.concat([Buffer.from([0xff, 0xfe]), text])), 1000, (bytes) => {
      for (const block of pemBlocks(textOfFile(bytes)))
        outcomeOf(() => blockBytes(block), EX509Exception);
    });
  });

  it('PKCS #7 and PKCS #12 are read or refused', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    const p7 = [writePkcs7(certs, false), writePkcs7(certs, true)].map((it) => Buffer.from(it));
    always(variantsOf(...p7), 300, (bytes) => {
      outcomeOf(() => readPkcs7(bytes), EX509Exception);
    });
    const p12 = pfx();
    assert.equal(readPfx(p12, 'p').cert?.serialNumber, certs[0].serialNumber);
    always(variantsOf(p12), 200, (bytes) => {
      outcomeOf(() => readPfx(bytes, 'p'), EX509Exception);
    });
  });

  it('an OCSP answer without a right signature never counts', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    const sample = ocspRequest(...certs);
    // A request, a certificate and a hand-made answer: none is signed by the issuer.
    const answer = Buffer.from(
      '3003 0a0100 300f0a0100a00a3008 06092b0601050507300101'.replace(/ /g, ''),
      'hex',
    );
    always(variantsOf(sample, answer, der[0]!), 1000, (bytes) => {
      const outcome = outcomeOf(() => readOcspResponse(bytes, ...certs), EX509Exception);
      assert.equal(typeof outcome, 'string');
    });
  });
});
