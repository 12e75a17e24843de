// Enumerations and event signatures of the ICS units (OverbyteIcsTypes, OverbyteIcsWSocket).
// Ordinals are those of ICS. Every enumeration value is also exported under its bare name,
// because that is how Delphi code writes it: wsListening, sfIPv4, wsErrTech.
import type { ESocketException } from './errors';

/** A Delphi `var` parameter: the handler reads and writes `Value`. */
export interface TVar<T> {
  Value: T;
}

/** State of a socket component. wsInvalidState, wsSocksConnected and wsAccepting are never entered. */
export enum TSocketState {
  wsInvalidState,
  wsOpened,
  wsBound,
  wsConnecting,
  wsSocksConnected,
  wsConnected,
  wsAccepting,
  wsListening,
  wsClosed,
  wsDnsLookup,
}
export const {
  wsInvalidState,
  wsOpened,
  wsBound,
  wsConnecting,
  wsSocksConnected,
  wsConnected,
  wsAccepting,
  wsListening,
  wsClosed,
  wsDnsLookup,
} = TSocketState;

/** Display names, indexed by TSocketState. */
export const SocketStateNames: readonly string[] = [
  'Invalid',
  'Opened',
  'Bound',
  'Connecting',
  'SocksConnected',
  'Connected',
  'Accepting',
  'Listening',
  'Closed',
  'DnsLookup',
];

/** Which IP versions a socket may use. */
export enum TSocketFamily {
  sfAny,
  sfAnyIPv4,
  sfAnyIPv6,
  sfIPv4,
  sfIPv6,
}
export const { sfAny, sfAnyIPv4, sfAnyIPv6, sfIPv4, sfIPv6 } = TSocketFamily;

/** Display names, indexed by TSocketFamily. */
export const SocketFamilyNames: readonly string[] = [
  'Any',
  'Prefer IPv4',
  'Prefer IPv6',
  'Only IPv4',
  'Only IPv6',
];
export const DefaultSocketFamily = TSocketFamily.sfIPv4;

/** Style of error messages: with number and function, or in plain words. */
export enum TSocketErrs {
  wsErrTech,
  wsErrFriendly,
}
export const { wsErrTech, wsErrFriendly } = TSocketErrs;

export enum TSocketLingerOnOff {
  wsLingerOff,
  wsLingerOn,
  wsLingerNoSet,
}
export const { wsLingerOff, wsLingerOn, wsLingerNoSet } = TSocketLingerOnOff;

export enum TSocketKeepAliveOnOff {
  wsKeepAliveOff,
  wsKeepAliveOnCustom,
  wsKeepAliveOnSystem,
}
export const { wsKeepAliveOff, wsKeepAliveOnCustom, wsKeepAliveOnSystem } = TSocketKeepAliveOnOff;

/** Members of the set `ComponentOptions`. */
export enum TWSocketOption {
  wsoNoReceiveLoop,
  wsoTcpNoDelay,
  wsoSIO_RCVALL,
  wsoNoHttp10Tunnel,
  wsoNotifyAddressListChange,
  wsoNotifyRoutingInterfaceChange,
  wsoAsyncDnsLookup,
  wsoIcsDnsLookup,
  wsoUseSTD3AsciiRules,
  wsoIgnoreIDNA,
  wsoNoSendException,
}
export const {
  wsoNoReceiveLoop,
  wsoTcpNoDelay,
  wsoSIO_RCVALL,
  wsoNoHttp10Tunnel,
  wsoNotifyAddressListChange,
  wsoNotifyRoutingInterfaceChange,
  wsoAsyncDnsLookup,
  wsoIcsDnsLookup,
  wsoUseSTD3AsciiRules,
  wsoIgnoreIDNA,
  wsoNoSendException,
} = TWSocketOption;
/** A Delphi set of options. */
export type TWSocketOptions = Set<TWSocketOption>;

/** How the client proves itself to an HTTP proxy. htatNtlm is refused: it is not supported. */
export enum THttpTunnelAuthType {
  /** What the proxy asks for: Digest rather than Basic. */
  htatDetect,
  htatNone,
  htatBasic,
  htatDigest,
  htatNtlm,
}
export const { htatDetect, htatNone, htatBasic, htatDigest, htatNtlm } = THttpTunnelAuthType;
/** The types a proxy offers in its answer 407; empty for other answers. */
export type THttpTunnelServerAuthTypes = ReadonlySet<THttpTunnelAuthType>;

/** Where a SOCKS negotiation stands. */
export enum TSocksState {
  socksData,
  socksNegociateMethods,
  socksAuthenticate,
  socksConnect,
}
export const { socksData, socksNegociateMethods, socksAuthenticate, socksConnect } = TSocksState;

/** What a SOCKS 5 client offers to the proxy. */
export enum TSocksAuthentication {
  socksNoAuthentication,
  /** User name and password, and none, as the proxy likes. */
  socksAuthenticateUsercode,
}
export const { socksNoAuthentication, socksAuthenticateUsercode } = TSocksAuthentication;

export enum TSocksAuthState {
  socksAuthStart,
  socksAuthSuccess,
  socksAuthFailure,
  socksAuthNotRequired,
}
export const { socksAuthStart, socksAuthSuccess, socksAuthFailure, socksAuthNotRequired } =
  TSocksAuthState;
/** What OnTimeout tells about. */
export enum TTimeoutReason {
  torConnect,
  torIdle,
}
export const { torConnect, torIdle } = TTimeoutReason;

/** What happens to an exception of a handler when no OnBgException is assigned. */
export enum TIcsFinalBgExceptionHandling {
  /** Swallowed, as in ICS; a process warning says so once per class. */
  fehNone,
  /** Rethrown outside the handler: reaches `process.on('uncaughtException')`. */
  fehAppHandleException,
  /** Written to the console. */
  fehShowException,
}
export const { fehNone, fehAppHandleException, fehShowException } = TIcsFinalBgExceptionHandling;

/** A message as WndProc gets it (Windows: TMessage). */
export interface TMessage {
  readonly Msg: number;
  readonly WParam: number;
  readonly LParam: number;
}

export const INVALID_SOCKET = -1;
export const ICS_ANY_HOST_V4 = '0.0.0.0';
export const ICS_ANY_HOST_V6 = '::';
export const ICS_ANY_PORT = '0';
export const ICS_LOCAL_HOST_V4 = '127.0.0.1';
export const ICS_LOCAL_HOST_V6 = '::1';
export const ICS_LOCAL_HOST_NAME = 'localhost';
export const ICS_BROADCAST_V4 = '255.255.255.255';
export const ICS_BROADCAST_V6 = 'ffff::1';

/**
 * An IPv4 address as Winsock holds it (S_addr): the first number of the text is the lowest byte,
 * 127.0.0.1 is 0x0100007f. Unsigned.
 */
export type TIcsIPv4Address = number;

/** An IPv6 address: eight 16-bit words in the order they are written, 2001:db8:: begins 0x2001. */
export type TIcsIPv6Address = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

// Event signatures. Sender is the component the event belongs to; a handler may be async: a
// rejected promise is treated like an exception thrown in the handler. A handler may name the
// descendant it knows it gets (Client: TMyClient), as one writes a cast in Delphi.
type Handler<Arguments extends unknown[]> = {
  bivariant(...args: Arguments): void;
}['bivariant'];

export type TNotifyEvent<S = object> = Handler<[Sender: S]>;
export type TDataAvailable<S = object> = Handler<[Sender: S, ErrCode: number]>;
export type TDataSent<S = object> = Handler<[Sender: S, ErrCode: number]>;
export type TSessionClosed<S = object> = Handler<[Sender: S, ErrCode: number]>;
export type TSessionConnected<S = object> = Handler<[Sender: S, ErrCode: number]>;
export type TDnsLookupDone<S = object> = Handler<[Sender: S, ErrCode: number]>;
export type TSessionAvailable<S = object> = Handler<[Sender: S, ErrCode: number]>;
export type TSendData<S = object> = Handler<[Sender: S, BytesSent: number]>;
export type TSendQueueEvent<S = object> = Handler<[Sender: S, Queued: number]>;
export type TChangeState<S = object> = Handler<
  [Sender: S, OldState: TSocketState, NewState: TSocketState]
>;
export type TIcsException<S = object> = Handler<[Sender: S, SocExcept: ESocketException]>;
export type TIcsBgExceptionEvent<S = object> = Handler<
  [Sender: S, E: Error, CanClose: TVar<boolean>]
>;
export type TLineLimitEvent<S = object> = Handler<
  [Sender: S, RcvdLength: number, ClearData: TVar<boolean>]
>;
export type TSocksErrorEvent<S = object> = Handler<[Sender: S, Error: number, Msg: string]>;
export type TSocksAuthStateEvent<S = object> = Handler<[Sender: S, AuthState: TSocksAuthState]>;
export type THttpTunnelErrorEvent<S = object> = Handler<
  [Sender: S, ErrCode: number, TunnelServerAuthTypes: THttpTunnelServerAuthTypes, Msg: string]
>;
export type TTimeoutEvent<S = object> = Handler<[Sender: S, Reason: TTimeoutReason]>;
/** OnClientCreate. S is the server, C its ClientClass. */
export type TWSocketClientCreateEvent<S, C> = Handler<[Sender: S, Client: C]>;
/** OnClientConnect and OnClientDisconnect; Error is 0 or a Windows number. */
export type TWSocketClientConnectEvent<S, C> = Handler<[Sender: S, Client: C, Error: number]>;
/** OnThreadCreate and OnBeforeThreadDestroy. S is the server, A its worker. */
export type TThreadNotifyEvent<S, A> = Handler<[Sender: S, AThread: A]>;
/** OnClientAttached and OnClientDetached. */
export type TClientThreadEvent<S, C, A> = Handler<[Sender: S, AClient: C, AThread: A]>;
export type TThreadExceptionEvent<S, A> = Handler<[Sender: S, AThread: A, AErrMsg: string]>;

/** What a line of a log is about (ICS: TLogOption in OverbyteIcsLogger). */
export enum TLogOption {
  loDestEvent,
  loDestFile,
  loDestOutDebug,
  loAddStamp,
  loWsockErr,
  loWsockInfo,
  loWsockDump,
  loSslErr,
  loSslInfo,
  loSslDevel,
  loSslDump,
  loProtSpecErr,
  loProtSpecInfo,
  loProtSpecDump,
  loProgress,
}
export const {
  loDestEvent,
  loDestFile,
  loDestOutDebug,
  loAddStamp,
  loWsockErr,
  loWsockInfo,
  loWsockDump,
  loSslErr,
  loSslInfo,
  loSslDevel,
  loSslDump,
  loProtSpecErr,
  loProtSpecInfo,
  loProtSpecDump,
  loProgress,
} = TLogOption;

/** How much a component's progress event tells (ICS: OverbyteIcsSslHttpRest); each level includes those before it. */
export enum THttpDebugLevel {
  DebugNone,
  /** Listeners, and one line for each request. */
  DebugConn,
  DebugParams,
  DebugSsl,
  /** The head of each request, too. */
  DebugHdr,
  DebugBody,
  DebugChunk,
  DebugAll,
}
export const {
  DebugNone,
  DebugConn,
  DebugParams,
  DebugSsl,
  DebugHdr,
  DebugBody,
  DebugChunk,
  DebugAll,
} = THttpDebugLevel;
