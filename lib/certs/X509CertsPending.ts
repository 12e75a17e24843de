// Orders of TSslX509Certs on their way: starting them, looking at them from time to time, taking up
// those of an earlier run. The line may fail as often as it likes; only the authority's refusal, or the
// end of the order, ends an order.
import { EX509Exception, reasonOf } from '../ssl/sslErrors';
import type { AccountSession, PendingOrder } from './accountSession';
import { EAcmeError } from './acme/client';
import { EAcmeTransport } from './acme/https';
import { pause } from './acme/pause';
import { MAX_BACK_OFF_MS } from './acme/rateLimit';
import type { DomainRecord } from './records';
import { X509CertsOrder } from './X509CertsOrder';
import { TIssueState } from './x509CertsTypes';

const { IssStateChallgOK, IssStateChallgReq, IssStateCollected, IssStateNone } = TIssueState;
/** Longest pause of our own between two looks at a pending order; the authority may ask for more. */
const MAX_LOOK_MS = 60_000;

export class X509CertsPending extends X509CertsOrder {
  #timer: NodeJS.Timeout | null = null;

  /** @internal Is there work whose end closes the account? */
  protected get hasHostOrders(): boolean {
    return false;
  }

  /** @internal An order has failed for good; or it goes on later. */
  protected orderFailed(_name: string, _reason: string): void {}
  protected orderDelayed(_name: string, _reason: string): void {}

  /** @internal Orders that were interrupted go on. */
  protected override accountOpened(): void {
    const session = this.opened();
    this.restoreChallenges(session);
    if (!this.AutoOrderComplete) return;
    for (const name of session.db.domains()) {
      const state = session.db.readDomain(name)?.IssueState ?? IssStateNone;
      if (state < IssStateChallgReq || state >= IssStateCollected) continue;
      this.LogEvent(`Order of ${name} goes on`);
      this.watch(session, name, true);
    }
  }

  /** @internal */
  protected override accountClosing(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    super.accountClosing();
  }

  /**
   * @internal A failure of the order ends it. One that may pass leaves a placed order as it is; before
   * that there is nothing to go on with.
   */
  protected async orFail(
    session: AccountSession,
    domain: DomainRecord,
    action: () => Promise<void>,
  ): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!session.isClosed && !goesOn(domain, error)) {
        await this.giveUp(session, domain, error);
        this.closeIfDone();
      }
      throw error;
    }
  }

  /** @internal Has the challenges of a placed order tested. */
  protected async startOrder(session: AccountSession, domain: DomainRecord): Promise<void> {
    requireOrder(domain);
    await this.orFail(session, domain, async () => {
      const isReady = domain.IssueState >= IssStateChallgOK;
      await this.startChallenges(session, domain);
      if (isReady) await this.finishOrder(session, domain);
      else if (this.AutoOrderComplete) this.watch(session, domain.CertCommonName);
    });
  }

  /** @internal Looks at the order until it has ended. */
  protected async finishOrder(session: AccountSession, domain: DomainRecord): Promise<void> {
    await this.serverFor(session.challengesOf(domain.CertCommonName));
    const end = performance.now() + this.CollectTimeout;
    for (;;) {
      const { isDone, wait } = await this.step(session, domain);
      if (isDone) return;
      const rest = end - performance.now();
      if (rest <= 0) throw new EAcmeTransport('The authority has not finished the order in time');
      await pause(Math.min(Math.max(wait, this.PollInterval), rest), session.client.signal);
    }
  }

  /** @internal The order goes on by itself. */
  protected watch(session: AccountSession, name: string, isResumed = false): void {
    const nextAt = performance.now() + this.PollInterval;
    session.pending.set(name, { nextAt, misses: 0, isResumed });
    this.#schedule();
  }

  /** @internal */
  protected closeIfDone(): void {
    const isDone = this.session?.pending.size === 0 && !this.hasHostOrders;
    if (isDone && this.AutoAccountClose) this.CloseAccount();
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
    this.closeIfDone();
  }

  async #look(session: AccountSession, domain: DomainRecord, look: PendingOrder): Promise<void> {
    const { CertCommonName: name } = domain;
    const after = (own: number, asked: number): void => {
      const wait = Math.max(this.PollInterval, Math.min(own, MAX_LOOK_MS), asked);
      look.nextAt = performance.now() + Math.min(wait, MAX_BACK_OFF_MS);
    };
    try {
      await this.serverFor(session.challengesOf(name));
      const { wait } = await this.step(session, domain);
      look.misses = 0;
      after(0, wait);
    } catch (error) {
      if (session.isClosed) return;
      const isOver = domain.ChallgExpireDT.getTime() < Date.now();
      if (!isPassing(error) || isOver) {
        this.orderFailed(name, reasonOf(error));
        await this.giveUp(session, domain, error);
        if (look.isResumed && !session.isClosed) await this.#orderAgain(session, domain);
        return;
      }
      this.LogEvent(`${reasonOf(error)}, trying again`);
      this.orderDelayed(name, reasonOf(error));
      after(this.PollInterval * 2 ** Math.min(++look.misses, 10), askedBy(error));
    }
  }

  /** An order may have failed because nobody answered while the program was not running. */
  async #orderAgain(session: AccountSession, domain: DomainRecord): Promise<void> {
    this.LogEvent(`Ordering again: ${domain.CertCommonName}`);
    this.admitOrder(session, domain);
    await this.orFail(session, domain, () => this.getChallenges(session, domain));
    await this.startOrder(session, domain);
  }
}

/** Raises unless there is an order that has not ended. */
export function requireOrder({ AcmeOrderObjUrl, IssueState }: DomainRecord): void {
  const isOpen = IssueState >= IssStateChallgReq && IssueState < IssStateCollected;
  if (AcmeOrderObjUrl === '' || !isOpen)
    throw new EX509Exception('No ACME order found in database');
}

/** Is there an order that does not end with this error? */
export function goesOn({ IssueState }: DomainRecord, error: unknown): boolean {
  return isPassing(error) && IssueState >= IssStateChallgReq;
}

/** Another try may succeed: the line, an overloaded authority, too many requests. */
function isPassing(error: unknown): boolean {
  return error instanceof EAcmeTransport || (error instanceof EAcmeError && error.isPassing);
}

/** Milliseconds the authority asks to wait before the next try. */
function askedBy(error: unknown): number {
  return error instanceof EAcmeError ? error.retryAfter : 0;
}
