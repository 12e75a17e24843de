// Enumerations for ordering certificates that hosts and certs share (ICS: OverbyteIcsTypes,
// OverbyteIcsSslX509Certs). Ordinals are those of ICS; values are also exported under their bare names.

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
