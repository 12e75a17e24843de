// Orders of TSslX509Certs: the steps from a checked domain to saved files. The state of every step is
// in the database before the next one begins, so that a killed process goes on where it was.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readCertFile, writeCertFile } from '../ssl/certFiles';
import { keyFromPem } from '../ssl/certMaterial';
import { TChallengeType } from '../ssl/orderTypes';
import { generateKey } from '../ssl/selfSigned';
import { EX509Exception, reasonOf } from '../ssl/sslErrors';
import { IcsSslRootCAStore } from '../ssl/rootStore';
import { TX509Base } from '../ssl/TX509Base';
import type { AccountSession } from './accountSession';
import { acmeTypeOf } from './acme/challenges';
import { EAcmeError } from './acme/client';
import * as acme from './acme/order';
import { backOffMs, MAX_BACK_OFF_MS, RateLimiter } from './acme/rateLimit';
import { renewalId } from './acme/renewal';
import { identifierOf } from './certNames';
import * as output from './certOutput';
import { initialOf } from './iniFields';
import { newSan, ORDER_FIELDS, SETTING_FIELDS, type DomainRecord } from './records';
import { X509CertsChallenges } from './X509CertsChallenges';
import { DAY_MS, IssueStateNames, NO_DATE, TCertCsrOrigin, TIssueState } from './x509CertsTypes';

const {
  IssStateCancel,
  IssStateChallgOK,
  IssStateChallgPend,
  IssStateChallgReq,
  IssStateChallgWaitTest,
  IssStateCollected,
  IssStateFinalPend,
  IssStateIssued,
  IssStateIssuePend,
  IssStateNone,
} = TIssueState;
/** Orders of one account within the window; authorities allow far more. */
const ORDER_LIMIT = 10;
const ORDER_WINDOW_MS = 10_000;
const CHAIN_DAYS = 30;

/** What became of an order after one look at it. */
export interface StepResult {
  readonly isDone: boolean;
  /** Milliseconds the authority asks to wait. */
  readonly wait: number;
}
const DONE: StepResult = { isDone: true, wait: 0 };

export class X509CertsOrder extends X509CertsChallenges {
  readonly #limiter = new RateLimiter(ORDER_LIMIT, ORDER_WINDOW_MS);

  /** @internal Refuses what cannot be ordered; the texts are those of ICS. */
  protected checkOrder(domain: DomainRecord): void {
    const { CertCommonName: name } = domain;
    if (name === '') throw new EX509Exception('Must specify domain Common Name for certificate');
    if (!/[.:]/.test(name)) throw new EX509Exception(`Invalid Common Name - ${name}`);
    if (domain.SuppCertChallenge === TChallengeType.ChallNone)
      throw new EX509Exception('No challenge validation specified');
    if (acmeTypeOf(domain.SuppCertChallenge) === '')
      throw new EX509Exception('Unsupported challenge for ACME');
    // A date far ahead was written by a clock that was wrong.
    if (Math.abs(Date.now() - domain.NewCertStartDT.getTime()) < leastLifeOf(domain))
      throw new EX509Exception('Only one order per domain per day allowed');
    if (!domain.sans.some(({ Domain }) => Domain === name))
      domain.sans.unshift(newSan({ Domain: name }));
    for (const { Domain } of domain.sans) identifierOf(Domain);
  }

  /** @internal What can be refused before anything is sent or changed. */
  protected admitOrder(session: AccountSession, domain: DomainRecord): void {
    this.checkOrder(domain);
    output.requireDirectories(session.folder, domain);
    const wait = this.#limiter.take();
    if (wait > 0) throw new EX509Exception(`Too many orders, try again in ${wait} ms`);
  }

  /** @internal Places the order and prepares its challenges. */
  protected async getChallenges(session: AccountSession, domain: DomainRecord): Promise<void> {
    const old = { ...domain };
    Object.assign(domain, initialOf(ORDER_FIELDS), keptOf(old), {
      OrderAttempts: old.OrderAttempts + 1,
      OrderStartDT: new Date(),
      NewOrderNum: session.db.newOrderNum(),
    });
    domain.SuppOrderRef = `ICS-${domain.NewOrderNum}`;
    await this.cleanupChallenges(session, domain.CertCommonName);
    session.alive();
    const notAfter = endWanted(domain);
    const order = await acme.newOrder(session.client, {
      identifiers: domain.sans.map(({ Domain }) => identifierOf(Domain)),
      profile: domain.CertAcmeProfile,
      replaces: old.CertRenewalId,
      ...(notAfter ? { notAfter } : {}),
    });
    domain.AcmeOrderObjUrl = order.url;
    domain.AcmeOrderFinalizeUrl = order.finalize;
    domain.SuppOrderId = order.url.slice(order.url.lastIndexOf('/') + 1);
    domain.ChallgExpireDT = dateOf(order.expires);
    domain.ChallgStartDT = new Date();
    this.LogEvent(`Placed ACME order ${order.url} for ${domain.CertCommonName} - ${order.status}`);
    output.setPartNames(domain, session.folder, session.prefix);
    if (order.status === 'invalid')
      throw new EX509Exception(`ACME order is invalid ${order.error}`);
    // Stored before the first challenge: a process that is killed from here on can go on.
    this.setState(session, domain, IssStateChallgReq);
    await this.#prepareNames(session, domain, order);
  }

  async #prepareNames(
    session: AccountSession,
    domain: DomainRecord,
    order: acme.AcmeOrder,
  ): Promise<void> {
    for (const url of order.authorizations)
      await this.prepareName(session, domain, url, domain.ChallgExpireDT);
    const isReady = session.challengesOf(domain.CertCommonName).length === 0;
    this.setState(session, domain, isReady ? IssStateChallgOK : IssStateChallgReq);
  }

  /** @internal Tests the challenges and has the authority test them. */
  protected async startChallenges(session: AccountSession, domain: DomainRecord): Promise<void> {
    if (domain.IssueState >= IssStateChallgOK) return;
    if (session.challengesOf(domain.CertCommonName).length === 0) {
      // The program ended between the order and its challenges, or they were removed.
      const order = await acme.readOrder(session.client, domain.AcmeOrderObjUrl);
      if (order.status !== 'pending' && order.status !== 'ready')
        throw new EX509Exception('No challenges found, resetting state');
      await this.#prepareNames(session, domain, order);
    }
    const items = session.challengesOf(domain.CertCommonName);
    if (items.length === 0) return;
    await this.serverFor(items);
    if (!this.SkipLocalCheck) {
      const wrong = await this.testChallenges(items);
      if (wrong !== '') throw new EX509Exception(wrong);
    }
    this.setState(session.alive(), domain, IssStateChallgWaitTest);
    for (const item of items) {
      const status = await acme.startChallenge(session.client, item.ChallengeURL);
      item.CIssueState = status === 'valid' ? IssStateChallgOK : IssStateChallgPend;
      session.db.writeChallenge(item);
    }
    domain.PendingChallg = items.filter(({ CIssueState }) => CIssueState < IssStateChallgOK).length;
    this.setState(session, domain, IssStateChallgPend);
  }

  /**
   * @internal One look at the order, and everything that can be done now. Raises when the order has
   * failed for good, or when the authority cannot be reached (EAcmeTransport).
   */
  protected async step(session: AccountSession, domain: DomainRecord): Promise<StepResult> {
    if (domain.AcmeOrderObjUrl === '') throw new EX509Exception('No ACME order found in database');
    if (domain.IssueState < IssStateChallgPend) await this.startChallenges(session, domain);
    let order = await acme.readOrder(session.client, domain.AcmeOrderObjUrl);
    if (order.status === 'pending') {
      await this.#lookAtNames(session, domain, order);
      return { isDone: false, wait: order.retryAfter };
    }
    if (order.status === 'invalid') {
      await this.#lookAtNames(session, domain, order);
      const why = domain.sans.map(({ SAValidResult }) => SAValidResult).find((text) => text !== '');
      throw new EX509Exception(`ACME order failed - ${why || order.error || 'no reason given'}`);
    }
    if (order.status === 'ready') order = await this.#finalize(session, domain, order);
    if (order.status === 'valid') {
      await this.#collect(session, domain, order);
      return DONE;
    }
    if (order.status !== 'processing')
      throw new EX509Exception(`Failed to collect SSL certificate, order status: ${order.status}`);
    if (domain.IssueState !== IssStateIssuePend) this.setState(session, domain, IssStateIssuePend);
    return { isDone: false, wait: order.retryAfter };
  }

  /** @internal An order that has failed: state None, the reason kept, challenges removed. */
  protected async giveUp(
    session: AccountSession,
    domain: DomainRecord,
    error: unknown,
  ): Promise<void> {
    const reason = reasonOf(error);
    const asked = error instanceof EAcmeError ? Math.min(error.retryAfter, MAX_BACK_OFF_MS) : 0;
    this.failed(reason);
    session.pending.delete(domain.CertCommonName);
    if (session.isClosed) return;
    domain.IssueState = IssStateNone;
    domain.NewCertErrs = reason;
    domain.OrderFailures += 1;
    domain.OrderNextDT = new Date(Date.now() + Math.max(backOffMs(domain.OrderFailures), asked));
    await this.cleanupChallenges(session, domain.CertCommonName);
    if (session.isClosed) return;
    const { FileOrderKey } = domain;
    try {
      domain.FileOrderKey = '';
      this.store(session, domain);
      fs.rmSync(FileOrderKey, { force: true });
    } catch (error) {
      // Where nothing can be written the record stays, and the order goes on from it with its key.
      this.LogEvent(reasonOf(error));
    }
    this.stopServerIfIdle(session);
  }

  /** @internal Milliseconds until automatic orders of this domain are allowed again. */
  protected pauseOf(domain: DomainRecord): number {
    const rest = domain.OrderNextDT.getTime() - Date.now();
    return rest > MAX_BACK_OFF_MS ? 0 : Math.max(0, rest);
  }

  async #lookAtNames(
    session: AccountSession,
    domain: DomainRecord,
    order: acme.AcmeOrder,
  ): Promise<void> {
    for (const item of session.challengesOf(domain.CertCommonName)) {
      if (order.status === 'pending' && item.CIssueState >= IssStateChallgOK) continue;
      const found = await acme.readAuthorization(session.client, item.CAuthzURL);
      const challenge = found.challenges.find(({ url }) => url === item.ChallengeURL);
      if (found.status === 'valid') item.CIssueState = IssStateChallgOK;
      item.CValidResult = challenge?.error ?? '';
      session.db.writeChallenge(item);
      const name = item.CWildcard ? `*.${item.CDomain}` : item.CDomain;
      const san = domain.sans.find(({ Domain }) => Domain === name);
      if (!san) continue;
      san.SAIssueState = item.CIssueState;
      san.SAValidResult = item.CValidResult === '' ? '' : `${name}: ${item.CValidResult}`;
      if (item.CIssueState === IssStateChallgOK) san.SADoneDT = new Date();
    }
  }

  /** The key is on disk before the authority has the request: a certificate without key is lost. */
  async #finalize(
    session: AccountSession,
    domain: DomainRecord,
    order: acme.AcmeOrder,
  ): Promise<acme.AcmeOrder> {
    // ICS: the server stops first too, for logs of new certificates attract attackers at once.
    for (const item of session.challengesOf(domain.CertCommonName))
      item.CIssueState = IssStateChallgOK;
    this.stopServerIfIdle(session);
    if (domain.IssueState < IssStateChallgOK) domain.ChallgDoneDT = new Date();
    domain.PendingChallg = 0;
    this.setState(session, domain, IssStateChallgOK);
    const key = this.#orderKey(session, domain);
    const csr = this.#request(domain, key);
    this.setState(session, domain, IssStateFinalPend);
    return acme.finalizeOrder(session.client, order, csr);
  }

  #request(domain: DomainRecord, key: KeyObject): Buffer {
    if (domain.CertCsrOrigin === TCertCsrOrigin.CsrOriginFile)
      return output.readCsr(domain.CertOldCsrFile);
    return output.makeCsr(domain, key);
  }

  #orderKey(session: AccountSession, domain: DomainRecord): KeyObject {
    if (domain.CertCsrOrigin === TCertCsrOrigin.CsrOriginFile)
      return keyFromPem(
        readCertFile(domain.CertOldPrvKey).toString('latin1'),
        domain.PrivKeyPassword,
      );
    if (domain.FileOrderKey !== '' && fs.existsSync(domain.FileOrderKey))
      return createPrivateKey(fs.readFileSync(domain.FileOrderKey));
    const key = generateKey(domain.PrivKeyType);
    domain.FileOrderKey = `${domain.PartFNameOrder}-orderkey.pem`;
    const pem = String(key.export({ type: 'pkcs8', format: 'pem' }));
    writeCertFile(domain.FileOrderKey, pem, true);
    return key;
  }

  async #collect(
    session: AccountSession,
    domain: DomainRecord,
    order: acme.AcmeOrder,
  ): Promise<void> {
    domain.AcmeCertUrl = order.certificate;
    if (domain.IssueState !== IssStateIssued) this.setState(session, domain, IssStateIssued);
    const isFile = domain.CertCsrOrigin === TCertCsrOrigin.CsrOriginFile;
    if (!isFile && (domain.FileOrderKey === '' || !fs.existsSync(domain.FileOrderKey)))
      throw new EX509Exception('The private key of the order is lost');
    const key = this.#orderKey(session, domain);
    const pem = await acme.downloadCertificate(session.client, order.certificate);
    session.alive();
    const { cert, inters, dropped } = output.sortDownload(pem, domain, key);
    if (dropped > 0) this.LogEvent(`Dropped ${dropped} self-signed certificates of the download`);
    const csr = output.makeCsr(domain, key);
    output.setPartNames(domain, session.folder, session.prefix);
    this.saveFiles(session, domain, { cert, key, inters, csr });
    domain.CertRenewalId = renewalId(cert);
    this.#dropKey(domain);
    await this.finished(session, domain);
  }

  /** @internal Writes all files and describes the certificate in the record. */
  protected saveFiles(
    session: AccountSession,
    domain: DomainRecord,
    parts: output.NewCertificate,
  ): void {
    const base = new TX509Base(null);
    base.X509 = parts.cert;
    base.X509Inters = parts.inters;
    const info = { Value: '' };
    const errs = { Value: '' };
    const name = domain.CertCommonName.replace(/^\*\./, 'x.');
    domain.NewCertValRes = base.ValidateCertChain(name, IcsSslRootCAStore, info, errs, CHAIN_DAYS);
    domain.NewCertChainInfo = info.Value;
    domain.NewCertErrs = errs.Value;
    domain.NewCertCN = base.SubjectCName;
    domain.NewCertSerial = base.SerialNumHex;
    domain.NewCertSAN = [...base.ListNamesDNS, ...base.ListNameIP].join(',');
    domain.NewCertStartDT = base.ValidNotBefore;
    domain.NewCertEndDT = base.ValidNotAfter;
    base.Free();
    output.saveCertificate(domain, parts);
    this.LogEvent(
      `Saved certificate files ${domain.FileFinalBundle} - serial ${parts.cert.serialNumber}`,
    );
  }

  /** @internal The files are there: record, challenges, OnNewCert. */
  protected async finished(session: AccountSession, domain: DomainRecord): Promise<void> {
    const now = Date.now();
    domain.OrderCertsDT = new Date(now);
    // A new certificate that is not valid now shows a wrong clock, which would order again and again.
    const isValid =
      now >= domain.NewCertStartDT.getTime() - DAY_MS && now < domain.NewCertEndDT.getTime();
    domain.OrderFailures = isValid ? 0 : domain.OrderFailures + 1;
    domain.OrderNextDT = isValid ? NO_DATE : new Date(now + backOffMs(domain.OrderFailures));
    if (!isValid) this.LogEvent('The new certificate is not valid now: is the clock right?');
    domain.CertRenewNow = false;
    domain.CertRenewRetryDT = NO_DATE;
    domain.CertRenewCheckDT = NO_DATE;
    for (const san of domain.sans) san.SAIssueState = IssStateCollected;
    this.setState(session, domain, IssStateCollected);
    session.pending.delete(domain.CertCommonName);
    await this.cleanupChallenges(session, domain.CertCommonName);
    this.publishResults(domain);
    this.notify('OnNewCert');
  }

  #dropKey(domain: DomainRecord): void {
    if (domain.FileOrderKey !== '') fs.rmSync(domain.FileOrderKey, { force: true });
    domain.FileOrderKey = '';
  }

  /** @internal */
  protected async cancelOrder(session: AccountSession, domain: DomainRecord): Promise<void> {
    if (domain.IssueState === IssStateCancel)
      throw new EX509Exception('ACME order already cancelled');
    if (domain.AcmeOrderObjUrl === '') throw new EX509Exception('No ACME order found in database');
    session.pending.delete(domain.CertCommonName);
    const order = await acme.readOrder(session.client, domain.AcmeOrderObjUrl);
    for (const url of order.authorizations) {
      try {
        await acme.deactivateAuthorization(session.client, url);
      } catch (error) {
        // One that is over (invalid, expired) needs no deactivation.
        if (!(error instanceof EAcmeError)) throw error;
        this.LogEvent(`Authorisation not deactivated: ${error.message}`);
      }
    }
    await this.cleanupChallenges(session, domain.CertCommonName);
    this.#dropKey(domain);
  }

  /** @internal */
  protected async revokeOrder(session: AccountSession, domain: DomainRecord): Promise<void> {
    const file = [domain.FileFinalCert, domain.FileFinalBundle].find(
      (name) => name !== '' && fs.existsSync(name),
    );
    if (domain.OrderCertsDT.getTime() === 0 || !file)
      throw new EX509Exception('Can not revoke, no certificate collected');
    const base = new TX509Base(null);
    try {
      base.LoadFromFile(path.resolve(file), 0, 0, domain.PrivKeyPassword);
      if (!base.X509) throw new EX509Exception('Can not revoke, no certificate collected');
      await this.cancelOrder(session, domain);
      await acme.revokeCertificate(session.client, base.X509);
    } finally {
      base.Free();
    }
  }

  /** @internal */
  protected setState(session: AccountSession, domain: DomainRecord, state: TIssueState): void {
    domain.IssueState = state;
    this.store(session, domain);
    this.LogEvent(`Order of ${domain.CertCommonName}: ${IssueStateNames[state] ?? ''}`);
  }
}

/** What a new order keeps of the one before: the certificate in use stays described. */
function keptOf(old: DomainRecord): Partial<DomainRecord> {
  const { FileFinalBundle, FileFinalCert, FileFinalPrvKey, NewCertCN, NewCertSAN } = old;
  const { NewCertSerial } = old;
  const { NewCertStartDT, NewCertEndDT, OrderCertsDT, OrderFailures, CertRenewalId } = old;
  return {
    FileFinalBundle,
    FileFinalCert,
    FileFinalPrvKey,
    NewCertCN,
    NewCertSAN,
    NewCertSerial,
    NewCertStartDT,
    NewCertEndDT,
    OrderCertsDT,
    OrderFailures,
    CertRenewalId,
  };
}

/**
 * Milliseconds between two orders of a domain: a day. ICS: always; here a certificate that lives less
 * than three days could then not be renewed in time.
 */
function leastLifeOf({ NewCertStartDT, NewCertEndDT }: DomainRecord): number {
  const life = NewCertEndDT.getTime() - NewCertStartDT.getTime();
  return life > 0 ? Math.min(DAY_MS, life / 3) : DAY_MS;
}

/** CertValidity in days; the default asks for nothing: most authorities set the end themselves. */
function endWanted({ CertValidity }: DomainRecord): Date | null {
  const isAsked = CertValidity > 0 && CertValidity !== initialOf(SETTING_FIELDS).CertValidity;
  return isAsked ? new Date(Date.now() + CertValidity * DAY_MS) : null;
}

function dateOf(text: string): Date {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? NO_DATE : moment;
}
