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
export { TCustomSyncWSocket } from './socket/TCustomSyncWSocket';
export { TSyncWSocket } from './socket/TSyncWSocket';
export { TCustomTimeoutWSocket } from './socket/TCustomTimeoutWSocket';
export { TCustomThrottledWSocket } from './socket/TCustomThrottledWSocket';
export { TWSocket } from './socket/TWSocket';
export { TWSocketCounter } from './socket/TWSocketCounter';
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
