// TLS on a socket (ICS: TCustomSslWSocket): when a session begins, and what its end means for the
// connection. The session itself is in tlsSession.ts. A socket with SslEnable False is a plain one.
import { TStringList } from '../base/TStringList';
import { WSAECONNABORTED } from '../errors';
import { native } from '../native';
import type { TClientHelloData } from '../ssl/clientHello';
import { ESslContextException } from '../ssl/sslErrors';
import { TSslMode, TSslState, type TTlsExtError } from '../ssl/sslTypes';
import { type TlsFilter } from '../ssl/tlsFilter';
import type { TSslContext } from '../ssl/TSslContext';
import type { TX509Base } from '../ssl/TX509Base';
import { TSocketState, type TVar } from '../types';
import { SslProperties } from './SslProperties';
import { endSession, peerFinished } from './close';
import { postContinue } from './receive';
import * as F from './socketFlags';
import { clearResult, watchSession } from './tlsResult';
import { TlsSession } from './tlsSession';

export class TCustomSslWSocket extends SslProperties {
  /** @internal */
  declare tls: TlsSession | null;

  /**
   * Begins TLS as the server, at any moment of a connection; nothing when SslEnable is False. Plain
   * text that waits unread is thrown away. ESslContextException without SslContext, or when it
   * cannot be initialised.
   */
  AcceptSslHandshake(): void {
    this.startTls(true);
  }

  /** Begins TLS as the client; otherwise as AcceptSslHandshake. */
  StartSslHandshake(): void {
    this.startTls(false);
  }

  /**
   * Ends TLS and keeps the connection: when both sides have said so, OnSslShutDownComplete(True)
   * fires and plain text goes on.
   */
  SslBiShutDownAsync(): void {
    this.tls?.goPlain();
  }

  /** Drops the TLS session without a word to the peer. */
  ResetSSL(): void {
    if (this.tls === null) return;
    const connected = this.socketHandle !== 0;
    this.tls.close();
    this.tls = null;
    clearResult(this);
    this.flags &= ~(F.FILTERED | F.TLS_HANDSHAKE);
    if (connected) native.setFilter(this.socketHandle, false);
  }

  /** The handshake is complete and the session lives. */
  get SslOK(): boolean {
    return this.tls !== null && this.tls.established;
  }

  private startTls(isServer: boolean): void {
    if (!this.SslEnable) return;
    if (this.SslContext === null) throw new ESslContextException('SSL requires a context object');
    if (this.state !== TSocketState.wsConnected) return;
    this.ResetSSL();
    const context = this.SslContext;
    try {
      if (!context.IsCtxInitialized) context.InitContext();
      if (isServer)
        this.TriggerSslSetSessionIDContext({ Value: context.SslDefaultSessionIDContext });
    } catch (E) {
      this.SslState = TSslState.sslNone;
      this.TriggerSslHandshakeDone(1, this.SslPeerCert, { Value: false });
      throw E;
    }
    this.stopDelivery();
    this.SslMode = isServer ? TSslMode.sslModeServer : TSslMode.sslModeClient;
    this.SslState = TSslState.sslHandshakeStarted;
    if (isServer) this.SslServerName = '';
    const session = new TlsSession(this, isServer, context);
    this.tls = session;
    if (!isServer) session.startClient();
    // What has arrived meanwhile belongs to TLS; the kernel has told of it already.
    if (!session.closed) postContinue(this);
  }

  // ---- The way of the bytes --------------------------------------------------------------------

  /** @internal */
  override pullInput(): boolean {
    if (this.tls === null) return true;
    this.tls.pull();
    return this.socketHandle !== 0 && native.more(this.socketHandle) !== 0;
  }

  /** @internal */
  override flushCoalesced(): void {
    this.tls?.flushBatch();
    super.flushCoalesced();
  }

  /** @internal */
  override filterWrite(bytes: Uint8Array): void {
    this.tls?.write(bytes);
  }

  /** @internal */
  override deliverRest(error: number): void {
    const session = this.tls;
    const handle = this.socketHandle;
    if (session !== null) {
      session.pullRest();
      if (this.socketHandle !== handle) return;
      session.failByEnd();
      if (this.socketHandle !== handle) return;
    }
    super.deliverRest(error);
    if (session === null || this.socketHandle !== handle || this.flags & F.PAUSED) return;
    if (error === 0) session.endSession();
    else this.TriggerSslShutDownComplete(false, error);
  }

  /** @internal All data is delivered: what the end of TLS means may be told. */
  override inputDelivered(): void {
    if (this.tls !== null && this.tls.filter?.ended) this.tls.settle();
  }

  // ---- The end ---------------------------------------------------------------------------------

  /** Says goodbye (close_notify) and closes: OnSslShutDownComplete, OnSessionClosed, state. */
  override Close(): void {
    const session = this.tls;
    if (session === null || !session.established) {
      super.Close();
      return;
    }
    const handle = this.socketHandle;
    this.SslState = TSslState.sslInShutdown;
    session.sayGoodbye();
    if (this.socketHandle !== handle) return;
    this.SslState = TSslState.sslShutdownComplete;
    try {
      this.TriggerSslShutDownComplete(false, 0);
    } finally {
      if (this.socketHandle === handle) endSession(this, 0);
    }
  }

  override Abort(): void {
    this.tls?.close();
    super.Abort();
  }

  /** @internal */
  override beforeRelease(): void {
    super.beforeRelease();
    if (this.tls === null) return;
    this.tls.close();
    this.tls = null;
    this.SslEnable = false;
  }

  /** @internal The peer's close_notify, or a broken session. */
  tlsEnded(error: NodeJS.ErrnoException | null): void {
    const handle = this.socketHandle;
    this.SslState = TSslState.sslShutdownComplete;
    const code = error === null ? 0 : WSAECONNABORTED;
    if (error !== null && this.ExplizitSsl) {
      this.tlsGone();
      this.TriggerSslShutDownComplete(false, code);
      return;
    }
    try {
      this.TriggerSslShutDownComplete(false, code);
    } finally {
      if (this.socketHandle === handle) {
        if (code === 0) peerFinished(this);
        else endSession(this, code);
      }
    }
  }

  /** @internal The connection goes on as plain text. */
  tlsGone(): void {
    this.ResetSSL();
    this.SslEnable = false;
  }

  /** @internal Order of ICS: OnSslHandshakeDone, OnSessionClosed(10053), the state. */
  handshakeFailed(code: number, text: string): void {
    const handle = this.socketHandle;
    this.SslState = TSslState.sslHandshakeFailed;
    this.SslHandshakeErr = code;
    this.LastSslError = code;
    this.SslHandshakeRespMsg = text;
    try {
      this.TriggerSslHandshakeDone(code, this.SslPeerCert, { Value: false });
    } catch (E) {
      this.HandleBackGroundException(E, 'TriggerSslHandshakeDone');
    }
    if (this.socketHandle !== handle) return;
    if (this.ExplizitSsl) {
      this.tlsGone();
      this.TriggerSslShutDownComplete(false, code);
    } else {
      endSession(this, WSAECONNABORTED);
    }
  }

  /** @internal */
  tellTlsException(E: unknown): void {
    this.HandleBackGroundException(E, 'TCustomSslWSocket.WndProc');
  }

  // ---- A session begins ------------------------------------------------------------------------

  /** @internal */
  noteHello(hello: TClientHelloData): void {
    this.CliHelloData = hello;
    this.SslServerName = hello.ServerName;
  }

  /** @internal */
  filterOpened(filter: TlsFilter): void {
    watchSession(this, filter);
  }

  /** @internal Node tells of sessions only where somebody listens. */
  wantsSessionEvents(): boolean {
    const stores = this.OnSslSvrNewSession !== null || this.OnSslSvrGetSession !== null;
    return stores || this.OcspStapleRaw !== null;
  }

  /** @internal */
  sessionToResume(): Buffer | null {
    const session: TVar<Buffer | null> = { Value: null };
    if (this.OnSslCliGetSession) this.watch(this.OnSslCliGetSession(this, session));
    return session.Value;
  }

  /** @internal CloseDelayed: a handshake that is not finished needs input to send anything. */
  override needsInputToSend(): boolean {
    return this.tls !== null && this.tls.handshaking;
  }

  /** @internal */
  newClientSession(session: Buffer): void {
    if (this.OnSslCliNewSession) this.watch(this.OnSslCliNewSession(this, session));
  }

  override TriggerSessionConnected(ErrCode: number): void {
    const handle = this.socketHandle;
    super.TriggerSessionConnected(ErrCode);
    if (ErrCode !== 0 || !this.SslEnable || this.tls !== null) return;
    if (this.socketHandle !== handle || this.state !== TSocketState.wsConnected) return;
    if (this.flags & F.DATAGRAM) return;
    this.StartSslHandshake();
  }

  // ---- Triggers --------------------------------------------------------------------------------

  TriggerSslHandshakeDone(ErrCode: number, PeerCert: TX509Base, Disconnect: TVar<boolean>): void {
    if (this.OnSslHandshakeDone)
      this.watch(this.OnSslHandshakeDone(this, ErrCode, PeerCert, Disconnect));
  }

  TriggerSslServerName(Ctx: TVar<TSslContext | null>, ErrCode: TVar<TTlsExtError>): void {
    if (this.OnSslServerName) this.watch(this.OnSslServerName(this, Ctx, ErrCode));
  }

  TriggerSslAlpnSelect(SelProto: TVar<string>, ErrCode: TVar<TTlsExtError>): void {
    if (!this.OnSslAlpnSelect) return;
    const list = new TStringList();
    for (const name of this.CliHelloData?.alpnProtocols ?? []) list.Add(name);
    this.watch(this.OnSslAlpnSelect(this, list, SelProto, ErrCode));
  }

  TriggerSslVerifyPeer(Ok: TVar<number>, Cert: TX509Base): void {
    if (this.OnSslVerifyPeer) this.watch(this.OnSslVerifyPeer(this, Ok, Cert));
  }

  TriggerSslSetSessionIDContext(SessionIDContext: TVar<string>): void {
    if (this.OnSslSetSessionIDContext)
      this.watch(this.OnSslSetSessionIDContext(this, SessionIDContext));
  }

  TriggerSslSvrNewSession(
    SslSession: Buffer,
    SessId: Buffer,
    AddToInternalCache: TVar<boolean>,
  ): void {
    if (this.OnSslSvrNewSession)
      this.watch(this.OnSslSvrNewSession(this, SslSession, SessId, AddToInternalCache));
  }

  TriggerSslSvrGetSession(SslSession: TVar<Buffer | null>, SessId: Buffer): void {
    if (this.OnSslSvrGetSession) this.watch(this.OnSslSvrGetSession(this, SslSession, SessId));
  }

  TriggerSslShutDownComplete(Bidirectional: boolean, ErrCode: number): void {
    if (this.OnSslShutDownComplete)
      this.watch(this.OnSslShutDownComplete(this, Bidirectional, ErrCode));
  }
}

TCustomSslWSocket.prototype.tls = null;
