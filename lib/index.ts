// The public surface of the package: a written list. Names are those of ICS.

// Base (Delphi: System.Classes; OverbyteIcsWndControl)
export { TComponent, TOperation } from './base/TComponent';
export { TStringList } from './base/TStringList';
export { TStrings } from './base/TStrings';
export type { StringsArray } from './base/TStrings';
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
export { TCustomLineWSocket } from './socket/TCustomLineWSocket';
export { TWSocket } from './socket/TWSocket';
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

// Servers (OverbyteIcsWSocketS)
export { TCustomWSocketServer } from './server/TCustomWSocketServer';
export type { ClientArray, TWSocketClientClass } from './server/TCustomWSocketServer';
export { TCustomMultiListenWSocketServer } from './server/TCustomMultiListenWSocketServer';
export { TWSocketMultiListenCollection } from './server/TWSocketMultiListenCollection';
export { TWSocketMultiListenItem } from './server/TWSocketMultiListenItem';
export type { TWSocketMultiListenItemClass } from './server/TWSocketMultiListenItem';
export { TWSocketServer } from './server/TWSocketServer';
export { TWSocketClient } from './server/TWSocketClient';

// Servers with worker threads (OverbyteIcsWSocketTS)
export { TWSocketThrdServer } from './server/TWSocketThrdServer';
export type { TWsClientThreadClass } from './server/TWSocketThrdServer';
export { TWSocketThrdClient } from './server/TWSocketThrdClient';
export { TWsClientThread } from './server/TWsClientThread';
export { RunClientThread } from './server/threadWorker';

// Types, enumerations, errors
export * from './types';
export * from './errors';
