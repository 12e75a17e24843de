// PKCS #7 files that hold nothing but certificates: .p7b, .p7r, .p7s, .spc, in DER or PEM.
import type { X509Certificate } from 'node:crypto';
import { contextTag, readAsn1, type Asn1 } from './asn1';
import { certFromDer, type CertMaterial } from './certMaterial';
import * as asn1 from './derWriter';
import { OID } from './oids';
import { blockBytes, hasPem, pemBlocks, textOfFile, toPem } from './pem';
import { EX509Exception, reasonOf } from './sslErrors';

const LABELS = new Set(['PKCS7', 'CMS', 'PKCS #7 SIGNED DATA', 'CERTIFICATE']);
const CERTIFICATES = contextTag(0);
const X509 = 0x30;

/** Raises EX509Exception. The set has no order: the certificate is one that issued no other. */
export function readPkcs7(bytes: Buffer): CertMaterial {
  const certs = certsOf(derOf(bytes));
  const fromOthers = certs.filter(({ issuer, subject }) => issuer !== subject);
  const issuers = new Set(fromOthers.map(({ issuer }) => issuer));
  const cert = certs.find(({ subject }) => !issuers.has(subject)) ?? certs[0]!;
  return { cert, key: null, inters: certs.filter((other) => other !== cert) };
}

function derOf(bytes: Buffer): Buffer {
  const text = textOfFile(bytes);
  if (!hasPem(text)) return bytes;
  const block = pemBlocks(text).find(({ label }) => LABELS.has(label));
  if (!block) throw new EX509Exception('No PEM Content Found');
  return blockBytes(block);
}

function certsOf(der: Buffer): X509Certificate[] {
  let certs: X509Certificate[];
  try {
    const [type, content] = readAsn1(der).sequence(2) as [Asn1, Asn1];
    if (type.oid() !== OID.signedData) throw new EX509Exception('no signed data');
    const field = content
      .children()[0]!
      .sequence(3)
      .find(({ tag }) => tag === CERTIFICATES);
    certs = (field?.children() ?? [])
      .filter(({ tag }) => tag === X509)
      .map(({ raw }) => certFromDer(raw));
  } catch (error) {
    throw new EX509Exception(`Error PKCS7 certificate - ${reasonOf(error)}`);
  }
  if (certs.length === 0) throw new EX509Exception('Error PKCS7 certificate - none found');
  return certs;
}

/** Signed data without content and signers. */
export function writePkcs7(certs: readonly X509Certificate[], base64: boolean): Buffer | string {
  const data = asn1.sequence(
    asn1.integer(1),
    asn1.setOf(),
    asn1.sequence(asn1.objectId(OID.data)),
    asn1.tagged(0, ...certs.map(({ raw }) => raw).toSorted(Buffer.compare)),
    asn1.setOf(),
  );
  const bytes = asn1.sequence(asn1.objectId(OID.signedData), asn1.tagged(0, data));
  return base64 ? toPem('PKCS7', bytes) : bytes;
}
