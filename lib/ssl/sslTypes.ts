// Enumerations of ICS's TLS units (OverbyteIcsTypes, OverbyteIcsSslBase). Ordinals are those of ICS.
// Every value is also exported under its bare name, as Delphi code writes it.

/** State of the TLS session of a connection. */
export enum TSslState {
  sslNone,
  sslHandshakeInit,
  sslHandshakeStarted,
  sslHandshakeFailed,
  sslEstablished,
  sslInShutdown,
  sslShutdownComplete,
}
export const {
  sslNone,
  sslHandshakeInit,
  sslHandshakeStarted,
  sslHandshakeFailed,
  sslEstablished,
  sslInShutdown,
  sslShutdownComplete,
} = TSslState;

/** Which side of the handshake a socket takes. */
export enum TSslMode {
  sslModeClient,
  sslModeServer,
}
export const { sslModeClient, sslModeServer } = TSslMode;

/** Protocol versions. sslVerSSL3 reads "the oldest there is" (TLS 1.0), sslVerMax "the newest". */
export enum TSslVerMethod {
  sslVerSSL3,
  sslVerTLS1,
  sslVerTLS1_1,
  sslVerTLS1_2,
  sslVerTLS1_3,
  sslVerMax,
}
export const { sslVerSSL3, sslVerTLS1, sslVerTLS1_1, sslVerTLS1_2, sslVerTLS1_3, sslVerMax } =
  TSslVerMethod;

/** How the peer is asked for a certificate; OpenSSL's bits. */
export enum TSslVerifyPeerMode {
  SslVerifyMode_NONE = 0,
  SslVerifyMode_PEER = 1,
  SslVerifyMode_FAIL_IF_NO_PEER_CERT = 2,
  SslVerifyMode_CLIENT_ONCE = 4,
}
export const {
  SslVerifyMode_NONE,
  SslVerifyMode_PEER,
  SslVerifyMode_FAIL_IF_NO_PEER_CERT,
  SslVerifyMode_CLIENT_ONCE,
} = TSslVerifyPeerMode;

/** OpenSSL's security levels. */
export enum TSslSecLevel {
  sslSecLevelAny,
  sslSecLevel80bits,
  sslSecLevel112bits,
  sslSecLevel128bits,
  sslSecLevel192bits,
  sslSecLevel256bits,
}
export const {
  sslSecLevelAny,
  sslSecLevel80bits,
  sslSecLevel112bits,
  sslSecLevel128bits,
  sslSecLevel192bits,
  sslSecLevel256bits,
} = TSslSecLevel;

/** Shortcut for the settings of a client context. */
export enum TSslCliSecurity {
  sslCliSecIgnore,
  sslCliSecNone,
  sslCliSecSsl3Only,
  sslCliSecTls1Only,
  sslCliSecTls11Only,
  sslCliSecTls12Only,
  sslCliSecTls13Only,
  sslCliSecTls1,
  sslCliSecTls11,
  sslCliSecTls12,
  sslCliSecBack,
  sslCliSecInter,
  sslCliSecHigh,
  sslCliSecHigh128,
  sslCliSecHigh192,
}
export const {
  sslCliSecIgnore,
  sslCliSecNone,
  sslCliSecSsl3Only,
  sslCliSecTls1Only,
  sslCliSecTls11Only,
  sslCliSecTls12Only,
  sslCliSecTls13Only,
  sslCliSecTls1,
  sslCliSecTls11,
  sslCliSecTls12,
  sslCliSecBack,
  sslCliSecInter,
  sslCliSecHigh,
  sslCliSecHigh128,
  sslCliSecHigh192,
} = TSslCliSecurity;

/** Shortcut for the settings of a server context. */
export enum TSslSrvSecurity {
  sslSrvSecNone,
  sslSrvSecSsl3,
  sslSrvSecBack,
  sslSrvSecInter,
  sslSrvSecInterFS,
  sslSrvSecHigh,
  sslSrvSecHigh128,
  sslSrvSecHigh192,
  sslSrvSecTls12Less,
  sslSrvSecTls13Only,
}
export const {
  sslSrvSecNone,
  sslSrvSecSsl3,
  sslSrvSecBack,
  sslSrvSecInter,
  sslSrvSecInterFS,
  sslSrvSecHigh,
  sslSrvSecHigh128,
  sslSrvSecHigh192,
  sslSrvSecTls12Less,
  sslSrvSecTls13Only,
} = TSslSrvSecurity;

/** Whether clients must show a certificate. */
export enum TSslCliCertMethod {
  sslCliCertNone,
  sslCliCertOptional,
  sslCliCertRequire,
}
export const { sslCliCertNone, sslCliCertOptional, sslCliCertRequire } = TSslCliCertMethod;

/** Members of the set SslSessionCacheModes. */
export enum TSslSessCacheMode {
  sslSESS_CACHE_CLIENT,
  sslSESS_CACHE_SERVER,
  sslSESS_CACHE_NO_AUTO_CLEAR,
  sslSESS_CACHE_NO_INTERNAL_LOOKUP,
  sslSESS_CACHE_NO_INTERNAL_STORE,
}
export const {
  sslSESS_CACHE_CLIENT,
  sslSESS_CACHE_SERVER,
  sslSESS_CACHE_NO_AUTO_CLEAR,
  sslSESS_CACHE_NO_INTERNAL_LOOKUP,
  sslSESS_CACHE_NO_INTERNAL_STORE,
} = TSslSessCacheMode;

/** Answer of OnSslServerName and OnSslAlpnSelect. */
export enum TTlsExtError {
  teeOk,
  teeAlertWarning,
  teeAlertFatal,
  teeNoAck,
}
export const { teeOk, teeAlertWarning, teeAlertFatal, teeNoAck } = TTlsExtError;

/** What a missing part of a certificate file means: not read, tried, an error. */
export enum TCertReadOpt {
  croNo,
  croTry,
  croYes,
}
export const { croNo, croTry, croYes } = TCertReadOpt;

/** Result of ValidateCertChain. */
export enum TChainResult {
  chainOK,
  chainFail,
  chainWarn,
  chainNone,
}
export const { chainOK, chainFail, chainWarn, chainNone } = TChainResult;

/** Kept for ported code; OpenSSL chooses by SslCryptoGroups. */
export enum TSslECDHMethod {
  sslECDHNone,
  sslECDHAuto,
  sslECDH_P256,
  sslECDH_P384,
  sslECDH_P521,
}
export const { sslECDHNone, sslECDHAuto, sslECDH_P256, sslECDH_P384, sslECDH_P521 } =
  TSslECDHMethod;

/** Members of the set SslOptions2: OpenSSL's SSL_OP_ constants of these names. */
export enum TSslOption2 {
  sslOpt2_CIPHER_SERVER_PREFERENCE,
  sslOpt2_NO_RENEGOTIATION,
  sslOpt2_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
  sslOpt2_NO_COMPRESSION,
  sslOpt2_NO_ENCRYPT_THEN_MAC,
  sslOpt2_NO_TICKET,
  sslOpt2_NO_SSLv3,
  sslOpt2_NO_TLSv1,
  sslOpt2_NO_TLSv1_1,
  sslOpt2_NO_TLSv1_2,
  sslOpt2_NO_TLSv1_3,
  sslOpt2_TLS_ROLLBACK_BUG,
  sslOpt2_DONT_INSERT_EMPTY_FRAGMENTS,
  sslOpt2_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
  sslOpt2_TLSEXT_PADDING,
  sslOpt2_SAFARI_ECDHE_ECDSA_BUG,
  sslOpt2_CISCO_ANYCONNECT,
  sslOpt2_LEGACY_SERVER_CONNECT,
  sslOpt2_ALLOW_NO_DHE_KEX,
}
export const {
  sslOpt2_CIPHER_SERVER_PREFERENCE,
  sslOpt2_NO_RENEGOTIATION,
  sslOpt2_NO_SESSION_RESUMPTION_ON_RENEGOTIATION,
  sslOpt2_NO_COMPRESSION,
  sslOpt2_NO_ENCRYPT_THEN_MAC,
  sslOpt2_NO_TICKET,
  sslOpt2_NO_SSLv3,
  sslOpt2_NO_TLSv1,
  sslOpt2_NO_TLSv1_1,
  sslOpt2_NO_TLSv1_2,
  sslOpt2_NO_TLSv1_3,
  sslOpt2_TLS_ROLLBACK_BUG,
  sslOpt2_DONT_INSERT_EMPTY_FRAGMENTS,
  sslOpt2_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
  sslOpt2_TLSEXT_PADDING,
  sslOpt2_SAFARI_ECDHE_ECDSA_BUG,
  sslOpt2_CISCO_ANYCONNECT,
  sslOpt2_LEGACY_SERVER_CONNECT,
  sslOpt2_ALLOW_NO_DHE_KEX,
} = TSslOption2;

export const sslCliSecDefault = TSslCliSecurity.sslCliSecTls12;
export const sslSrvSecDefault = TSslSrvSecurity.sslSrvSecHigh;
