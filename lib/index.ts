// The public surface of the package: a written list. Names are those of ICS.

// Base (Delphi: System.Classes; OverbyteIcsWndControl)
export { TComponent, TOperation } from './base/TComponent';
export { TStringList } from './base/TStringList';
export { TStrings } from './base/TStrings';
export type { StringsArray } from './base/TStrings';
export { TMemIniFile } from './base/TMemIniFile';
export { TIniFile } from './base/TIniFile';
export { TIcsIniFile } from './base/TIcsIniFile';
export { TPersistent } from './base/TPersistent';
export { TCollection, TCollectionNotification } from './base/TCollection';
export type { CollectionItems, TCollectionItemClass } from './base/TCollection';
export { TCollectionItem } from './base/TCollectionItem';
export { TOwnedCollection } from './base/TOwnedCollection';
export { TIcsWndControl, PostMessage, WM_USER } from './pump/TIcsWndControl';
export {
  GetIcsThreadLocalFinalBgExceptionHandling,
  SetIcsThreadLocalFinalBgExceptionHandling,
} from './pump/backgroundException';
export { SetMinMaxIcsAsyncDnsLookupThreads } from './pump/lookups';

// Sockets (OverbyteIcsWSocket)
export { TCustomWSocket } from './socket/TCustomWSocket';
export { TCustomHttpTunnelWSocket } from './socket/TCustomHttpTunnelWSocket';
export { TCustomSocksWSocket } from './socket/TCustomSocksWSocket';
export { TCustomLineWSocket } from './socket/TCustomLineWSocket';
export { TCustomSslWSocket } from './socket/TCustomSslWSocket';
export { TSslWSocket } from './socket/TSslWSocket';
export { TSocksWSocket } from './socket/TSocksWSocket';
export { TCustomSyncWSocket } from './socket/TCustomSyncWSocket';
export { TSyncWSocket } from './socket/TSyncWSocket';
export { TCustomTimeoutWSocket } from './socket/TCustomTimeoutWSocket';
export { TCustomThrottledWSocket } from './socket/TCustomThrottledWSocket';
export { TWSocket } from './socket/TWSocket';
export { TWSocketCounter } from './socket/TWSocketCounter';
export { AF_INET, AF_INET6 } from './socket/ConnectProperties';
export { DropThreadTicket } from './socket/threadTicket';
export type { TThreadTicket, TThreadTicketItem } from './socket/threadTicket';
export { TSockAddr } from './socket/TSockAddr';
export { WM_TRIGGER_EXCEPTION } from './socket/messages';
export { WSocketResolveHost, WSocketResolvePort, WSocketResolveProto } from './socket/names';
export { GetLocalIPList, LocalHostName, LocalIPList } from './socket/localAddresses';

// Addresses, host names, error texts (OverbyteIcsUtils, OverbyteIcsTypes)
export {
  IcsFmtIpv6Addr,
  IcsFmtIpv6AddrPort,
  IcsStripIpv6Addr,
  WSocketIPv4ToStr,
  WSocketIPv6Same,
  WSocketIPv6ToStr,
  WSocketIsDottedIP,
  WSocketIsIP,
  WSocketIsIPEx,
  WSocketIsIPv4,
  WSocketIsIPv6,
  WSocketStrToIPv4,
  WSocketStrToIPv6,
} from './socket/ipText';
export { IcsIDNAToASCII, IcsPunyToASCII, IcsToASCII } from './socket/idna';
export * from './socket/proxyErrors';

// Local network (OverbyteIcsSocketUtils)
export { IcsAddrSameSubNet, IcsGetInterfaceList, IcsIsIpPrivate } from './socket/localAddresses';

// TLS contexts (OverbyteIcsSslBase, OverbyteIcsWSocket)
export { TSslBaseComponent } from './ssl/TSslBaseComponent';
export { TSslContext } from './ssl/TSslContext';
export type { TSslContextRemoveSession } from './ssl/SslContextProperties';
export type { TClientHelloData } from './ssl/TClientHelloData';
export * from './ssl/contextTypes';
export * from './ssl/cipherLists';
export { SslSrvSecurityNames } from './ssl/srvSecurity';

// Certificates (OverbyteIcsSslBase)
export { TX509Base } from './ssl/TX509Base';
export { TX509List } from './ssl/TX509List';
export type { TX509Class } from './ssl/TX509List';
export { IcsSslRootCAStore, TSslRootCAStore } from './ssl/rootStore';
export { IcsUnwrapNames } from './ssl/certInfo';
export { EX509Exception, ESslContextException, ESslTX509Exception } from './ssl/sslErrors';
export * from './ssl/sslTypes';
export * from './ssl/certTypes';
export {
  IcsX509VerifyErrorToStr,
  X509_V_ERR_APPLICATION_VERIFICATION,
  X509_V_ERR_CERT_CHAIN_TOO_LONG,
  X509_V_ERR_CERT_HAS_EXPIRED,
  X509_V_ERR_CERT_NOT_YET_VALID,
  X509_V_ERR_CERT_REVOKED,
  X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
  X509_V_ERR_HOSTNAME_MISMATCH,
  X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
  X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
  X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
  X509_V_ERR_UNSPECIFIED,
  X509_V_OK,
} from './ssl/verifyCodes';

// Ordering of certificates (OverbyteIcsSslX509Certs)
export { TSslX509Certs } from './certs/TSslX509Certs';
export { TSubAltNames } from './certs/TSubAltNames';
export type { TSubAltName } from './certs/TSubAltNames';
export type { ChallengeServer, ChallengeServerOptions } from './certs/challengeServer';
export type { OrderingHost, OrderingServer } from './certs/hostOrder';
export { IcsBuildCertFName } from './certs/certNames';
export * from './certs/x509CertsTypes';

// Hosts of a server (OverbyteIcsWSocketS)
export { TIcsHost } from './hosts/TIcsHost';
export { TIcsHostCollection } from './hosts/TIcsHostCollection';
export { TOcspHttp } from './hosts/TOcspHttp';
export * from './hosts/hostEnums';
export type { HostCertSupplier, HostListener, HostServer } from './hosts/hostTypes';
export { IcsLoadIcsHostsFromIni } from './hosts/loadHosts';
export { IcsLoadTWSocketServerFromIni } from './hosts/loadServer';
export type { TIcsIniProblem, TIcsIniProblemEvent } from './hosts/iniProblems';

// Servers (OverbyteIcsWSocketS)
export { TCustomWSocketServer } from './server/TCustomWSocketServer';
export type { ClientArray, TWSocketClientClass } from './server/TCustomWSocketServer';
export { TCustomMultiListenWSocketServer } from './server/TCustomMultiListenWSocketServer';
export { TWSocketMultiListenCollection } from './server/TWSocketMultiListenCollection';
export { TWSocketMultiListenItem } from './server/TWSocketMultiListenItem';
export type { TWSocketMultiListenItemClass } from './server/TWSocketMultiListenItem';
export { TWSocketServer } from './server/TWSocketServer';
export { TWSocketClient } from './server/TWSocketClient';
export { TSslWSocketServer } from './server/TSslWSocketServer';
export type { TSslCertReloadEvent, TSslContextBeforeInit } from './server/IcsHostsServer';
export type { TClientAlpnChallgEvent } from './server/TSslWSocketClient';
export { TSslWSocketClient } from './server/TSslWSocketClient';
export { TSslWSocketMultiListenItem } from './server/TSslWSocketMultiListenItem';

// Servers with worker threads (OverbyteIcsWSocketTS)
export { TWSocketThrdServer } from './server/TWSocketThrdServer';
export type { TWsClientThreadClass } from './server/TWSocketThrdServer';
export { TWSocketThrdClient } from './server/TWSocketThrdClient';
export { TSslWSocketThrdServer } from './server/TSslWSocketThrdServer';
export { TSslWSocketThrdClient } from './server/TSslWSocketThrdClient';
export { TWsClientThread } from './server/TWsClientThread';
export { RunClientThread } from './server/threadWorker';

// Small web server (OverbyteIcsSslHttpOAuth)
export { TSimpleWebSrv } from './http/TSimpleWebSrv';
export { TSimpleClientSocket } from './http/TSimpleClientSocket';
export * from './http/httpTypes';

// Types, enumerations, errors
export * from './types';
export * from './errors';
