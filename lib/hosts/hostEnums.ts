// Enumerations and names of IcsHosts (ICS: OverbyteIcsTypes). Ordinals are those of ICS; every value is
// also exported under its bare name.

/** Where a host's certificate comes from. The stores are those of Windows: not available here. */
export enum TSslLoadSource {
  CertLoadFile,
  CertWinStoreMachine,
  CertWinStoreUser,
}
export const { CertLoadFile, CertWinStoreMachine, CertWinStoreUser } = TSslLoadSource;

/** Who certificates are ordered from. */
export enum TSupplierProto {
  SuppProtoNone,
  SuppProtoOwnCA,
  SuppProtoAcmeV2,
  SuppProtoCertCentre,
  SuppProtoServtas,
}
export const {
  SuppProtoNone,
  SuppProtoOwnCA,
  SuppProtoAcmeV2,
  SuppProtoCertCentre,
  SuppProtoServtas,
} = TSupplierProto;

/** How a supplier is shown that the host belongs to who orders. */
export enum TChallengeType {
  ChallNone,
  ChallFileUNC,
  ChallFileFtp,
  ChallFileSrv,
  ChallFileApp,
  ChallDnsAuto,
  ChallDnsMan,
  ChallEmail,
  ChallAlpnUNC,
  ChallAlpnSrv,
  ChallAlpnApp,
  ChallManual,
}
export const {
  ChallNone,
  ChallFileUNC,
  ChallFileFtp,
  ChallFileSrv,
  ChallFileApp,
  ChallDnsAuto,
  ChallDnsMan,
  ChallEmail,
  ChallAlpnUNC,
  ChallAlpnSrv,
  ChallAlpnApp,
  ChallManual,
} = TChallengeType;

/** Digests of signatures. */
export enum TEvpDigest {
  Digest_md5,
  Digest_mdc2,
  Digest_sha1,
  Digest_sha224,
  Digest_sha256,
  Digest_sha384,
  Digest_sha512,
  Digest_ripemd160,
  Digest_sha3_224,
  Digest_sha3_256,
  Digest_sha3_384,
  Digest_sha3_512,
  Digest_shake128,
  Digest_shake256,
  Digest_None,
}
export const {
  Digest_md5,
  Digest_mdc2,
  Digest_sha1,
  Digest_sha224,
  Digest_sha256,
  Digest_sha384,
  Digest_sha512,
  Digest_ripemd160,
  Digest_sha3_224,
  Digest_sha3_256,
  Digest_sha3_384,
  Digest_sha3_512,
  Digest_shake128,
  Digest_shake256,
  Digest_None,
} = TEvpDigest;

/** Protocols of ALPN. */
export const AlpnAcmeTls1 = 'acme-tls/1';
export const AlpnHttp11 = 'http/1.1';
export const AlpnHttp2 = 'h2';
