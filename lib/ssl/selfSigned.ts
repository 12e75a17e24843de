// A certificate that signs itself, for tests, intranets and as a stopgap until a real one is there,
// and the keys for it. Synchronous; with an EC key it takes about a millisecond.
import { generateKeyPairSync, type KeyObject, type X509Certificate } from 'node:crypto';
import { certName, makeCertificate, type ExtraExtension, type SubjectParts } from './certBuilder';
import { TSslPrivKeyType } from './certTypes';

const DAY_MS = 86_400_000;
/** Clocks of clients may be behind. */
const BACKDATE_MS = 3_600_000;
/** Longest common name (RFC 5280, ub-common-name); longer names are in subjectAltName only. */
const MAX_COMMON_NAME = 64;

export interface SelfSignedOptions {
  /** DNS names; the first one becomes the common name unless CommonName is given. */
  readonly names?: readonly string[];
  readonly ips?: readonly string[];
  readonly commonName?: string;
  /** Further parts of the subject. */
  readonly subject?: SubjectParts;
  /** Validity from now, in days. Default 365. */
  readonly days?: number;
  /** Default PrivKeyECsecp256. */
  readonly keyType?: TSslPrivKeyType;
  /** A key to use instead of a new one. */
  readonly key?: KeyObject;
  /** E.g. the acmeIdentifier of a tls-alpn-01 challenge. */
  readonly extra?: readonly ExtraExtension[];
}

export interface CertAndKey {
  readonly cert: X509Certificate;
  readonly key: KeyObject;
}

/** Raises EX509Exception for a name or address that cannot be in a certificate. */
export function makeSelfSigned(options: SelfSignedOptions): CertAndKey {
  const { names = [], ips = [], days = 365, subject = {}, extra = [] } = options;
  const key = options.key ?? generateKey(options.keyType ?? TSslPrivKeyType.PrivKeyECsecp256);
  const now = Date.now();
  const cert = makeCertificate({
    subject: { ...subject, CN: commonName(options) },
    dns: names,
    ips,
    key,
    extra,
    extKeyUsage: ['serverAuth', 'clientAuth'],
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + days * DAY_MS),
  });
  return { cert, key };
}

function commonName({ commonName: given, names = [], ips = [] }: SelfSignedOptions): string {
  if (given !== undefined) return given;
  const first = names[0] === undefined ? (ips[0] ?? '') : certName(names[0]);
  return first.length <= MAX_COMMON_NAME ? first : '';
}

const RSA_BITS: Readonly<Partial<Record<TSslPrivKeyType, number>>> = {
  [TSslPrivKeyType.PrivKeyRsa3072]: 3072,
  [TSslPrivKeyType.PrivKeyRsa4096]: 4096,
  [TSslPrivKeyType.PrivKeyRsa7680]: 7680,
  [TSslPrivKeyType.PrivKeyRsa15360]: 15360,
  [TSslPrivKeyType.PrivKeyRsaPss3072]: 3072,
  [TSslPrivKeyType.PrivKeyRsaPss4096]: 4096,
  [TSslPrivKeyType.PrivKeyRsaPss7680]: 7680,
  [TSslPrivKeyType.PrivKeyRsaPss15360]: 15360,
};
const CURVES: Readonly<Partial<Record<TSslPrivKeyType, string>>> = {
  [TSslPrivKeyType.PrivKeyECsecp256]: 'prime256v1',
  [TSslPrivKeyType.PrivKeyECsecp384]: 'secp384r1',
  [TSslPrivKeyType.PrivKeyECsecp512]: 'secp521r1',
  [TSslPrivKeyType.PrivKeyECsecp256k]: 'secp256k1',
};
const SMALLEST_RSA = 2048;

/** A new private key. As in ICS, RSA keys have at least 2048 bits. RSA keys take long to find. */
export function generateKey(type: TSslPrivKeyType): KeyObject {
  const namedCurve = CURVES[type];
  if (namedCurve) return generateKeyPairSync('ec', { namedCurve }).privateKey;
  if (type === TSslPrivKeyType.PrivKeyEd25519) return generateKeyPairSync('ed25519').privateKey;
  const modulusLength = RSA_BITS[type] ?? SMALLEST_RSA;
  const isPss =
    type >= TSslPrivKeyType.PrivKeyRsaPss2048 && type <= TSslPrivKeyType.PrivKeyRsaPss15360;
  if (!isPss) return generateKeyPairSync('rsa', { modulusLength }).privateKey;
  return generateKeyPairSync('rsa-pss', { modulusLength }).privateKey;
}
