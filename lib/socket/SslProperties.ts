// Properties and events of TLS on a socket (ICS: TCustomSslWSocket). What they hold after a
// handshake is filled in by tlsResult.ts. The Sender of the events is the socket itself; a server
// gives its handlers to its clients, so there it is the client.
import { numberProperties } from '../base/numberProperties';
import { TStringList } from '../base/TStringList';
import type { TClientHelloData } from '../ssl/TClientHelloData';
import { ocspResponseStatus } from '../ssl/ocsp';
import { ESslContextException } from '../ssl/sslErrors';
import { TSslMode, TSslState, type TTlsExtError } from '../ssl/sslTypes';
import { NO_AGREEMENT, type TlsAgreement } from '../ssl/tlsAgreement';
import type { TSslContext } from '../ssl/TSslContext';
import { TX509Base } from '../ssl/TX509Base';
import { TX509List } from '../ssl/TX509List';
import type { TVar } from '../types';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { TCustomSocksWSocket } from './TCustomSocksWSocket';

type Handler<Arguments extends unknown[]> = { bivariant(...args: Arguments): void }['bivariant'];

export type TSslHandshakeDoneEvent<S = object> = Handler<
  [Sender: S, ErrCode: number, PeerCert: TX509Base, Disconnect: TVar<boolean>]
>;
export type TSslServerNameEvent<S = object> = Handler<
  [Sender: S, Ctx: TVar<TSslContext | null>, ErrCode: TVar<TTlsExtError>]
>;
export type TSslAlpnSelectEvent<S = object> = Handler<
  [Sender: S, ProtoList: TStringList, SelProto: TVar<string>, ErrCode: TVar<TTlsExtError>]
>;
export type TSslVerifyPeerEvent<S = object> = Handler<
  [Sender: S, Ok: TVar<number>, Cert: TX509Base]
>;
export type TSslSetSessionIDContextEvent<S = object> = Handler<
  [Sender: S, SessionIDContext: TVar<string>]
>;
export type TSslSvrNewSessionEvent<S = object> = Handler<
  [Sender: S, SslSession: Buffer, SessId: Buffer, AddToInternalCache: TVar<boolean>]
>;
export type TSslSvrGetSessionEvent<S = object> = Handler<
  [Sender: S, SslSession: TVar<Buffer | null>, SessId: Buffer]
>;
export type TSslShutDownCompleteEvent<S = object> = Handler<
  [Sender: S, Bidirectional: boolean, ErrCode: number]
>;
export type TSslCliGetSessionEvent<S = object> = Handler<
  [Sender: S, SslSession: TVar<Buffer | null>]
>;
export type TSslCliNewSessionEvent<S = object> = Handler<[Sender: S, SslSession: Buffer]>;

export type TSslCliCertRequestEvent<S = object> = Handler<
  [Sender: S, Cert: TVar<TX509Base | null>]
>;
export type TSslProtoMsgEvent<S = object> = Handler<
  [
    Sender: S,
    Info: string,
    Sending: number,
    Version: number,
    ContentType: number,
    Buffer: Uint8Array,
    BuffSize: number,
  ]
>;

export abstract class SslProperties extends TCustomSocksWSocket {
  /** The handshake has succeeded (ErrCode 0) or failed; Disconnect := True closes. At most once. */
  declare OnSslHandshakeDone: TSslHandshakeDoneEvent<TCustomSslWSocket> | null;
  /** Server: the client named a host. Ctx may be set to another, initialised context. */
  declare OnSslServerName: TSslServerNameEvent<TCustomSslWSocket> | null;
  /** Server: the client offers protocols; set SelProto and ErrCode := teeOk to choose one. */
  declare OnSslAlpnSelect: TSslAlpnSelectEvent<TCustomSslWSocket> | null;
  /** For each certificate of the peer's chain; Ok is preset with what the check found. */
  declare OnSslVerifyPeer: TSslVerifyPeerEvent<TCustomSslWSocket> | null;
  /** Server: a handshake begins. The id context itself belongs to the context here. */
  declare OnSslSetSessionIDContext: TSslSetSessionIDContextEvent<TCustomSslWSocket> | null;
  /** Server: a session was made that may be stored. */
  declare OnSslSvrNewSession: TSslSvrNewSessionEvent<TCustomSslWSocket> | null;
  /** Server: a client wants to resume the session with this id. */
  declare OnSslSvrGetSession: TSslSvrGetSessionEvent<TCustomSslWSocket> | null;
  /**
   * TLS is over; Bidirectional: the connection goes on as plain text. ErrCode 0: with the peer's
   * close_notify; 294: the peer closed without one, so its last data may be missing; else an
   * error's number.
   */
  declare OnSslShutDownComplete: TSslShutDownCompleteEvent<TCustomSslWSocket> | null;
  /** Client: a session to resume may be given. */
  declare OnSslCliGetSession: TSslCliGetSessionEvent<TCustomSslWSocket> | null;
  /** Client: a session that can be resumed later. */
  declare OnSslCliNewSession: TSslCliNewSessionEvent<TCustomSslWSocket> | null;
  /**
   * Client whose SslContext has no certificate: a certificate with its private key may be given. It
   * is only sent when the server asks for one; ICS fires when the server has asked, here before each
   * handshake. StartSslHandshake raises ESslContextException when the two do not match.
   */
  declare OnSslCliCertRequest: TSslCliCertRequestEvent<TCustomSslWSocket> | null;

  /** TLS on this socket: read when a connection is made, and by AcceptSslHandshake. */
  declare SslEnable: boolean;
  /** Which side of the handshake this socket takes. Default sslModeClient. */
  declare SslMode: TSslMode;
  /** Certificates and settings. Default null. */
  declare SslContext: TSslContext | null;
  /** State of the TLS session. */
  declare SslState: TSslState;
  /** Client: the name to send (SNI) and to check. Server: the name received, in Unicode form. */
  declare SslServerName: string;
  /** Server: what the client's hello said; null before it came. */
  declare CliHelloData: TClientHelloData | null;
  /** First verify code (X509_V_…) of the peer's certificate, -1 before the handshake. */
  declare SslVerifyResult: number;
  /** Text about the handshake: what was negotiated, or why it failed. */
  declare SslHandshakeRespMsg: string;
  /** ErrCode of the last handshake. */
  declare SslHandshakeErr: number;
  declare LastSslError: number;
  declare SslGroupName: string;
  /**
   * True: an established TLS session that breaks does not close the connection: OnSslShutDownComplete
   * fires with an ErrCode and plain text goes on. Whoever uses it must not trust what follows.
   */
  declare ExplizitSsl: boolean;
  /** Server: the OCSP response to staple. Client: the one received. */
  declare OcspStapleRaw: Buffer | null;
  /**
   * Milliseconds a handshake may take (addition); 0: no limit. Default 30,000. A peer that this thread
   * has kept waiting beyond them has them once more.
   */
  declare SslHandshakeTimeout: number;
  /** Bytes of plain text thrown away because TLS began behind them (addition). */
  declare SslDiscardedByteCount: number;

  /** @internal */
  declare peerCert: TX509Base | null;
  /** @internal */
  declare certChain: TX509List | null;
  /** @internal */
  declare acceptable: TStringList | null;
  /** @internal */
  declare agreement: TlsAgreement;

  /** The peer's certificate; empty without one. Filled when certificates are verified. */
  get SslPeerCert(): TX509Base {
    return (this.peerCert ??= new TX509Base(null));
  }

  /** The certificates the peer sent, leaf first, each with its VerifyResult. */
  get SslCertChain(): TX509List {
    return (this.certChain ??= new TX509List(null));
  }

  /** Hosts to accept whatever their certificate: plain storage, the socket never reads it. */
  get SslAcceptableHosts(): TStringList {
    return (this.acceptable ??= new TStringList());
  }

  set SslAcceptableHosts(value: TStringList) {
    this.SslAcceptableHosts.Assign(value);
  }

  /** Replaces SslAcceptableHosts by names separated with ';'. */
  SetAcceptableHostsList(value: string): void {
    const list = this.SslAcceptableHosts;
    list.Clear();
    for (const part of String(value).split(';')) if (part.trim() !== '') list.Add(part.trim());
  }

  /**
   * OCSPResponseStatus of OcspStapleRaw: 0 successful, 1 malformed request, 2 internal error, 3 try
   * later, 5 signature required, 6 unauthorized. -1: there is none. It does not say whether the
   * response is genuine.
   */
  get OcspStapleStatus(): number {
    return this.OcspStapleRaw === null ? -1 : ocspResponseStatus(this.OcspStapleRaw);
  }

  /**
   * Always null: Node.js shows nobody the messages of TLS. Assigning a handler raises
   * ESslContextException, so that a program does not wait for what never comes.
   */
  get OnSslProtoMsg(): null {
    return null;
  }

  set OnSslProtoMsg(value: TSslProtoMsgEvent<TCustomSslWSocket> | null) {
    if (value !== null)
      throw new ESslContextException('OnSslProtoMsg: Node.js does not show the messages of TLS');
  }

  /** Protocol version, `TLSv1.3`. `Unknown` without a session. */
  get SslVersion(): string {
    return this.agreement.version;
  }

  get SslCipher(): string {
    return this.agreement.cipher;
  }

  get SslTotalBits(): number {
    return this.agreement.suite.SslTotalBits;
  }

  get SslSecretBits(): number {
    return this.agreement.suite.SslSecretBits;
  }

  get SslEncryption(): string {
    return this.agreement.suite.SslEncryption;
  }

  get SslMessAuth(): string {
    return this.agreement.suite.SslMessAuth;
  }

  get SslKeyExchange(): string {
    return this.agreement.suite.SslKeyExchange;
  }

  get SslKeyAuth(): string {
    return this.agreement.suite.SslKeyAuth;
  }

  get SslCipherDesc(): string {
    return this.agreement.suite.SslCipherDesc;
  }

  /** Client: the protocol the server chose. */
  get SslAlpnProto(): string {
    return this.agreement.alpnProtocol;
  }

  /** The session continues an earlier one. */
  SslSessionReused(): boolean {
    return this.agreement.isResumed;
  }

  /** Renegotiation does not exist: always False, as in ICS. */
  SslStartRenegotiation(): boolean {
    return false;
  }

  SslRenegotiatePending(): boolean {
    return false;
  }

  SslInRenegotiation(): boolean {
    return false;
  }
}

Object.assign(SslProperties.prototype, {
  OnSslHandshakeDone: null,
  OnSslServerName: null,
  OnSslAlpnSelect: null,
  OnSslVerifyPeer: null,
  OnSslSetSessionIDContext: null,
  OnSslSvrNewSession: null,
  OnSslSvrGetSession: null,
  OnSslShutDownComplete: null,
  OnSslCliGetSession: null,
  OnSslCliNewSession: null,
  OnSslCliCertRequest: null,
  SslEnable: false,
  SslMode: TSslMode.sslModeClient,
  SslContext: null,
  SslState: TSslState.sslNone,
  SslServerName: '',
  CliHelloData: null,
  SslVerifyResult: -1,
  SslHandshakeRespMsg: '',
  SslHandshakeErr: 0,
  LastSslError: 0,
  SslGroupName: '',
  ExplizitSsl: false,
  OcspStapleRaw: null,
  SslDiscardedByteCount: 0,
  peerCert: null,
  certChain: null,
  acceptable: null,
  agreement: NO_AGREEMENT,
});
numberProperties(SslProperties.prototype, { SslHandshakeTimeout: { default: 30000 } });
