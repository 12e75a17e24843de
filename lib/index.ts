// The public surface of the package: a written list. Names are those of ICS.

// Base (Delphi: System.Classes; OverbyteIcsWndControl)
export { TComponent, TOperation } from './base/TComponent';
export { TIcsWndControl, PostMessage, WM_USER } from './pump/TIcsWndControl';
export {
  GetIcsThreadLocalFinalBgExceptionHandling,
  SetIcsThreadLocalFinalBgExceptionHandling,
} from './pump/backgroundException';

// Sockets (OverbyteIcsWSocket)
export { TCustomWSocket } from './socket/TCustomWSocket';
export { TCustomLineWSocket } from './socket/TCustomLineWSocket';
export { TWSocket } from './socket/TWSocket';
export { AF_INET, AF_INET6 } from './socket/ConnectProperties';
export { TSockAddr } from './socket/TSockAddr';
export { WM_TRIGGER_EXCEPTION } from './socket/messages';
export { WSocketResolveHost, WSocketResolvePort, WSocketResolveProto } from './socket/names';

// Servers (OverbyteIcsWSocketS)
export { TCustomWSocketServer } from './server/TCustomWSocketServer';
export type { ClientArray, TWSocketClientClass } from './server/TCustomWSocketServer';
export { TWSocketServer } from './server/TWSocketServer';
export { TWSocketClient } from './server/TWSocketClient';

// Types, enumerations, errors
export * from './types';
export * from './errors';
