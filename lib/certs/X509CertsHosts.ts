// Orders for the hosts of a server (SslX509Certs): whether one is due, what it consists of, and who
// hears how it went. One's own CA takes the place of an authority when the account says so.
import path from 'node:path';
import { TSupplierProto, TChallengeType } from '../ssl/orderTypes';
import { EX509Exception, reasonOf } from '../ssl/sslErrors';
import { TCertReadOpt, TChainResult } from '../ssl/sslTypes';
import { TX509Base } from '../ssl/TX509Base';
import type { AccountSession } from './accountSession';
import { isRenewalDue, renewalAdvice } from './acme/renewal';
import { setPartNames } from './certOutput';
import { ControlDb } from './controlDb';
import { domainOf, refusalOf, type OrderingHost, type OrderingServer } from './hostOrder';
import { appendIndex, loadOwnCa, signCertificate, type OwnCa } from './ownCa';
import type { DomainRecord } from './records';
import { trimmedName } from './X509CertsProperties';
import { goesOn, X509CertsPending } from './X509CertsPending';
import { DAY_MS, NO_DATE } from './x509CertsTypes';

export const DEFAULT_EXPIRE_DAYS = 30;

/** What RecheckSslCerts has found when it asked for an order. */
interface HostOrder {
  readonly host: OrderingHost;
  readonly expireDays: number;
  /** The certificate is good: only an own one that is due is replaced. */
  readonly isRenewal: boolean;
  /** The certificate is worthless whatever its dates say. */
  readonly isBad: boolean;
}

/** Hears that an order was delayed or has failed, any number of times. */
export type OrderListener = (Text: string) => void;

export class X509CertsHosts extends X509CertsPending {
  readonly #errors = new Map<string, string>();
  readonly #listeners = new Map<string, OrderListener>();
  readonly #running = new Set<string>();

  /**
   * Starts an order for a host of a server (SslX509Certs). '' when it was started, which says nothing
   * about its end: OnNewCert and OnCertProg tell, and OnTold hears of delays and failures. Else the
   * reason why not. A certificate of an earlier order that is good and not due is left alone.
   */
  OrderHost(
    Server: OrderingServer,
    Host: OrderingHost,
    HostNr = 0,
    OnTold: OrderListener | null = null,
  ): string {
    const { CertChallenge, CertProduct, CertSupplierProto } = Host;
    const refusal = this.#begin(Server, Host, OnTold, false);
    if (refusal === '')
      this.LogEvent(
        `Ordering certificate for IcsHost #${HostNr}: ${nameOf(Host)}, product "${CertProduct}", ` +
          `${TChallengeType[CertChallenge]}, ${TSupplierProto[CertSupplierProto]}`,
      );
    return refusal;
  }

  /**
   * As OrderHost for a host whose certificate is good: orders only if that came from here and the
   * authority suggests a new one (RFC 9773), its time has come, or CertRenewNow is set for it.
   */
  RenewHost(
    Server: OrderingServer,
    Host: OrderingHost,
    _HostNr = 0,
    OnTold: OrderListener | null = null,
  ): string {
    return this.#begin(Server, Host, OnTold, true);
  }

  /** Why the last order of a host by OrderHost has failed; '' if it has not. */
  HostOrderError(CommonName: string): string {
    return this.#errors.get(trimmedName(CommonName)) ?? '';
  }

  /** Certificate and key of the own CA. Raises what reading the files raises. */
  LoadOwnCA(): OwnCa {
    return loadOwnCa(this.CACertFile, this.CAPkeyFile, this.CAPkeyPw);
  }

  /** @internal */
  protected override get hasHostOrders(): boolean {
    return this.#running.size > 0;
  }

  /** @internal */
  protected override orderFailed(name: string, reason: string): void {
    this.#errors.set(name, reason);
    this.#tell(name, `Failed to Order New Certificate - ${reason}`);
  }

  /** @internal */
  protected override orderDelayed(name: string, reason: string): void {
    this.#tell(name, `Order of New Certificate Delayed - ${reason}`);
  }

  /** @internal */
  protected override finished(session: AccountSession, domain: DomainRecord): Promise<void> {
    this.#errors.delete(domain.CertCommonName);
    this.#listeners.delete(domain.CertCommonName);
    return super.finished(session, domain);
  }

  #tell(name: string, text: string): void {
    try {
      this.#listeners.get(name)?.(text);
    } catch (error) {
      this.LogEvent(reasonOf(error));
    }
  }

  #begin(
    server: OrderingServer,
    host: OrderingHost,
    told: OrderListener | null,
    isRenewal: boolean,
  ): string {
    const ports = { http: this.ChallHttpPort, alpn: this.ChallAlpnPort };
    const refusal = refusalOf(server, host, ports);
    if (refusal !== '') return refusal;
    const name = nameOf(host);
    if (told) this.#listeners.set(name, told);
    if (this.#running.has(name) || this.session?.pending.has(name)) return '';
    this.#running.add(name);
    this.#errors.delete(name);
    const expireDays = server.CertExpireDays ?? DEFAULT_EXPIRE_DAYS;
    const isBad = host.CertValRes === TChainResult.chainFail;
    const order = this.attempt('order', async () => {
      try {
        if (isRenewal && !this.#mayBeDue(host, expireDays)) return;
        await this.#order({ host, expireDays, isRenewal, isBad });
      } catch (error) {
        this.orderFailed(name, reasonOf(error));
        throw error;
      } finally {
        this.#running.delete(name);
        this.closeIfDone();
      }
    });
    void order;
    return '';
  }

  /** What the database says by itself: most looks at good certificates end here, and nobody is asked. */
  #mayBeDue(host: OrderingHost, expireDays: number): boolean {
    const folder = path.resolve(host.CertDirWork);
    const db = this.session?.folder === folder ? this.session.db : new ControlDb(folder);
    const domain = db.readDomain(nameOf(host));
    if (!domain || !isInstalled(domain, host)) return false;
    return (
      domain.CertRenewNow ||
      isRenewalDue(domain.NewCertStartDT, domain.NewCertEndDT, expireDays) ||
      isAdvised(domain) ||
      isAdviceOld(domain)
    );
  }

  async #order({ host, expireDays, isRenewal, isBad }: HostOrder): Promise<void> {
    this.AutoAccountClose = true;
    this.AutoOrderComplete = true;
    const session = await this.accountOf(host.CertDirWork); // which reads the addresses of the account
    this.DomWebSrvIP = host.BindIpAddr;
    this.DomWebSrvIP2 = '';
    const name = nameOf(host);
    const stored = session.db.readDomain(name);
    const domain = domainOf(host, stored, this.snapshot());
    if (session.pending.has(name)) {
      if (stored) this.store(session, withPlaceOf(stored, domain));
      return;
    }
    const rest = this.pauseOf(domain);
    if (rest > 0 && !domain.CertRenewNow)
      throw new EX509Exception(
        `Next Order Not Before ${domain.OrderNextDT.toISOString()} - ${domain.NewCertErrs}`,
      );
    const isInUse = isInstalled(domain, host);
    if (isRenewal && !isInUse) return;
    if (isInUse && !isBad && !(await this.isRenewalDue(session, domain, expireDays))) {
      this.LogEvent(`Certificate of ${name} is not due for renewal`);
      return;
    }
    if (this.SupplierProto === TSupplierProto.SuppProtoOwnCA) {
      await this.signOwn(session, domain, this.LoadOwnCA(), false);
      return;
    }
    this.admitOrder(session, domain);
    this.store(session, domain);
    await this.#place(session, domain);
  }

  /** An order that was placed goes on, however often the line fails. */
  async #place(session: AccountSession, domain: DomainRecord): Promise<void> {
    const { CertCommonName: name } = domain;
    try {
      await this.orFail(session, domain, () => this.getChallenges(session, domain));
      await this.startOrder(session, domain);
    } catch (error) {
      if (session.isClosed || !goesOn(domain, error)) throw error;
      this.LogEvent(`${reasonOf(error)}, trying again`);
      this.orderDelayed(name, reasonOf(error));
      this.watch(session, name);
    }
  }

  /** @internal */
  protected async isRenewalDue(
    session: AccountSession,
    domain: DomainRecord,
    expireDays: number,
  ): Promise<boolean> {
    if (domain.CertRenewNow) return true;
    const byDate = isRenewalDue(domain.NewCertStartDT, domain.NewCertEndDT, expireDays);
    if (byDate || this.SupplierProto !== TSupplierProto.SuppProtoAcmeV2) return byDate;
    if (isAdviceOld(domain)) await this.#askAdvice(session, domain);
    domain.CertRenewNow = isAdvised(domain);
    this.store(session, domain);
    return domain.CertRenewNow;
  }

  async #askAdvice(session: AccountSession, domain: DomainRecord): Promise<void> {
    try {
      const advice = await renewalAdvice(session.client, domain.CertRenewalId);
      domain.CertRenewCheckDT = advice?.renewAt ?? NO_DATE;
      domain.CertRenewRetryDT = advice?.askAgain ?? new Date(Date.now() + DAY_MS);
    } catch (error) {
      this.LogEvent(reasonOf(error));
    }
  }

  /** @internal */
  protected async signOwn(
    session: AccountSession,
    domain: DomainRecord,
    issuer: OwnCa | null,
    isCa: boolean,
  ): Promise<void> {
    domain.NewOrderNum = session.db.newOrderNum();
    domain.SuppOrderId = String(domain.NewOrderNum);
    domain.SuppOrderRef = `ICS-${domain.NewOrderNum}`;
    domain.OrderStartDT = new Date();
    setPartNames(domain, session.folder, session.prefix);
    const parts = signCertificate(domain, issuer, isCa);
    this.saveFiles(session, domain, parts);
    if (issuer) appendIndex(session.folder, parts.cert, domain.FileFinalBundle);
    await this.finished(session, domain);
  }
}

/** An order that goes on saves where the host looks now; what was ordered stays as it is. */
function withPlaceOf(stored: DomainRecord, wanted: DomainRecord): DomainRecord {
  const { CertOutFmts, DirPubWebCert, PrivKeyCipher, PrivKeyPassword } = wanted;
  return { ...stored, CertOutFmts, DirPubWebCert, PrivKeyCipher, PrivKeyPassword };
}

function nameOf({ HostNames }: Pick<OrderingHost, 'HostNames'>): string {
  const [first = ''] = HostNames;
  return trimmedName(first);
}

/** The moment the authority has suggested is over. */
function isAdvised({ CertRenewCheckDT }: DomainRecord): boolean {
  const renewAt = CertRenewCheckDT.getTime();
  return renewAt !== 0 && renewAt <= Date.now();
}

/** A time to ask again that is further ahead than any can be was written by a wrong clock. */
function isAdviceOld({ CertRenewRetryDT }: DomainRecord): boolean {
  const rest = CertRenewRetryDT.getTime() - Date.now();
  return rest <= 0 || rest > DAY_MS;
}

/** Is the last certificate of the domain the one in the file a server loads? */
function isInstalled(
  domain: DomainRecord,
  { SslCert, SslPassword }: Pick<OrderingHost, 'SslCert' | 'SslPassword'>,
): boolean {
  const base = new TX509Base(null);
  try {
    base.LoadFromFile(SslCert, TCertReadOpt.croNo, TCertReadOpt.croNo, SslPassword);
    return domain.NewCertSerial !== '' && base.SerialNumHex === domain.NewCertSerial;
  } catch {
    return false;
  } finally {
    base.Free();
  }
}
