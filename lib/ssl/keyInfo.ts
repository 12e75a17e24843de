// One-line description of a key: kind, size and strength (ICS: KeyInfo, PrivateKeyInfo).
import type { KeyObject } from 'node:crypto';

interface Curve {
  readonly bits: number;
  readonly strength: number;
}

const CURVES: Readonly<Record<string, Curve>> = {
  secp192k1: { bits: 192, strength: 80 },
  prime192v1: { bits: 192, strength: 80 },
  secp224r1: { bits: 224, strength: 112 },
  secp256k1: { bits: 256, strength: 128 },
  prime256v1: { bits: 256, strength: 128 },
  brainpoolP256r1: { bits: 256, strength: 128 },
  secp384r1: { bits: 384, strength: 192 },
  brainpoolP384r1: { bits: 384, strength: 192 },
  brainpoolP512r1: { bits: 512, strength: 256 },
  secp521r1: { bits: 521, strength: 256 },
};

const FIXED: Readonly<Record<string, string>> = {
  ed25519: 'ED25519 Key Encryption 256 bits, 128 security bits',
  ed448: 'ED448 Key Encryption 456 bits, 224 security bits',
  x25519: 'X25519 Key Encryption 253 bits, 128 security bits',
  x448: 'X448 Key Encryption 448 bits, 224 security bits',
};

const KINDS: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  'rsa-pss': 'RSA-PSS',
  dsa: 'DSA',
  dh: 'DH',
};

/** `RSA Key Encryption 2048 bits, 112 security bits` */
export function keyText(key: KeyObject): string {
  const type = key.asymmetricKeyType ?? '';
  const details = key.asymmetricKeyDetails ?? {};
  if (FIXED[type]) return FIXED[type];
  if (type === 'ec') return curveText(details.namedCurve ?? '');
  const kind = KINDS[type] ?? type.toUpperCase();
  const bits = details.modulusLength ?? 0;
  return `${kind} Key Encryption ${bits} bits, ${modulusStrength(bits)} security bits`;
}

function curveText(name: string): string {
  const curve = CURVES[name];
  if (!curve) return `ECDSA Key Encryption ${name}`.trimEnd();
  const { bits, strength } = curve;
  return `ECDSA Key Encryption ${name} ${bits} bits, ${strength} security bits`;
}

const STRENGTHS: Readonly<Record<number, number>> = {
  2048: 112,
  3072: 128,
  4096: 152,
  6144: 176,
  7680: 192,
  8192: 200,
  15360: 256,
};

/** Sizes between the usual ones: the formula of NIST (FIPS 140-2 IG 7.5), in steps of 8. */
function modulusStrength(bits: number): number {
  if (bits < 8) return 0;
  const listed = STRENGTHS[bits];
  if (listed !== undefined) return listed;
  const size = bits * Math.LN2;
  const strength = (1.923 * Math.cbrt(size * Math.log(size) ** 2) - 4.69) / Math.LN2;
  const cap = bits <= 7680 ? 192 : bits <= 15360 ? 256 : 1200;
  return Math.min(cap, Math.floor((strength + 4) / 8) * 8);
}
