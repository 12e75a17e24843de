// Makes everything of the hosts a server needs to listen: bindings, contexts, certificates (ICS:
// ValidateHosts of TSslWSocketServer). Certificates are not ordered here.
//
// ICS: there some errors are raised although NoExceptions is set (D-20); here none is.
import { ESocketException } from '../errors';
import { reasonOf } from '../ssl/sslErrors';
import { TChainResult } from '../ssl/sslTypes';
import { TSslContext } from '../ssl/TSslContext';
import { Bindings } from './bindings';
import { completeTrust, setUpContext } from './hostContext';
import { TSslLoadSource } from './hostEnums';
import { BINDING_NONE, type HostServer } from './hostTypes';
import { loadHostCert, UNKNOWN_NAME } from './loadHostCert';
import { isUsable } from './selectHost';
import type { TIcsHost } from './TIcsHost';

const CRLF = '\r\n';

export interface ValidateOptions {
  readonly stop1stErr: boolean;
  readonly noExceptions: boolean;
  readonly allowSelfSign: boolean;
}

export interface Validation {
  /** Errors and warnings, each with CRLF; '' when all is fine. */
  readonly text: string;
  /** The server may listen. */
  readonly validated: boolean;
}

/** Raises ESocketException unless noExceptions is set. */
export function validateHosts(server: HostServer, options: ValidateOptions): Validation {
  if (server.IcsHosts.Count === 0) return { text: '', validated: false };
  try {
    return new HostValidator(server, options).run();
  } finally {
    server.IcsHosts.forgetIndex();
  }
}

class HostValidator {
  readonly #server: HostServer;
  readonly #options: ValidateOptions;
  readonly #bindings: Bindings;
  #text = '';
  #isStopped = false;

  constructor(server: HostServer, options: ValidateOptions) {
    this.#server = server;
    this.#options = options;
    this.#bindings = new Bindings(server);
  }

  run(): Validation {
    try {
      this.#reset();
      for (const [index, host] of [...this.#server.IcsHosts].entries()) {
        this.#host(host, index);
        if (this.#server.isDestroyed) this.#stop('The server was freed');
      }
      if (this.#bindings.isEmpty) this.#stop(`${this.#text}No Bindings Found`);
    } catch (error) {
      return this.#stopped(error);
    }
    this.#chooseContext();
    return { text: this.#text, validated: true };
  }

  /** ICS: a server that listens on another port raises here. */
  #reset(): void {
    this.#server.Port = '0';
    this.#server.MultiListenSockets.Clear();
  }

  #stopped(error: unknown): Validation {
    if (!this.#options.noExceptions) throw error;
    const reason = reasonOf(error);
    if (reason.startsWith(this.#text)) this.#text = reason;
    else if (!this.#text.includes(reason)) this.#text += reason + CRLF;
    return { text: this.#text, validated: false };
  }

  #host(host: TIcsHost, index: number): void {
    const { state } = host;
    state.certInfo = 'No certificates available';
    state.certErrs = '';
    state.bindInfo = [];
    state.idxNone = state.idx2None = state.idxSsl = state.idx2Ssl = BINDING_NONE;
    if (!host.HostEnabled) return;
    try {
      this.#bind(host, index);
    } catch (error) {
      if (this.#isStopped) throw error;
      const reason = reasonOf(error);
      state.certErrs = reason;
      this.#report(`Host #${index}, ${reason}`);
      if (this.#options.stop1stErr) this.#stop(`Host #${index}, ${reason}`);
    }
  }

  /** Ends it before all hosts were looked at. */
  #stop(text: string): never {
    this.#isStopped = true;
    throw new ESocketException(text);
  }

  #report(line: string): void {
    this.#text += line + CRLF;
  }

  /** An error that Stop1stErr ends everything with. */
  #fault(line: string): void {
    this.#report(line);
    if (this.#options.stop1stErr) this.#stop(line);
  }

  #bind(host: TIcsHost, index: number): void {
    const { NoSSL } = this.#server;
    this.#bindings.addPlain(host);
    if (NoSSL) host.AuthSslCmd = false;
    if (host.BindSslPort > 0) {
      if (NoSSL) {
        this.#fault(`Host #${index}, SSL/TLS Not Allowed`);
        return;
      }
      this.#bindings.addTls(host);
    }
    if (host.BindSslPort > 0 || host.AuthSslCmd) this.#setUpTls(host, index);
  }

  #setUpTls(host: TIcsHost, index: number): void {
    const isFile = host.SslLoadSource === TSslLoadSource.CertLoadFile;
    if (isFile && host.SslCert === '')
      this.#fault(`Host #${index}, SSL certificate can not be blank`);
    nameHost(host);
    const context = (host.SslCtx ??= new TSslContext(null));
    setUpContext(this.#server, host, context);
    this.#server.TriggerBeforeContextInit(host);
    if (host.isDestroyed || host.SslCtx !== context) this.#stop(`Host #${index} was freed`);
    completeTrust(context, this.#server.RootCA);
    this.#load(host, index);
    context.InitContext();
  }

  #load(host: TIcsHost, index: number): void {
    const { allowSelfSign, stop1stErr } = this.#options;
    const request = { hostNr: index, force: true, allowSelfSign, initialising: true };
    const { ok } = loadHostCert(this.#server, request);
    const { certErrs, certValRes } = host.state;
    if (ok && certValRes === TChainResult.chainOK) return;
    this.#report(`Host #${index} ${host.HostNames.Strings[0]!}, ${certErrs}`);
    if (!ok && stop1stErr) this.#stop(certErrs);
  }

  /** For clients that name no host on a listener no host owns. */
  #chooseContext(): void {
    const server = this.#server;
    const withTls = [...server.IcsHosts].filter(
      ({ HostEnabled, SslCtx, state }) =>
        HostEnabled && SslCtx !== null && state.bindInfo.length > 0,
    );
    const chosen = withTls.find(isUsable) ?? withTls[0];
    if (chosen) server.SslContext = chosen.SslCtx;
  }
}

/** ICS: a name like `*` is none; files and descriptions need one. */
function nameHost({ HostNames }: TIcsHost): void {
  if (HostNames.Count === 0) HostNames.Add(UNKNOWN_NAME);
  else if (HostNames.Strings[0]!.length <= 1) HostNames.Strings[0] = UNKNOWN_NAME;
}
