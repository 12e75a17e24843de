// Orders certificates from an ACME authority, or makes them with one's own CA (ICS: TSslX509Certs in
// OverbyteIcsSslX509Certs.pas). Names and database of V9.4, behaviour of V9.5.
//
//   await certs.OpenAccount(dir, true);         once; then without `true`
//   certs.CertCommonName = 'www.example.org';   … and further properties
//   await certs.CertSaveDomain(name);           remembers them
//   await certs.CertGetChallgDomain(name);      places the order
//   await certs.CertOrderDomain(name);          has the challenges tested
//   await certs.CertCollectDomain(name);        waits for the files; or AutoOrderComplete and OnNewCert
//
//  - The methods run one after the other. False: LastError says why.
//  - A failed or interrupted order never touches the files of the certificate in use.
import { EX509Exception, reasonOf } from '../ssl/sslErrors';
import { TX509Base } from '../ssl/TX509Base';
import { TCertReadOpt } from '../ssl/sslTypes';
import { TSupplierProto } from '../ssl/orderTypes';
import type { AccountSession, PendingOrder } from './accountSession';
import { EAcmeError } from './acme/client';
import { EAcmeTransport } from './acme/https';
import { pause } from './acme/pause';
import { isRenewalDue, renewalAdvice } from './acme/renewal';
import { setPartNames } from './certOutput';
import { domainOf, refusalOf, type OrderingHost, type OrderingServer } from './hostOrder';
import { appendIndex, loadOwnCa, signCertificate, type OwnCa } from './ownCa';
import { merged, type DomainRecord } from './records';
import { X509CertsOrder } from './X509CertsOrder';
import { trimmedName } from './X509CertsProperties';
import { DAY_MS, NO_DATE, TIssueState } from './x509CertsTypes';

const {
  IssStateCancel,
  IssStateChallgOK,
  IssStateChallgReq,
  IssStateChecked,
  IssStateCollected,
  IssStateNone,
} = TIssueState;
/** Longest pause between two looks at a pending order. */
const MAX_LOOK_MS = 60_000;
const DEFAULT_EXPIRE_DAYS = 30;

export class TSslX509Certs extends X509CertsOrder {
  #timer: NodeJS.Timeout | null = null;
  readonly #hostErrors = new Map<string, string>();
  readonly #hostOrders = new Set<string>();

  /** Reads a domain of the database into the properties; false: there is none. */
  CertReadDomain(Domain: string): boolean {
    const domain = this.session?.db.readDomain(trimmedName(Domain)) ?? null;
    if (domain) this.publishSettings(domain);
    return domain !== null;
  }

  /** Stores the properties as the settings of a domain; an order that runs goes on. */
  CertSaveDomain(Domain: string): Promise<boolean> {
    const settings = this.snapshot();
    settings.CertCommonName = trimmedName(Domain);
    return this.attempt('save', async () => {
      const session = this.opened();
      if (settings.CertCommonName === '')
        throw new EX509Exception('Must specify domain Common Name for certificate');
      this.store(session, merged(session.db.readDomain(settings.CertCommonName), settings));
      this.notify('OnDomainsRefresh');
    });
  }

  /** Would an order be accepted? Nothing is sent. */
  CertCheckDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      this.checkOrder(domain);
      if (domain.IssueState < IssStateChallgReq) this.setState(session, domain, IssStateChecked);
    });
  }

  /** Places an order and prepares its challenges. */
  CertGetChallgDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      this.admitOrder(session, domain);
      await this.#orFail(session, domain, () => this.getChallenges(session, domain));
    });
  }

  /** Has the authority test the challenges. True: the order goes on, collected or not. */
  CertOrderDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) => this.#start(session, domain));
  }

  /** Waits until the order has ended, at most CollectTimeout, and saves the certificate. */
  CertCollectDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      if (domain.IssueState !== IssStateCollected) {
        requireOrder(domain);
        await this.#orFail(session, domain, () => this.#finish(session, domain));
      }
      this.#closeIfDone();
    });
  }

  /** Gives up an order at the authority. */
  CertCancelDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      await this.cancelOrder(session, domain);
      this.setState(session, domain, IssStateCancel);
    });
  }

  /** Has the certificate revoked, reason "superseded". The files stay. */
  CertRevokeDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      await this.revokeOrder(session, domain);
      this.setState(session, domain, IssStateCancel);
    });
  }

  /** Removes a domain from the database; files and certificate stay. */
  CertRemoveDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      session.pending.delete(domain.CertCommonName);
      await this.cleanupChallenges(session, domain.CertCommonName);
      session.db.deleteDomain(domain.CertCommonName);
      this.notify('OnDomainsRefresh');
    });
  }

  /** Forgets the order of a domain. */
  CertResetDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      session.pending.delete(domain.CertCommonName);
      await this.cleanupChallenges(session, domain.CertCommonName);
      this.setState(session, domain, IssStateNone);
    });
  }

  /** Writes the files of a collected certificate again, and fires OnNewCert. */
  CertRedistDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      const isUsable = domain.OrderCertsDT > NO_DATE && domain.FileFinalBundle !== '';
      if (!isUsable || domain.NewCertEndDT.getTime() < Date.now())
        throw new EX509Exception('No certificate to distribute');
      const base = new TX509Base(null);
      try {
        const { croTry, croYes } = TCertReadOpt;
        base.LoadFromFile(domain.FileFinalBundle, croYes, croTry, domain.PrivKeyPassword);
        const { X509: cert, PrivateKey: key, X509Inters: inters } = base;
        if (!cert || !key) throw new EX509Exception('No certificate to distribute');
        setPartNames(domain, session.folder, session.prefix);
        this.saveFiles(session, domain, { cert, key, inters, csr: null });
      } finally {
        base.Free();
      }
      this.store(session, domain);
      this.publishResults(domain);
      this.notify('OnNewCert');
    });
  }

  /**
   * Asks the authority when the certificate should be replaced (RFC 9773). True: now; CertRenewNow
   * is set then. Without such information it is the number of days before the end.
   */
  CertRenewalDomain(Domain: string, ExpireDays = DEFAULT_EXPIRE_DAYS): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) =>
      this.#isRenewalDue(session, domain, ExpireDays),
    );
  }

  /** Makes a certificate with the own CA of the account (CACertFile). IsCA: an intermediate. */
  OwnCASign(Domain: string, IsCA = false): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) =>
      this.#signOwn(session, domain, this.LoadOwnCA(), IsCA),
    );
  }

  /** Makes a certificate that signs itself. IsCA: a root. */
  SelfSign(Domain: string, IsCA = false): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) =>
      this.#signOwn(session, domain, null, IsCA),
    );
  }

  /** Certificate and key of the own CA. Raises what reading the files raises. */
  LoadOwnCA(): OwnCa {
    return loadOwnCa(this.CACertFile, this.CAPkeyFile, this.CAPkeyPw);
  }

  /**
   * Starts an order for a host of a server (SslX509Certs). '' when it was started, which says nothing
   * about its end: OnNewCert and OnCertProg tell. Else the reason why not.
   */
  OrderHost(Server: OrderingServer, Host: OrderingHost, HostNr = 0): string {
    const ports = { http: this.ChallHttpPort, alpn: this.ChallAlpnPort };
    const refusal = refusalOf(Server, Host, ports);
    if (refusal !== '') return refusal;
    const wanted = domainOf(Host);
    const name = wanted.CertCommonName;
    if (this.#hostOrders.has(name) || this.session?.pending.has(name)) return '';
    this.#hostOrders.add(name);
    this.#hostErrors.delete(name);
    const { BindIpAddr, CertDirWork, SslCert, SslPassword } = Host;
    const expireDays = Server.CertExpireDays ?? DEFAULT_EXPIRE_DAYS;
    this.AutoAccountClose = true;
    this.AutoOrderComplete = true;
    const order = this.attempt('order', async () => {
      try {
        await this.accountOf(CertDirWork); // which reads the addresses of the account
        this.DomWebSrvIP = BindIpAddr;
        this.DomWebSrvIP2 = '';
        const isDone = (domain: DomainRecord): boolean => isInstalled(domain, SslCert, SslPassword);
        await this.#orderHost(CertDirWork, wanted, expireDays, isDone);
      } catch (error) {
        this.#hostErrors.set(name, reasonOf(error));
        throw error;
      } finally {
        this.#hostOrders.delete(name);
        this.#closeIfDone();
      }
    });
    void order;
    return '';
  }

  /** Why the last order of a host by OrderHost has failed; '' if it has not. */
  HostOrderError(CommonName: string): string {
    return this.#hostErrors.get(trimmedName(CommonName)) ?? '';
  }

  /** @internal Orders that were interrupted go on. */
  protected override accountOpened(): void {
    const session = this.opened();
    this.restoreChallenges(session);
    if (!this.AutoOrderComplete) return;
    for (const name of session.db.domains()) {
      const state = session.db.readDomain(name)?.IssueState ?? IssStateNone;
      if (state < IssStateChallgReq || state >= IssStateCollected) continue;
      this.LogEvent(`Order of ${name} goes on`);
      this.#watch(session, name, true);
    }
  }

  /** @internal */
  protected override accountClosing(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    super.accountClosing();
  }

  #withDomain(
    name: string,
    action: (session: AccountSession, domain: DomainRecord) => Promise<boolean | void>,
  ): Promise<boolean> {
    return this.attempt('domain', async () => {
      const session = this.opened();
      const domain = session.domain(trimmedName(name));
      try {
        return await action(session, domain);
      } finally {
        this.publishResults(domain);
      }
    });
  }

  /** A failure of the order ends it; one of the line, or a closed account, leaves it as it is. */
  async #orFail(
    session: AccountSession,
    domain: DomainRecord,
    action: () => Promise<void>,
  ): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!isPassing(error) && !session.isClosed) {
        await this.giveUp(session, domain, reasonOf(error));
        this.#closeIfDone();
      }
      throw error;
    }
  }

  async #start(session: AccountSession, domain: DomainRecord): Promise<void> {
    requireOrder(domain);
    await this.#orFail(session, domain, async () => {
      const isReady = domain.IssueState >= IssStateChallgOK;
      await this.startChallenges(session, domain);
      if (isReady) await this.#finish(session, domain);
      else if (this.AutoOrderComplete) this.#watch(session, domain.CertCommonName);
    });
  }

  async #finish(session: AccountSession, domain: DomainRecord): Promise<void> {
    await this.serverFor(session.challengesOf(domain.CertCommonName));
    const end = performance.now() + this.CollectTimeout;
    for (;;) {
      const { isDone, wait } = await this.step(session, domain);
      if (isDone) return;
      const rest = end - performance.now();
      if (rest <= 0) throw new EAcmeTransport('The authority has not finished the order in time');
      const look = Math.max(wait, this.PollInterval);
      await pause(Math.min(look, MAX_LOOK_MS, rest), session.client.signal);
    }
  }

  #watch(session: AccountSession, name: string, isResumed = false): void {
    const nextAt = performance.now() + this.PollInterval;
    session.pending.set(name, { nextAt, misses: 0, isResumed });
    this.#schedule();
  }

  /** The timer keeps the program alive while an order is on its way. */
  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const { session } = this;
    if (!session || session.pending.size === 0) return;
    const next = Math.min(...[...session.pending.values()].map(({ nextAt }) => nextAt));
    const wait = Math.max(1, next - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.attempt('check', () => this.#lookAtOrders());
    }, wait);
  }

  async #lookAtOrders(): Promise<void> {
    const { session } = this;
    if (!session) return;
    const due = [...session.pending].filter(([, { nextAt }]) => nextAt <= performance.now());
    for (const [name, look] of due) {
      if (session.isClosed) return;
      const domain = session.db.readDomain(name);
      if (!domain) session.pending.delete(name);
      else await this.#look(session, domain, look);
    }
    this.#schedule();
    this.#closeIfDone();
  }

  async #look(session: AccountSession, domain: DomainRecord, look: PendingOrder): Promise<void> {
    const after = (ms: number): void => {
      look.nextAt = performance.now() + Math.min(Math.max(ms, this.PollInterval), MAX_LOOK_MS);
    };
    try {
      await this.serverFor(session.challengesOf(domain.CertCommonName));
      const { wait } = await this.step(session, domain);
      look.misses = 0;
      after(wait);
    } catch (error) {
      if (session.isClosed) return;
      const isOver = domain.ChallgExpireDT.getTime() < Date.now();
      if (!isPassing(error) || isOver) {
        this.#hostErrors.set(domain.CertCommonName, reasonOf(error));
        await this.giveUp(session, domain, reasonOf(error));
        if (look.isResumed && !session.isClosed) await this.#orderAgain(session, domain);
        return;
      }
      this.LogEvent(`${reasonOf(error)}, trying again`);
      after(this.PollInterval * 2 ** Math.min(++look.misses, 10));
    }
  }

  /** An order may have failed because nobody answered while the program was not running. */
  async #orderAgain(session: AccountSession, domain: DomainRecord): Promise<void> {
    this.LogEvent(`Ordering again: ${domain.CertCommonName}`);
    this.admitOrder(session, domain);
    await this.#orFail(session, domain, () => this.getChallenges(session, domain));
    await this.#start(session, domain);
  }

  #closeIfDone(): void {
    const isDone = this.session?.pending.size === 0 && this.#hostOrders.size === 0;
    if (isDone && this.AutoAccountClose) this.CloseAccount();
  }

  async #orderHost(
    dir: string,
    wanted: DomainRecord,
    expireDays: number,
    isInUse: (domain: DomainRecord) => boolean,
  ): Promise<void> {
    const session = await this.accountOf(dir);
    if (session.pending.has(wanted.CertCommonName)) return;
    const domain = merged(session.db.readDomain(wanted.CertCommonName), wanted);
    const rest = this.pauseOf(domain);
    if (rest > 0 && !domain.CertRenewNow)
      throw new EX509Exception(
        `Next Order Not Before ${domain.OrderNextDT.toISOString()} - ${domain.NewCertErrs}`,
      );
    if (isInUse(domain) && !(await this.#isRenewalDue(session, domain, expireDays))) {
      this.LogEvent(`Certificate of ${domain.CertCommonName} is not due for renewal`);
      return;
    }
    if (this.SupplierProto === TSupplierProto.SuppProtoOwnCA) {
      await this.#signOwn(session, domain, this.LoadOwnCA(), false);
      return;
    }
    this.admitOrder(session, domain);
    await this.#orFail(session, domain, () => this.getChallenges(session, domain));
    await this.#start(session, domain);
  }

  async #isRenewalDue(
    session: AccountSession,
    domain: DomainRecord,
    expireDays: number,
  ): Promise<boolean> {
    if (domain.CertRenewNow) return true;
    const byDate = isRenewalDue(domain.NewCertStartDT, domain.NewCertEndDT, expireDays);
    if (byDate || this.SupplierProto !== TSupplierProto.SuppProtoAcmeV2) return byDate;
    await this.#askAdvice(session, domain);
    const renewAt = domain.CertRenewCheckDT.getTime();
    domain.CertRenewNow = renewAt !== 0 && renewAt <= Date.now();
    this.store(session, domain);
    return domain.CertRenewNow;
  }

  /** A time to ask again that is further ahead than any can be was written by a wrong clock. */
  async #askAdvice(session: AccountSession, domain: DomainRecord): Promise<void> {
    const rest = domain.CertRenewRetryDT.getTime() - Date.now();
    if (rest > 0 && rest <= DAY_MS) return;
    try {
      const advice = await renewalAdvice(session.client, domain.CertRenewalId);
      domain.CertRenewCheckDT = advice?.renewAt ?? NO_DATE;
      domain.CertRenewRetryDT = advice?.askAgain ?? NO_DATE;
    } catch (error) {
      this.LogEvent(reasonOf(error));
    }
  }

  async #signOwn(
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

/** Raises unless there is an order that has not ended. */
function requireOrder({ AcmeOrderObjUrl, IssueState }: DomainRecord): void {
  const isOpen = IssueState >= IssStateChallgReq && IssueState < IssStateCollected;
  if (AcmeOrderObjUrl === '' || !isOpen)
    throw new EX509Exception('No ACME order found in database');
}

/** Another try may succeed: the line, an overloaded authority, too many requests. */
function isPassing(error: unknown): boolean {
  if (error instanceof EAcmeTransport) return true;
  return error instanceof EAcmeError && (error.status >= 500 || error.status === 429);
}

/** Is the last certificate of the domain the one in the file a server loads? */
function isInstalled(domain: DomainRecord, file: string, password: string): boolean {
  const base = new TX509Base(null);
  try {
    base.LoadFromFile(file, TCertReadOpt.croNo, TCertReadOpt.croNo, password);
    return domain.NewCertSerial !== '' && base.SerialNumHex === domain.NewCertSerial;
  } catch {
    return false;
  } finally {
    base.Free();
  }
}
