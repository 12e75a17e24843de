// Enumerations and names of IcsHosts (ICS: OverbyteIcsTypes). Ordinals are those of ICS; every value is
// also exported under its bare name.

/** Where a host's certificate comes from. The stores are those of Windows: not available here. */
export enum TSslLoadSource {
  CertLoadFile,
  CertWinStoreMachine,
  CertWinStoreUser,
}
export const { CertLoadFile, CertWinStoreMachine, CertWinStoreUser } = TSslLoadSource;

export * from '../ssl/orderTypes';

/** Protocols of ALPN. */
export const AlpnAcmeTls1 = 'acme-tls/1';
export const AlpnHttp11 = 'http/1.1';
export const AlpnHttp2 = 'h2';
