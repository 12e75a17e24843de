// The public surface of the package: a written list. Names are those of ICS.

// Base (Delphi: System.Classes; OverbyteIcsWndControl)
export { TComponent, TOperation } from './base/TComponent';
export { TStringList } from './base/TStringList';
export { TStrings } from './base/TStrings';
export type { StringsArray } from './base/TStrings';
export { TIcsWndControl, PostMessage, WM_USER } from './pump/TIcsWndControl';
export {
  GetIcsThreadLocalFinalBgExceptionHandling,
  SetIcsThreadLocalFinalBgExceptionHandling,
} from './pump/backgroundException';

// Sockets (OverbyteIcsWSocket)
export { TCustomWSocket } from './socket/TCustomWSocket';
export { TCustomHttpTunnelWSocket } from './socket/TCustomHttpTunnelWSocket';
export { TCustomSocksWSocket } from './socket/TCustomSocksWSocket';
export { TCustomLineWSocket } from './socket/TCustomLineWSocket';
export { TWSocket } from './socket/TWSocket';
export { TSocksWSocket } from './socket/TSocksWSocket';
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
export { TWSocketServer } from './server/TWSocketServer';
export { TWSocketClient } from './server/TWSocketClient';

// Types, enumerations, errors
export * from './types';
export * from './errors';
