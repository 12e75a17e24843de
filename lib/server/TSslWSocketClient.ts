// A client of a TLS server (ICS: TSslWSocketClient in OverbyteIcsWSocketS.pas): derive from it and
// name the class in the server's ClientClass. TLS itself is in every TWSocket; here a handshake finds
// its host among IcsHosts.
import { challengeContext } from '../hosts/alpnChallenge';
import { stapleOf } from '../hosts/hostOcsp';
import { AlpnAcmeTls1 } from '../hosts/hostEnums';
import { type HostServer } from '../hosts/hostTypes';
import { TTlsExtError } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import { TSocketState, type TVar } from '../types';
import { TWSocketClient } from './TWSocketClient';

const { teeAlertFatal, teeOk } = TTlsExtError;
const LOG_INFO = 0;

/** OnClientAlpnChallg: the application names the file of the challenge certificate. */
export type TClientAlpnChallgEvent<S = object> = {
  bivariant(Sender: S, Host: string, CertFName: TVar<string>): void;
}['bivariant'];

/** A server with hosts, as its clients see it. */
type ServerWithHosts = HostServer & {
  IcsLogEvent(Sender: object, LogOption: number, Msg: string): void;
};

export class TSslWSocketClient extends TWSocketClient {
  /** Context of an ACME tls-alpn-01 handshake; freed with the client. Default null. */
  declare AlpnSslCtx: TSslContext | null;
  /** A supplier's server checks a challenge: which file has its certificate (password `password`)? */
  declare OnClientAlpnChallg: TClientAlpnChallgEvent<this> | null;

  /** After OnSslServerName: the first host of this listener whose certificate fits the name. */
  override TriggerSslServerName(Ctx: TVar<TSslContext | null>, ErrCode: TVar<TTlsExtError>): void {
    const staple = this.OcspStapleRaw;
    super.TriggerSslServerName(Ctx, ErrCode);
    if (this.State !== TSocketState.wsConnected || ErrCode.Value === teeAlertFatal) return;
    if (Ctx.Value === null) this.findHost(Ctx);
    else if (this.OcspStapleRaw === staple) this.OcspStapleRaw = null; // it is another's
    if (this.CliHelloData?.AlpnList === AlpnAcmeTls1) this.answerChallenge(Ctx, ErrCode);
  }

  /** After OnSslAlpnSelect: acme-tls/1 in the first place is always taken. */
  override TriggerSslAlpnSelect(SelProto: TVar<string>, ErrCode: TVar<TTlsExtError>): void {
    super.TriggerSslAlpnSelect(SelProto, ErrCode);
    if (this.CliHelloData?.alpnProtocols[0] !== AlpnAcmeTls1) return;
    SelProto.Value = AlpnAcmeTls1;
    ErrCode.Value = teeOk;
  }

  TriggerClientAlpnChallg(Host: string, CertFName: TVar<string>): void {
    if (this.OnClientAlpnChallg) this.watch(this.OnClientAlpnChallg(this, Host, CertFName));
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    super.Destroy();
    this.AlpnSslCtx?.Free();
    this.AlpnSslCtx = null;
  }

  private findHost(Ctx: TVar<TSslContext | null>): void {
    const server = this.serverWithHosts();
    if (!server || server.IcsHosts.Count === 0) return;
    const found = server.IcsHosts.index.byName(this.SslServerName, this.MultiListenIdx);
    if (!found) {
      if (server.SslX509Certs) this.log(`SSL SNI Not Found: ${this.SslServerName} in IcsHosts`);
      return;
    }
    const { host, index } = found;
    this.IcsHostIdx = index;
    this.HostTag = host.HostTag;
    this.OcspStapleRaw = stapleOf(host);
    Ctx.Value = host.SslCtx;
    if (server.SslX509Certs) this.log(`SSL SNI Found: ${this.SslServerName} for IcsHost #${index}`);
  }

  /** Without a certificate for the challenge the handshake is refused. */
  private answerChallenge(Ctx: TVar<TSslContext | null>, ErrCode: TVar<TTlsExtError>): void {
    ErrCode.Value = teeAlertFatal;
    const file: TVar<string> = { Value: '' };
    this.TriggerClientAlpnChallg(this.SslServerName, file);
    if (this.State !== TSocketState.wsConnected) return;
    const { context, log } = challengeContext(file.Value);
    this.log(log);
    if (!context) return;
    this.AlpnSslCtx?.Free();
    this.AlpnSslCtx = context;
    this.OcspStapleRaw = null;
    Ctx.Value = context;
    ErrCode.Value = teeOk;
  }

  private log(text: string): void {
    this.serverWithHosts()?.IcsLogEvent(this, LOG_INFO, text);
  }

  private serverWithHosts(): ServerWithHosts | null {
    const { Server } = this;
    return Server !== null && 'IcsHosts' in Server ? (Server as unknown as ServerWithHosts) : null;
  }
}

Object.assign(TSslWSocketClient.prototype, { AlpnSslCtx: null, OnClientAlpnChallg: null });
