// Loads the certificate of one host, checks it and puts it into the host's context (ICS:
// LoadOneCert). What the check finds is in the host's CertErrs, CertInfo and CertValRes.
//
//  - A certificate that is in use stays until another one is loaded and good.
//  - ICS: there the new one is put to use by RecheckSslCerts only, and a bad one may take its place.
import { EIcsException } from '../errors';
import { IcsUnwrapNames, isoDate } from '../ssl/certInfo';
import { reasonOf } from '../ssl/sslErrors';
import { TChainResult } from '../ssl/sslTypes';
import { TSslContext } from '../ssl/TSslContext';
import type { TX509Base } from '../ssl/TX509Base';
import { fileTime, hostStamp, sourceName, sourceStamp } from './certSource';
import { checkOcsp, dropOcsp } from './hostOcsp';
import { rootsOf } from './hostRoots';
import { TSslLoadSource } from './hostEnums';
import { type HostServer } from './hostTypes';
import { mayOrder, orderHostCert, renewHostCert } from './orderCert';
import { readHostCert, type ReadCert } from './readHostCert';
import { isUsable } from './selectHost';
import { endsSoon, expiresWithin, isTemporary } from './temporaryCert';
import type { TIcsHost } from './TIcsHost';

const { chainFail, chainOK, chainWarn } = TChainResult;
/** What ValidateHosts makes of the default name `*`: no name a certificate could be checked for. */
export const UNKNOWN_NAME = 'unknown';

export interface LoadRequest {
  readonly hostNr: number;
  /** Load even if no file has changed. */
  readonly force: boolean;
  readonly allowSelfSign: boolean;
  /** The context is made anew afterwards. */
  readonly initialising: boolean;
}

export interface LoadOutcome {
  /** The host has a certificate that is good, or good with a warning. */
  readonly ok: boolean;
  /** Another certificate is in use now. */
  readonly isNew: boolean;
}

/** Never raises. */
export function loadHostCert(server: HostServer, request: LoadRequest): LoadOutcome {
  const nothing = { ok: false, isNew: false };
  const { hostNr } = request;
  const hosts = server.IcsHosts;
  const isHost = Number.isInteger(hostNr) && hostNr >= 0 && hostNr < hosts.Count;
  if (!isHost || server.NoSSL) return nothing;
  const host = hosts.Items[hostNr]!;
  const { state } = host;
  state.certErrs = '';
  state.certInfo = '';
  state.certValRes = chainOK;
  if (host.HostNames.Count === 0) return nothing;
  try {
    return new HostCertLoader(server, host, request).run();
  } catch (error) {
    state.certErrs = reasonOf(error);
    state.certValRes = chainFail;
    return nothing;
  }
}

class HostCertLoader {
  readonly #server: HostServer;
  readonly #host: TIcsHost;
  readonly #request: LoadRequest;
  readonly #isServed: boolean;

  constructor(server: HostServer, host: TIcsHost, request: LoadRequest) {
    this.#server = server;
    this.#host = host;
    this.#request = request;
    this.#isServed = isUsable(host);
  }

  run(): LoadOutcome {
    const host = this.#host;
    if (host.SslLoadSource !== TSslLoadSource.CertLoadFile)
      throw new EIcsException('Windows Certificate Stores Are Not Available');
    const before = host.SslCert;
    this.#backToOriginal();
    const changed = this.#hasChanged();
    if (!changed) {
      const ok = this.#check({ cert: this.#inUse()!, notes: [], isSubstitute: false });
      const { certValRes } = host.state;
      const isGood = certValRes === chainOK && mayOrder(this.#server, host);
      if (isGood) renewHostCert(this.#server, this.#request.hostNr);
      return { ok, isNew: false };
    }
    try {
      return this.#loadNew();
    } catch (error) {
      if (this.#isServed) host.SslCert = before;
      throw error;
    }
  }

  #inUse(): TX509Base | null {
    const cert = this.#host.SslCtx?.SslCertX509;
    return cert?.IsCertLoaded ? cert : null;
  }

  /** A temporary certificate gives way as soon as the file it stands in for comes or changes. */
  #backToOriginal(): void {
    const host = this.#host;
    const { standIn } = host.state;
    if (!standIn || standIn.file !== host.SslCert) return;
    const stamp = sourceStamp(standIn.original);
    if (stamp !== standIn.stamp && !stamp.endsWith('|missing')) host.SslCert = standIn.original;
  }

  #hasChanged(): boolean {
    const inUse = this.#inUse();
    if (this.#request.force || !inUse || !this.#isServed) return true;
    if (isTemporary(inUse) && endsSoon(inUse, this.#server.CertExpireDays)) return true;
    return hostStamp(this.#host) !== this.#host.state.loadedFrom;
  }

  #loadNew(): LoadOutcome {
    const host = this.#host;
    const { SslCert } = host;
    const stamp = hostStamp(host);
    const read = readHostCert(this.#server, host, this.#isServed);
    // A file that is replaced after it was read must not pass for the one in use.
    const loadedFrom = host.SslCert === SslCert ? stamp : hostStamp(host);
    try {
      const ok = this.#check(read);
      if (this.#isSame(read.cert)) {
        host.state.loadedFrom = loadedFrom;
        return { ok, isNew: false };
      }
      const isTaken = ok || !this.#isServed;
      if (isTaken) this.#commit(read.cert, loadedFrom);
      return { ok, isNew: isTaken && ok };
    } finally {
      read.cert.Free();
    }
  }

  /** Files with other times, or a clock that was set, are no other certificate. */
  #isSame({ X509, X509Inters }: TX509Base): boolean {
    const context = this.#host.SslCtx;
    const served = context?.servedCert;
    if (this.#request.force || !X509 || !served?.raw.equals(X509.raw)) return false;
    const before = context!.SslCertX509.X509Inters;
    return (
      before.length === X509Inters.length &&
      before.every(({ raw }, at) => raw.equals(X509Inters[at]!.raw))
    );
  }

  #commit(cert: TX509Base, loadedFrom: string): void {
    const host = this.#host;
    const context = (host.SslCtx ??= new TSslContext(null));
    if (this.#request.initialising || !context.IsCtxInitialized) context.SslCertX509 = cert;
    else context.replaceIdentity(cert);
    if (!this.#request.initialising && !context.IsCtxInitialized) context.InitContext();
    const { state } = host;
    if (state.standIn && state.standIn.file !== host.SslCert) state.standIn = null;
    state.loadedFrom = loadedFrom;
    state.certFStamp = fileTime(host.SslCert);
    state.interFStamp = fileTime(host.SslInter);
    state.certExpiry = cert.ValidNotAfter;
    state.certDomains = IcsUnwrapNames(cert.SubAltNameDNS);
    dropOcsp(host, cert);
  }

  /** Fills CertInfo, CertErrs and CertValRes. False: the certificate must not be used. */
  #check({ cert, notes, isSubstitute }: ReadCert): boolean {
    const { state } = this.#host;
    const details = [...notes];
    const result = this.#judge(cert, details);
    state.certValRes = isSubstitute && result === chainOK ? chainWarn : result;
    if (result !== chainFail) {
      const text = cert.SelfSigned ? '' : checkOcsp(this.#server, this.#host, cert);
      if (text !== '') details.push(text);
    }
    if (isTemporary(cert) && mayOrder(this.#server, this.#host)) {
      state.certValRes = chainWarn;
      details.push('ICS Temporary Certificate Pending Replacement');
    }
    const verdict = VERDICTS[state.certValRes];
    const order = this.#order();
    const where = `Location File ${sourceName(this.#host.SslCert)}`;
    state.certErrs = [where, verdict, ...details, ...order].join(', ');
    return state.certValRes !== chainFail;
  }

  #judge(cert: TX509Base, details: string[]): TChainResult {
    const { CertExpireDays } = this.#server;
    const info = { Value: '' };
    const error = { Value: '' };
    const name = this.#host.HostNames.Strings[0]!.trim();
    const host = name === UNKNOWN_NAME || name.length <= 1 ? '' : name;
    const result = cert.ValidateCertChain(host, rootsOf(this.#server), info, error, CertExpireDays);
    this.#host.state.certInfo = info.Value;
    if (!cert.SelfSigned || result === chainFail) {
      if (error.Value !== '') details.push(error.Value);
      return result;
    }
    details.push('Certificate self signed');
    if (isTemporary(cert)) return chainOK;
    if (!expiresWithin(cert, CertExpireDays))
      return this.#request.allowSelfSign ? chainOK : chainWarn;
    details.push(
      `SSL certificate expires on ${isoDate(cert.ValidNotAfter)} - ${cert.SubjectCName}`,
    );
    return chainWarn;
  }

  /** While the server starts nothing is ordered: challenges need a server that listens. */
  #order(): string[] {
    const { state } = this.#host;
    if (state.certValRes === chainOK || !mayOrder(this.#server, this.#host)) return [];
    if (this.#request.force) return ['Pending Order fo New Certificate'];
    const reason = orderHostCert(this.#server, this.#request.hostNr);
    return [reason === '' ? 'Ordered New Certificate' : 'Failed to Order New Certificate'];
  }
}

const VERDICTS: Readonly<Record<TChainResult, string>> = {
  [TChainResult.chainOK]: 'Chain Validated OK',
  [TChainResult.chainWarn]: 'SSL Certificate Chain Warning',
  [TChainResult.chainFail]: 'SSL Certificate Chain Failed',
  [TChainResult.chainNone]: 'SSL Certificate Chain Failed',
};
