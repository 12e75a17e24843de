// The account directory of TSslX509Certs: opening, closing, log, events, and the rule that methods
// that work on it run one after the other.
import { printable } from '../base/printable';
import fs from 'node:fs';
import path from 'node:path';
import { readCertFile } from '../ssl/certFiles';
import { PEM_BEGIN } from '../ssl/pem';
import { TSupplierProto } from '../ssl/orderTypes';
import { EX509Exception, reasonOf } from '../ssl/sslErrors';
import { THttpDebugLevel, TLogOption, type TVar } from '../types';
import { isKnownAccount, loadAccountKey, register } from './acme/account';
import { AcmeClient } from './acme/client';
import { withResolvers } from './acme/https';
import { DirectoryLock } from './acme/lock';
import { AccountSession } from './accountSession';
import { ControlDb } from './controlDb';
import { ACCOUNT_FIELDS, type AccountRecord, type DomainRecord } from './records';
import { X509CertsProperties } from './X509CertsProperties';
import { OWN_CA_PREFIX, type TChallengeEvent, type TChallengeItem } from './x509CertsTypes';

const { SuppProtoAcmeV2, SuppProtoNone, SuppProtoOwnCA } = TSupplierProto;
const MIN_ACCOUNT_MINUTES = 2;
const DEFAULT_ACCOUNT_MINUTES = 10;
/** Longest text kept of one message. */
const MAX_MESSAGE = 4096;

export class X509CertsAccount extends X509CertsProperties {
  /** @internal */
  protected session: AccountSession | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #running = 0;
  #idleTimer: NodeJS.Timeout | null = null;
  #lastResponse = '';
  #lastError = '';
  #closings = 0;

  /** The last text of the log. */
  get LastResponse(): string {
    return this.#lastResponse;
  }

  /** The first real error of the last method that failed. */
  get LastError(): string {
    return this.#lastError;
  }

  /** Is an account open? */
  get IsAccountOpen(): boolean {
    return this.session !== null;
  }

  /** Challenges of all orders that wait for something. */
  get ChallengeItems(): readonly TChallengeItem[] {
    return this.session?.challenges ?? [];
  }

  get ChallengesTot(): number {
    return this.ChallengeItems.length;
  }

  /** Common names of all domains of the account. */
  get DomainItems(): string[] {
    return this.session?.db.domains() ?? [];
  }

  /** First letters of the files of new orders. */
  get NewCertPrefix(): string {
    return this.session?.prefix ?? this.prefix;
  }

  /** Number of the next order. */
  get SeqOrderNum(): number {
    return this.session?.db.readAccount().SeqOrderNum ?? 0;
  }

  /** URL of the account at the authority. */
  get AcmeAccountUrl(): string {
    return this.session?.db.readAccount().AcmeAccountUrl ?? '';
  }

  /**
   * Opens the account of a directory; what is stored there replaces the properties. CreateNew: makes
   * one from the properties if there is none. False: LastError says why. A directory that another
   * component or process has open is refused.
   */
  OpenAccount(WorkDir: string, CreateNew = false): Promise<boolean> {
    const { supplierProto } = this;
    return this.attempt('open', () => {
      this.supplierProto = supplierProto;
      return this.#reopen(path.resolve(WorkDir), CreateNew);
    });
  }

  /** As OpenAccount with the directory DirCertWork (ICS V9.5). */
  SetAcmeAccount(CreateNew = false): Promise<boolean> {
    return this.OpenAccount(this.DirCertWork, CreateNew);
  }

  /** Ends what runs, at once. Orders are kept and go on when the account is opened again. */
  CloseAccount(): void {
    this.#closings++;
    const { session } = this;
    if (!session) return;
    this.session = null;
    if (this.#idleTimer) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    this.accountClosing();
    session.close();
    this.supplierProto = SuppProtoNone;
    this.LogEvent('Account closed');
    this.notify('OnSuppDBRefresh');
  }

  override Destroy(): void {
    this.CloseAccount();
    super.Destroy();
  }

  /** Writes a line into the log: LastResponse, and OnCertProg unless DebugLevel is DebugNone. */
  LogEvent(Line: string): void {
    this.#lastResponse = Line.slice(0, MAX_MESSAGE);
    if (this.DebugLevel === THttpDebugLevel.DebugNone || !this.OnCertProg) return;
    try {
      const result: unknown = this.OnCertProg(this, TLogOption.loProtSpecInfo, this.#lastResponse);
      if (result instanceof Promise) result.catch(warn);
    } catch (error) {
      warn(error);
    }
  }

  /** @internal The account is open, or about to be closed. */
  protected accountOpened(): void {}
  protected accountClosing(): void {}

  /** @internal Is there work that will go on by itself? */
  protected get isBusy(): boolean {
    return this.#running > 0 || (this.session?.pending.size ?? 0) > 0;
  }

  /** @internal Runs behind what runs already. False: it failed, LastError is its reason. */
  protected attempt(what: string, action: () => Promise<boolean | void>): Promise<boolean> {
    const { promise, resolve } = withResolvers<boolean>();
    this.#running++;
    const run = async (): Promise<void> => {
      this.#lastError = '';
      let result = false;
      try {
        if (this.isDestroyed) throw new EX509Exception('Component was destroyed', 'EABORT');
        result = (await action()) ?? true;
      } catch (error) {
        this.failed(reasonOf(error));
      }
      this.#running--;
      this.touch();
      resolve(result);
    };
    this.#queue = this.#queue.then(run);
    return promise;
  }

  /** @internal Keeps the first error. */
  protected failed(text: string): void {
    if (this.#lastError === '') this.#lastError = text;
    this.LogEvent(text);
  }

  /** @internal Raises unless an account is open. */
  protected opened(): AccountSession {
    if (!this.session) throw new EX509Exception('Must open account first');
    return this.session;
  }

  /** @internal The open account of a directory, which is opened if need be. Inside a method only. */
  protected async accountOf(dir: string): Promise<AccountSession> {
    const folder = path.resolve(dir);
    if (this.session?.folder === folder) return this.session;
    try {
      if (this.session && this.session.pending.size > 0)
        throw new EX509Exception(`Orders of another account are pending: ${this.session.folder}`);
      await this.#reopen(folder, false);
    } catch (error) {
      throw new EX509Exception(`Failed to Open Certificate Supplier Database - ${reasonOf(error)}`);
    }
    return this.opened();
  }

  /** @internal The idle time begins again. */
  protected touch(): void {
    if (this.#idleTimer) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    if (!this.session) return;
    const isShort = this.AccountTimeOutMins <= MIN_ACCOUNT_MINUTES;
    const minutes = isShort ? DEFAULT_ACCOUNT_MINUTES : this.AccountTimeOutMins;
    this.#idleTimer = setTimeout(() => {
      if (this.isBusy) this.touch();
      else this.CloseAccount();
    }, minutes * 60_000);
    this.#idleTimer.unref();
  }

  /** @internal Calls an application handler; what it throws is logged and changes nothing. */
  protected notify(
    event: 'OnNewCert' | 'OnDomainsRefresh' | 'OnSuppDBRefresh' | 'OnChallgRefresh',
  ): void {
    const tell = (error: unknown): void =>
      this.LogEvent(`Exception in ${event}: ${reasonOf(error)}`);
    try {
      const result: unknown = this[event]?.(this);
      if (result instanceof Promise) result.catch(tell);
    } catch (error) {
      tell(error);
    }
  }

  /** @internal False: no handler, it said no, it threw, or it took too long. */
  protected async askChallenge(
    handler: TChallengeEvent | null,
    item: TChallengeItem,
  ): Promise<boolean> {
    if (!handler) return false;
    const answer: TVar<boolean> = { Value: false };
    const { promise: tooLate, reject } = withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${this.ChallengeTimeout} ms`)),
      this.ChallengeTimeout,
    );
    try {
      const result = await Promise.race([
        Promise.resolve(handler.call(this, this, { ...item }, answer)),
        tooLate,
      ]);
      return typeof result === 'boolean' ? result : answer.Value;
    } catch (error) {
      this.failed(`Challenge handler for ${item.CDomain}: ${reasonOf(error)}`);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @internal State and everything else of a domain go into the database. */
  protected store(session: AccountSession, domain: DomainRecord): void {
    session.db.writeDomain(domain);
    this.notify('OnChallgRefresh');
  }

  async #reopen(folder: string, createNew: boolean): Promise<void> {
    const { supplierProto } = this;
    this.CloseAccount();
    this.supplierProto = supplierProto;
    try {
      await this.#open(folder, createNew);
    } catch (error) {
      this.supplierProto = SuppProtoNone;
      throw error;
    } finally {
      this.notify('OnSuppDBRefresh');
    }
    this.accountOpened();
  }

  async #open(folder: string, createNew: boolean): Promise<void> {
    if (createNew) fs.mkdirSync(folder, { recursive: true });
    if (!fs.existsSync(folder)) throw new EX509Exception(`Account directory not found: ${folder}`);
    const lock = DirectoryLock.take(folder);
    const closings = this.#closings;
    try {
      const db = new ControlDb(folder);
      const stored = db.hasAccount;
      if (!stored && !createNew)
        throw new EX509Exception(`Existing account not found in ${folder}`);
      if (stored) this.#useStored(db.readAccount(), folder);
      this.DirCertWork = folder;
      const session = await this.#newSession(folder, db, lock);
      if (closings !== this.#closings) {
        session.close();
        throw new EX509Exception('Account was closed', 'EABORT');
      }
      this.session = session;
      this.LogEvent(`Opened account in ${folder}`);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #useStored(account: AccountRecord, folder: string): void {
    const own = this as unknown as Record<string, unknown>;
    const skipped = new Set(['DirCertWork', 'SeqOrderNum', 'AcmeAccountNum', 'AcmeAccountUrl']);
    for (const name of Object.keys(ACCOUNT_FIELDS)) {
      // An empty root does not undo the one the program has set.
      const isUnset = name === 'SupplierRootCA' && account.SupplierRootCA === '';
      if (!skipped.has(name) && !isUnset) own[name] = account[name as keyof AccountRecord];
    }
    // ICS: refuses a directory that was moved.
    if (path.resolve(account.DirCertWork) !== folder)
      this.LogEvent(`Certificate work directory has moved from ${account.DirCertWork}`);
  }

  async #newSession(folder: string, db: ControlDb, lock: DirectoryLock): Promise<AccountSession> {
    if (this.supplierProto === SuppProtoOwnCA) {
      this.#storeAccount(db, {});
      return new AccountSession(folder, OWN_CA_PREFIX, db, lock, null);
    }
    if (this.supplierProto !== SuppProtoAcmeV2)
      throw new EX509Exception('Unsupported certificate supplier');
    if (!this.directoryUrl.startsWith('https://'))
      throw new EX509Exception(`Invalid URL: ${this.directoryUrl}`);
    const client = new AcmeClient({
      directoryUrl: this.directoryUrl,
      ca: this.#rootPem(),
      timeout: this.RequestTimeout,
      route: this.route,
      log: (line) => this.LogEvent(`HTTP REST ${line}`),
    });
    const key = loadAccountKey(folder, this.AcmeAccKeyType);
    const { AcmeAccountUrl: known } = db.readAccount();
    if (known === '' || !(await isKnownAccount(client, key, known))) {
      const binding = { eabKid: this.AcmeEABKid, eabHmacKey: this.AcmeEABHmacKey };
      const url = await register(client, key, { email: this.SupplierEmail, ...binding });
      const number = url.slice(url.lastIndexOf('/') + 1);
      this.#storeAccount(db, { AcmeAccountUrl: url, AcmeAccountNum: number });
      this.LogEvent(`Registered ACME account ${url}`);
    }
    return new AccountSession(folder, this.prefix, db, lock, client);
  }

  #storeAccount(db: ControlDb, more: Partial<AccountRecord>): void {
    const own = this as unknown as AccountRecord;
    const names = Object.keys(ACCOUNT_FIELDS) as (keyof AccountRecord)[];
    const skipped = new Set(['SeqOrderNum', 'AcmeAccountNum', 'AcmeAccountUrl']);
    const pairs = names.filter((name) => !skipped.has(name)).map((name) => [name, own[name]]);
    const { SeqOrderNum } = db.readAccount();
    db.writeAccount({
      ...(Object.fromEntries(pairs) as Partial<AccountRecord>),
      SeqOrderNum,
      ...more,
    });
  }

  #rootPem(): string | undefined {
    if (this.SupplierRootCA === '') return undefined;
    if (this.SupplierRootCA.includes(PEM_BEGIN)) return this.SupplierRootCA;
    return readCertFile(this.SupplierRootCA).toString('latin1');
  }
}

function warn(error: unknown): void {
  process.emitWarning(`Exception in OnCertProg: ${printable(reasonOf(error))}`);
}
