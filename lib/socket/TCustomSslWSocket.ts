// TLS on a socket (ICS: TCustomSslWSocket): when a session begins, and what its end means for the
// connection. The session itself is in tlsSession.ts. A socket with SslEnable False is a plain one.
import { TStringList } from '../base/TStringList';
import { WSAECONNABORTED } from '../errors';
import { native } from '../native';
import { SSL_R_UNEXPECTED_EOF, tlsErrorNumber } from '../ssl/alerts';
import type { TClientHelloData } from '../ssl/TClientHelloData';
import { ESslContextException } from '../ssl/sslErrors';
import { TSslMode, TSslState, type TTlsExtError } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import type { TX509Base } from '../ssl/TX509Base';
import { TSocketState, type TVar } from '../types';
import { SslProperties } from './SslProperties';
import { endSession, peerFinished, readFailure } from './close';
import { postContinue } from './receive';
import { flushQueue, sendBytes } from './send';
import * as F from './socketFlags';
import type { TlsEngine } from '../ssl/tlsEngine';
import { clearResult, failedHandshake, watchSession } from './tlsResult';
import { TlsSession } from './tlsSession';

export class TCustomSslWSocket extends SslProperties {
  /** @internal */
  declare tls: TlsSession | null;
  /** @internal Sent before the session that is about to begin: never in clear. */
  declare preTls: Uint8Array[] | null;
  /** Input was reported while that session was waited for. */
  declare private inputTold: boolean;

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
    if (this.tls?.goPlain()) this.SslState = TSslState.sslInShutdown;
  }

  /** Drops the TLS session without a word to the peer. */
  ResetSSL(): void {
    if (this.tls === null) return;
    this.tls.close();
    this.tls = null;
    clearResult(this);
    this.flags &= ~(F.FILTERED | F.TLS_HANDSHAKE);
    if (this.socketHandle === 0) return;
    native.setFilter(this.socketHandle, false);
    postContinue(this); // the kernel may hold more than TLS has taken
  }

  /** The handshake is complete and the session lives. */
  get SslOK(): boolean {
    return this.tls !== null && this.tls.established;
  }

  private startTls(isServer: boolean): void {
    if (!this.SslEnable) return;
    if (this.SslContext === null) throw new ESslContextException('SSL requires a context object');
    if (this.state !== TSocketState.wsConnected || this.negotiating) return;
    this.ResetSSL();
    const context = this.SslContext;
    const handle = this.socketHandle;
    try {
      if (!context.IsCtxInitialized) context.InitContext();
      if (isServer)
        this.TriggerSslSetSessionIDContext({ Value: context.SslDefaultSessionIDContext });
      if (this.socketHandle === handle && this.tls === null) this.beginTls(isServer, context);
    } catch (E) {
      if (this.socketHandle !== handle) throw E; // a handler's, and the end was told
      this.ResetSSL();
      this.SslState = TSslState.sslNone;
      this.TriggerSslHandshakeDone(1, this.SslPeerCert, { Value: false });
      throw E;
    }
  }

  private beginTls(isServer: boolean, context: TSslContext): void {
    this.stopDelivery();
    if (this.flags & F.COALESCED) flushQueue(this); // the reply in clear goes first
    if (this.socketHandle === 0) return;
    this.SslMode = isServer ? TSslMode.sslModeServer : TSslMode.sslModeClient;
    this.SslState = TSslState.sslHandshakeStarted;
    const session = new TlsSession(this, context);
    this.tls = session;
    const untold = this.preTls !== null && !this.inputTold; // the kernel tells of what has arrived
    const early = this.takeHeldOutput();
    for (const bytes of early) session.write(bytes);
    if (isServer) {
      this.SslServerName = '';
      session.startServer();
    } else {
      session.startClient();
    }
    // What has arrived meanwhile belongs to TLS, and may have been told already.
    if (!session.closed && !untold) postContinue(this);
  }

  // ---- The way of the bytes --------------------------------------------------------------------

  /** @internal */
  override pullInput(): boolean {
    if (this.tls === null) {
      this.inputTold = true;
      return this.preTls === null;
    }
    this.tls.pull();
    return this.socketHandle !== 0 && native.more(this.socketHandle) !== 0;
  }

  /** @internal */
  override flushCoalesced(): void {
    try {
      this.tls?.flushBatch();
    } catch (E) {
      this.HandleBackGroundException(E, 'TCustomWSocket.TryToSend'); // OnSendData has thrown
    }
    super.flushCoalesced();
  }

  /** @internal */
  override filterWrite(bytes: Uint8Array): void {
    if (this.tls !== null) {
      this.tls.write(bytes);
    } else if (this.SslEnable && this.preTls !== null) {
      this.preTls.push(Buffer.from(bytes));
      this.queued += bytes.length;
      this.plainQueued += bytes.length;
    } else {
      this.releaseOutput();
      if (this.socketHandle !== 0) sendBytes(this, bytes, 0, bytes.length);
    }
  }

  /** @internal What is done with typed bytes as they arrive: LINE_ constants. */
  get typingMode(): number {
    return 0;
  }

  /** @internal A session is about to begin, behind a handler: what that one sends waits for it. */
  holdOutput(): void {
    if (this.tls !== null || this.preTls !== null || this.socketHandle === 0) return;
    this.preTls = [];
    this.inputTold = false;
    this.flags |= F.FILTERED;
  }

  /** @internal No session after all: what was sent goes out in clear. */
  releaseOutput(): void {
    if (this.preTls === null) return;
    this.flags &= ~F.FILTERED;
    const held = this.takeHeldOutput();
    const handle = this.socketHandle;
    for (const bytes of held)
      if (this.socketHandle === handle) sendBytes(this, bytes, 0, bytes.length);
    if (this.socketHandle === handle) postContinue(this);
  }

  /** @internal The session that was to begin never does: nobody could use the connection. */
  abandonHeld(): void {
    if (this.preTls === null) return;
    if (this.SslEnable) this.Abort();
    else this.releaseOutput();
  }

  /** @internal What was sent behind holdOutput; it is the caller's now. */
  protected takeHeldOutput(): readonly Uint8Array[] {
    const held = this.preTls ?? [];
    this.preTls = null;
    for (const { length } of held) {
      this.queued -= length;
      this.plainQueued -= length;
    }
    return held;
  }

  /** @internal */
  override deliverRest(told: number): void {
    if (this.preTls !== null) return; // it was never meant to be read in clear
    const session = this.tls;
    const handle = this.socketHandle;
    let error = told;
    if (session !== null) {
      this.deliverAllOf(session);
      if (this.socketHandle !== handle || this.flags & F.PAUSED) return;
      error ||= readFailure(this);
      if (error === 0) session.finish();
      if (this.socketHandle !== handle) return;
      session.failByEnd();
      if (this.socketHandle !== handle) return;
    }
    super.deliverRest(error);
    if (session === null || this.socketHandle !== handle || this.flags & F.PAUSED) return;
    if (error === 0) session.endSession();
    else session.broken(error);
  }

  // The kernel may hold far more ciphertext than is decrypted in one go.
  private deliverAllOf(session: TlsSession): void {
    const handle = this.socketHandle;
    while (session.pull() && !(this.flags & F.PAUSED)) {
      const waiting = native.available(handle, 0);
      this.deliverAll();
      if (session.closed || this.socketHandle !== handle) return;
      if (waiting > 0 && native.available(handle, 0) >= waiting) return; // nobody takes it
    }
  }

  /** @internal Everything that TLS has decrypted. */
  deliverDecrypted(): void {
    if (!(this.flags & F.CLOSE_WHEN_SENT)) super.deliverRest(0);
  }

  /** @internal The application has taken something: decryption goes on, or the end is told. */
  override inputDelivered(): void {
    if (this.tls?.mayGoOn && !(this.flags & F.PAUSED)) postContinue(this);
  }

  /** @internal Ciphertext cannot be taken back: only what is still plaintext is dropped. */
  override DeleteBufferedData(): void {
    if (this.preTls !== null) {
      this.takeHeldOutput();
      this.preTls = [];
    } else if (this.tls === null) {
      super.DeleteBufferedData();
    } else {
      this.tls.dropBatch();
    }
  }

  /** @internal Ending the sending direction says close_notify first. */
  protected override shutDirections(how: number): void {
    if (how === 0 || this.tls === null) super.shutDirections(how);
    else this.tls.shutDirections(how);
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
    session.endQuietly();
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
    for (const { length } of this.takeHeldOutput()) this.DroppedByteCount += length;
    const session = this.tls;
    if (session === null) return;
    this.tls = null;
    this.SslEnable = false;
    if (this.socketHandle === 0) session.close();
    else if (session.leave()) this.flags |= F.SPEAKING;
  }

  /** @internal The peer's close_notify, its FIN without one (`truncated`), or a broken session. */
  tlsEnded(error: Error | null, truncated: boolean): void {
    const handle = this.socketHandle;
    this.SslState = TSslState.sslShutdownComplete;
    if (truncated) this.LastSslError = SSL_R_UNEXPECTED_EOF;
    if (error !== null) this.LastSslError = tlsErrorNumber(error);
    const code = error === null && !truncated ? 0 : this.LastSslError;
    if (error !== null && this.ExplizitSsl) {
      this.tlsGone();
      this.TriggerSslShutDownComplete(false, code);
      return;
    }
    try {
      this.TriggerSslShutDownComplete(false, code);
    } finally {
      if (this.socketHandle === handle) {
        if (error === null) peerFinished(this);
        else endSession(this, WSAECONNABORTED);
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
    this.noteHandshakeFailure(code, text);
    // Whatever ExplizitSsl says: going on in clear would be what an attacker wants.
    if (this.socketHandle === handle) endSession(this, WSAECONNABORTED);
  }

  private noteHandshakeFailure(code: number, text: string): void {
    this.SslState = TSslState.sslHandshakeFailed;
    this.SslHandshakeErr = code;
    this.LastSslError = code;
    this.SslHandshakeRespMsg = text;
    try {
      this.TriggerSslHandshakeDone(code, this.SslPeerCert, { Value: false });
    } catch (E) {
      this.HandleBackGroundException(E, 'TriggerSslHandshakeDone');
    }
  }

  // ---- A session begins ------------------------------------------------------------------------

  /** @internal */
  noteHello(hello: TClientHelloData): void {
    this.CliHelloData = hello;
    this.SslServerName = hello.ServerName;
  }

  /** @internal */
  filterOpened(filter: TlsEngine): void {
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

  /** @internal As in ICS nothing is shown without a key. */
  certToShow(): TX509Base | null {
    const cert: TVar<TX509Base | null> = { Value: null };
    this.TriggerSslCliCertRequest(cert);
    return cert.Value?.IsCertLoaded && cert.Value.IsPKeyLoaded ? cert.Value : null;
  }

  /** @internal CloseDelayed: a handshake that is not finished needs input to send anything. */
  override needsInputToSend(): boolean {
    return this.preTls !== null || this.tls?.handshaking === true;
  }

  /** @internal */
  newClientSession(session: Buffer): void {
    if (this.OnSslCliNewSession) this.watch(this.OnSslCliNewSession(this, session));
  }

  /** A connection that breaks in the handshake: OnSslHandshakeDone tells it first. */
  override TriggerSessionClosed(ErrCode: number): void {
    const inHandshake = this.SslState === TSslState.sslHandshakeStarted;
    if (inHandshake && ErrCode !== 0 && !(this.flags & F.CLOSE_SIGNALLED)) {
      const { code, text } = failedHandshake(null);
      this.noteHandshakeFailure(code, text);
    }
    super.TriggerSessionClosed(ErrCode);
  }

  override TriggerSessionConnected(ErrCode: number): void {
    const handle = this.socketHandle;
    const begins = ErrCode === 0 && this.SslEnable && !(this.flags & F.DATAGRAM);
    if (begins) this.holdOutput();
    try {
      super.TriggerSessionConnected(ErrCode);
    } catch (E) {
      if (!begins) throw E;
      this.HandleBackGroundException(E, 'TriggerSessionConnected');
    }
    if (!begins || this.socketHandle !== handle || this.tls !== null) return;
    if (this.SslEnable) this.startOrAbort();
    else this.releaseOutput();
  }

  // Without its session the connection is of no use to either side, whatever OnBgException says.
  private startOrAbort(): void {
    const handle = this.socketHandle;
    try {
      this.StartSslHandshake();
    } catch (E) {
      this.HandleBackGroundException(E, 'TriggerSessionConnected, StartSslHandshake');
      if (this.socketHandle === handle) this.Abort();
    }
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

  TriggerSslCliCertRequest(Cert: TVar<TX509Base | null>): void {
    if (this.OnSslCliCertRequest) this.watch(this.OnSslCliCertRequest(this, Cert));
  }

  TriggerSslShutDownComplete(Bidirectional: boolean, ErrCode: number): void {
    if (this.OnSslShutDownComplete)
      this.watch(this.OnSslShutDownComplete(this, Bidirectional, ErrCode));
  }
}

TCustomSslWSocket.prototype.tls = null;
TCustomSslWSocket.prototype.preTls = null;
