// What OpenSSL knows about a cipher suite, from the suite's name: Node tells nothing else.

/** Properties of TSslWSocket that describe the suite of a session. */
export interface CipherInfo {
  /** Bits of the key. */
  readonly SslTotalBits: number;
  /** Bits of strength: less than the key has for 3DES and for short tags. */
  readonly SslSecretBits: number;
  /** `AESGCM(256)` */
  readonly SslEncryption: string;
  /** `AEAD`, `SHA256` … */
  readonly SslMessAuth: string;
  /** `ECDH`, `any` with TLS 1.3. */
  readonly SslKeyExchange: string;
  /** `RSA`, `any` with TLS 1.3. */
  readonly SslKeyAuth: string;
  /** The line of `openssl ciphers -v`, single blanks between its parts. */
  readonly SslCipherDesc: string;
}

export const NO_CIPHER: CipherInfo = {
  SslTotalBits: 0,
  SslSecretBits: 0,
  SslEncryption: '',
  SslMessAuth: '',
  SslKeyExchange: '',
  SslKeyAuth: '',
  SslCipherDesc: '',
};

/** Pattern, key exchange, authentication; the first that fits counts. */
const KEY_RULES: readonly (readonly [RegExp, string, string])[] = [
  [/^TLS_/, 'any', 'any'],
  [/^ECDHE-ECDSA-/, 'ECDH', 'ECDSA'],
  [/^ECDHE-PSK-/, 'ECDHEPSK', 'PSK'],
  [/^ECDHE-/, 'ECDH', 'RSA'],
  [/^DHE-RSA-/, 'DH', 'RSA'],
  [/^DHE-DSS-/, 'DH', 'DSS'],
  [/^DHE-PSK-/, 'DHEPSK', 'PSK'],
  [/^RSA-PSK-/, 'RSAPSK', 'RSA'],
  [/^PSK-/, 'PSK', 'PSK'],
  [/^AECDH-/, 'ECDH', 'None'],
  [/^ADH-/, 'DH', 'None'],
  [/^SRP-RSA-/, 'SRP', 'RSA'],
  [/^SRP-DSS-/, 'SRP', 'DSS'],
  [/^SRP-/, 'SRP', 'SRP'],
  [/^/, 'RSA', 'RSA'],
];

/** Pattern, name, bits of strength when they are not those of the key, bits of the key. */
const ENCRYPTION_RULES: readonly (readonly [RegExp, string, (number | undefined)?, number?])[] = [
  [/CHACHA20[-_]POLY1305/, 'CHACHA20/POLY1305', undefined, 256],
  [/AES[-_]?(\d+)[-_]GCM/, 'AESGCM'],
  [/AES[-_]?(\d+)[-_]CCM_?8/, 'AESCCM8', 64],
  [/AES[-_]?(\d+)[-_]CCM/, 'AESCCM'],
  [/ARIA(\d+)-GCM/, 'ARIAGCM'],
  [/CAMELLIA(\d+)/, 'Camellia'],
  [/AES-?(\d+)/, 'AES'],
  [/3DES|DES-CBC3/, '3DES', 112, 168],
  [/SEED/, 'SEED', undefined, 128],
  [/RC4/, 'RC4', undefined, 128],
  [/IDEA/, 'IDEA', undefined, 128],
];
const AEAD = /GCM|CCM|POLY1305/;

/** More than OpenSSL has suites, in both spellings. */
const MAX_KNOWN = 500;
const known = new Map<string, CipherInfo>();

/** `name` in the spelling of OpenSSL or of tls.getCiphers(); null for a name that is no suite's. */
export function cipherInfo(name: string): CipherInfo | null {
  const found = known.get(name);
  if (found) return found;
  const suite = name.toUpperCase();
  const encryption = encryptionOf(suite);
  if (!encryption) return null;
  const info = describe(suite, encryption);
  if (known.size < MAX_KNOWN) known.set(name, info);
  return info;
}

function describe(suite: string, encryption: Encryption): CipherInfo {
  const [, SslKeyExchange, SslKeyAuth] = KEY_RULES.find(([pattern]) => pattern.test(suite))!;
  const SslMessAuth = messageAuthOf(suite);
  const parts = [suite, versionOf(suite), `Kx=${SslKeyExchange}`, `Au=${SslKeyAuth}`];
  return {
    SslTotalBits: encryption.total,
    SslSecretBits: encryption.secret,
    SslEncryption: encryption.text,
    SslMessAuth,
    SslKeyExchange,
    SslKeyAuth,
    SslCipherDesc: [...parts, `Enc=${encryption.text}`, `Mac=${SslMessAuth}`].join(' '),
  };
}

interface Encryption {
  readonly text: string;
  readonly total: number;
  readonly secret: number;
}

function encryptionOf(suite: string): Encryption | null {
  for (const [pattern, text, strength, size] of ENCRYPTION_RULES) {
    const found = pattern.exec(suite);
    if (!found) continue;
    const total = size ?? Number(found[1]);
    return { text: `${text}(${total})`, total, secret: strength ?? total };
  }
  return /(?:^|-)NULL-/.test(suite) ? { text: 'None', total: 0, secret: 0 } : null;
}

function messageAuthOf(suite: string): string {
  if (AEAD.test(suite)) return 'AEAD';
  const hash = suite.slice(suite.lastIndexOf('-') + 1);
  return hash === 'SHA' ? 'SHA1' : hash;
}

/** The oldest version that has the suite. */
function versionOf(suite: string): string {
  if (suite.startsWith('TLS_')) return 'TLSv1.3';
  if (AEAD.test(suite)) return 'TLSv1.2';
  const isNewHash = /SHA(?:256|384)$/.test(suite);
  if (suite.includes('PSK-')) return isNewHash || suite.startsWith('ECDHE') ? 'TLSv1' : 'SSLv3';
  if (isNewHash) return 'TLSv1.2';
  return /^A?ECDH/.test(suite) ? 'TLSv1' : 'SSLv3';
}
