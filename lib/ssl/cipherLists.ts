// Cipher lists and groups of OverbyteIcsSslBase, in the notation of OpenSSL.

/** Default of SslCipherList. */
export const sslCiphersNormal = 'ALL:!ADH:RC4+RSA:+SSLv2:@STRENGTH';
/** The same without Diffie-Hellman over finite fields. */
export const sslCiphersNoDH = 'ALL:!ADH:!DH:RC4+RSA:+SSLv2:@STRENGTH';
export const sslCiphersServer =
  'TLSv1+HIGH:!SSLv2:RC4+MEDIUM:!aNULL:!eNULL:!3DES:!CAMELLIA@STRENGTH';

const FORWARD_SECRET_AEAD = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
];

const FOR_OLD_CLIENTS = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'DHE-RSA-AES128-SHA256',
  'DHE-RSA-AES256-SHA256',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
];

const UNFIT = [
  ...['aNULL', 'eNULL', 'EXPORT', 'DES', 'RC4', 'MD5', 'PSK', 'RSAPSK', 'aDH', 'aECDH'],
  ...['EDH-DSS-DES-CBC3-SHA', 'KRB5-DES-CBC3-SHA', 'SRP'],
];

/** Mozilla's intermediate list for TLS 1.2: forward secrecy and authenticated encryption only. */
export const sslCiphersMozillaSrvTLS12 = FORWARD_SECRET_AEAD.join(':');

/** Mozilla's list for old clients. */
export const sslCiphersMozillaSrvBack = [
  ...FORWARD_SECRET_AEAD,
  ...FOR_OLD_CLIENTS,
  'HIGH',
  'SEED',
  ...UNFIT.map((name) => `!${name}`),
].join(':');

/** Default of SslCipherList13. */
export const sslCipherSuitesTLS13 =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';

/** Default of SslCryptoGroups. */
export const sslCryptoGroupsDef = 'P-256:X25519:P-384:P-521';
