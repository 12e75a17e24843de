// The public surface of the package: a written list. Names are those of ICS.

// Base (Delphi: System.Classes; OverbyteIcsWndControl)
export { TComponent, TOperation } from './base/TComponent';
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

// Sockets (OverbyteIcsWSocket)
export { TCustomWSocket } from './socket/TCustomWSocket';
export { TCustomLineWSocket } from './socket/TCustomLineWSocket';
export { TWSocket } from './socket/TWSocket';
export { WM_TRIGGER_EXCEPTION } from './socket/messages';
export { WSocketResolveHost, WSocketResolvePort, WSocketResolveProto } from './socket/names';

// Servers (OverbyteIcsWSocketS)
export { TCustomWSocketServer } from './server/TCustomWSocketServer';
export type { ClientArray, TWSocketClientClass } from './server/TCustomWSocketServer';
export { TCustomMultiListenWSocketServer } from './server/TCustomMultiListenWSocketServer';
export { TWSocketMultiListenCollection } from './server/TWSocketMultiListenCollection';
export { TWSocketMultiListenItem } from './server/TWSocketMultiListenItem';
export type { TWSocketMultiListenItemClass } from './server/TWSocketMultiListenItem';
export { TWSocketServer } from './server/TWSocketServer';
export { TWSocketClient } from './server/TWSocketClient';

// Types, enumerations, errors
export * from './types';
export * from './errors';
