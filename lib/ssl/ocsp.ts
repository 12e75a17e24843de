// Questions about the status of a certificate and their answers (OCSP, RFC 6960). An answer counts
// only for the certificate it was asked for, within its dates, and signed by the issuer or by whom the
// issuer has authorised.
import { createHash, verify, type KeyObject, type X509Certificate } from 'node:crypto';
import { contextTag, readAsn1, readWholeAsn1, Tag, timeValue, type Asn1 } from './asn1';
import { certFromDer } from './certMaterial';
import { detailsOf } from './certDetails';
import { isIssuedBy } from './chain';
import * as asn1 from './derWriter';
import { EX509Exception } from './sslErrors';

const SHA1 = '1.3.14.3.2.26';
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const EXT_KEY_USAGE = '2.5.29.37';
const ENUMERATED = 0x0a;
/** Clocks differ. */
const SKEW_MS = 300_000;
const MAX_RESPONDER_CERTS = 8;
const REASONS = [
  '',
  'malformed request',
  'internal error',
  'try later',
  '',
  'signature required',
  'unauthorized',
];
const DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

export interface OcspAnswer {
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: Date;
  /** null: newer information is always available. */
  readonly nextUpdate: Date | null;
}

interface CertId {
  readonly nameHash: Buffer;
  readonly keyHash: Buffer;
  readonly serial: Buffer;
}

const sha1 = (bytes: Buffer): Buffer => createHash('sha1').update(bytes).digest();

function certIdOf(cert: X509Certificate, issuer: X509Certificate): CertId {
  const key = issuer.publicKey.export({ type: 'spki', format: 'der' });
  const hex = cert.serialNumber;
  return {
    nameHash: sha1(detailsOf(cert).issuerDer),
    keyHash: sha1(readAsn1(key).sequence(2)[1]!.bits()),
    serial: Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'),
  };
}

/** DER of a request for the status of one certificate, without a nonce: answers can be cached. */
export function ocspRequest(cert: X509Certificate, issuer: X509Certificate): Buffer {
  const { nameHash, keyHash, serial } = certIdOf(cert, issuer);
  const id = asn1.sequence(
    asn1.sequence(asn1.objectId(SHA1), asn1.nothing()),
    asn1.octetString(nameHash),
    asn1.octetString(keyHash),
    asn1.integer(serial),
  );
  const list = asn1.sequence(asn1.sequence(id));
  return asn1.sequence(asn1.sequence(list));
}

/** OCSPResponseStatus of an answer, 0 for success; -1 when it is none. */
export function ocspResponseStatus(der: Buffer): number {
  try {
    return statusCode(readWholeAsn1(der).sequence(1)[0]!);
  } catch {
    return -1;
  }
}

function statusCode(status: Asn1): number {
  return status.expect(ENUMERATED).content[0] ?? -1;
}

/** Checks an answer. Raises EX509Exception with the reason when it does not count. */
export function readOcspResponse(
  der: Buffer,
  cert: X509Certificate,
  issuer: X509Certificate,
): OcspAnswer {
  const [status, field] = readWholeAsn1(der).sequence(1);
  const code = statusCode(status!);
  if (code !== 0 || !field) throw new EX509Exception(`OCSP responder: ${REASONS[code] || code}`);
  const [type, body] = field.expect(contextTag(0)).children()[0]!.sequence(2);
  if (type!.oid() !== BASIC_RESPONSE) throw new EX509Exception('OCSP: unknown kind of response');
  const parts = readWholeAsn1(body!.octets()).sequence(3);
  const [data, algorithm, signature, certs] = parts as [Asn1, Asn1, Asn1, Asn1?];
  checkSignature(data, algorithm, signature, signersOf(issuer, certs));
  return answerFor(certIdOf(cert, issuer), responsesOf(data));
}

/** The issuer, and certificates it has issued for signing answers. */
function signersOf(issuer: X509Certificate, field: Asn1 | undefined): KeyObject[] {
  const list = field?.expect(contextTag(0)).children()[0]?.sequence() ?? [];
  const certs = list.slice(0, MAX_RESPONDER_CERTS).map(({ raw }) => certFromDer(raw));
  const authorised = certs.filter((cert) => maySign(cert) && isIssuedBy(cert, issuer));
  return [issuer, ...authorised].map(({ publicKey }) => publicKey);
}

function maySign(cert: X509Certificate): boolean {
  const { extensions, notBefore, notAfter } = detailsOf(cert);
  const now = Date.now();
  if (!(notBefore.getTime() <= now + SKEW_MS && now <= notAfter.getTime())) return false;
  const usage = extensions.find(({ oid }) => oid === EXT_KEY_USAGE);
  if (!usage) return false;
  return readAsn1(usage.value)
    .sequence()
    .some((purpose) => purpose.oid() === OCSP_SIGNING);
}

function checkSignature(
  data: Asn1,
  algorithm: Asn1,
  signature: Asn1,
  keys: readonly KeyObject[],
): void {
  const oid = algorithm.sequence(1)[0]!.oid();
  const digest = DIGESTS[oid];
  if (digest === undefined) throw new EX509Exception(`OCSP: unknown signature algorithm ${oid}`);
  const bits = signature.bits();
  const isSigned = keys.some((key) => {
    try {
      return verify(digest, data.raw, key, bits);
    } catch {
      return false; // a key of another kind
    }
  });
  if (!isSigned) throw new EX509Exception('OCSP: bad signature of the response');
}

/** SingleResponse elements of ResponseData. */
function responsesOf(data: Asn1): Asn1[] {
  const fields = data.sequence(3);
  const list = fields.find(({ tag }) => tag === Number(Tag.Sequence));
  if (!list) throw new EX509Exception('OCSP: no answer inside');
  return list.sequence();
}

function answerFor(wanted: CertId, responses: readonly Asn1[]): OcspAnswer {
  for (const response of responses) {
    const [id, status, thisField, ...rest] = response.sequence(3) as [Asn1, Asn1, Asn1, ...Asn1[]];
    if (!isSame(id, wanted)) continue;
    const nextField = rest.find(({ tag }) => tag === contextTag(0))?.children()[0];
    const thisUpdate = timeValue(thisField);
    const nextUpdate = nextField ? timeValue(nextField) : null;
    if (!thisUpdate || nextUpdate === undefined) throw new EX509Exception('OCSP: bad date');
    const now = Date.now();
    if (thisUpdate.getTime() > now + SKEW_MS) throw new EX509Exception('OCSP: not valid yet');
    if (nextUpdate && nextUpdate.getTime() < now) throw new EX509Exception('OCSP: out of date');
    return { status: statusOf(status), thisUpdate, nextUpdate };
  }
  throw new EX509Exception('OCSP: answer for another certificate');
}

function statusOf({ tag }: Asn1): OcspAnswer['status'] {
  if (tag === contextTag(0, false)) return 'good';
  return tag === contextTag(1) ? 'revoked' : 'unknown';
}

function isSame(id: Asn1, wanted: CertId): boolean {
  const [algorithm, name, key, serial] = id.sequence(4) as [Asn1, Asn1, Asn1, Asn1];
  if (algorithm.sequence(1)[0]!.oid() !== SHA1) return false;
  const number = serial.expect(Tag.Integer).content;
  return (
    name.octets().equals(wanted.nameHash) &&
    key.octets().equals(wanted.keyHash) &&
    withoutZeros(number).equals(withoutZeros(wanted.serial))
  );
}

function withoutZeros(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.alloc(0) : number.subarray(first);
}
