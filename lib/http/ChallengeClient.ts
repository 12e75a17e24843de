// TLS of a client of the small web server: HTTP/1.1 is its protocol, and a tls-alpn-01 challenge
// (RFC 8737) is answered with the certificate OnSimpWebSrvAlpn names.
//
// ICS: an offer of exactly acme-tls/1 is a challenge, and fails unless it can be answered.
import { TSslWSocketClient } from '../server/TSslWSocketClient';
import { TTlsExtError } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import type { TX509Base } from '../ssl/TX509Base';
import { THttpDebugLevel, TLogOption, TSocketState, type TVar } from '../types';
import type { TSimpleClientSocket } from './TSimpleClientSocket';
import type { TSimpleWebSrv } from './TSimpleWebSrv';
import { challengeContext } from './webSrvContext';

const ACME_PROTOCOL = 'acme-tls/1';
const HTTP_PROTOCOL = 'http/1.1';

export class ChallengeClient extends TSslWSocketClient {
  /** The web server; null in a constructor. */
  declare WebSrv: TSimpleWebSrv | null;
  /** @internal Owned by this client, so it ends with it. */
  declare challenge: TSslContext | null;

  override TriggerSslServerName(Ctx: TVar<TSslContext | null>, ErrCode: TVar<TTlsExtError>): void {
    if (!this.isChallenge()) {
      super.TriggerSslServerName(Ctx, ErrCode);
      return;
    }
    ErrCode.Value = TTlsExtError.teeAlertFatal;
    const certFile = this.challengeFile();
    if (certFile === '' || !this.mayClose()) return;
    this.challenge = challengeContext(this, certFile);
    Ctx.Value = this.challenge;
    ErrCode.Value = TTlsExtError.teeOk;
  }

  private challengeFile(): string {
    const certFName: TVar<string> = { Value: '' };
    const { WebSrv, CliHelloData } = this;
    const host = CliHelloData!.PunyServerName.toLowerCase();
    const sender = this as unknown as TSimpleClientSocket;
    if (WebSrv?.OnSimpWebSrvAlpn) this.watch(WebSrv.OnSimpWebSrvAlpn(sender, host, certFName));
    return String(certFName.Value);
  }

  override TriggerSslAlpnSelect(SelProto: TVar<string>, ErrCode: TVar<TTlsExtError>): void {
    if (this.isChallenge()) {
      SelProto.Value = ACME_PROTOCOL;
      ErrCode.Value = this.isChallenged ? TTlsExtError.teeOk : TTlsExtError.teeAlertFatal;
      return;
    }
    super.TriggerSslAlpnSelect(SelProto, ErrCode);
    const untouched = SelProto.Value === '' || SelProto.Value === ACME_PROTOCOL;
    if (!untouched || !this.WebSrv || !this.CliHelloData) return;
    if (!this.CliHelloData.alpnProtocols.includes(HTTP_PROTOCOL)) return;
    SelProto.Value = HTTP_PROTOCOL;
    ErrCode.Value = TTlsExtError.teeOk;
  }

  /** A challenge is over with its handshake. */
  override TriggerSslHandshakeDone(
    ErrCode: number,
    PeerCert: TX509Base,
    Disconnect: TVar<boolean>,
  ): void {
    super.TriggerSslHandshakeDone(ErrCode, PeerCert, Disconnect);
    const { DebugConn, DebugSsl } = THttpDebugLevel;
    const text = `Client ${this.CliId} from ${this.PeerAddr}: ${this.SslHandshakeRespMsg}`;
    if (ErrCode === 0) this.WebSrv?.progress(TLogOption.loSslInfo, DebugSsl, text);
    else this.WebSrv?.progress(TLogOption.loSslErr, DebugConn, text);
    if (ErrCode === 0 && this.isChallenged && this.mayClose()) this.CloseDelayed();
  }

  /** @internal The client asks for a challenge and gets its certificate: there is no HTTP. */
  get isChallenged(): boolean {
    return this.challenge !== null;
  }

  private isChallenge(): boolean {
    return this.WebSrv !== null && this.CliHelloData?.AlpnList === ACME_PROTOCOL;
  }

  /** @internal An application handler has run: is there still a connection? */
  protected mayClose(): boolean {
    return !this.isDestroyed && this.State === TSocketState.wsConnected;
  }
}

Object.assign(ChallengeClient.prototype, {
  WebSrv: null,
  challenge: null,
});
