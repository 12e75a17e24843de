// An open account directory: lock, database, client, pending challenges. All of it ends together when
// the account is closed; whoever still holds the session then gets an exception from `alive`.
import { initialOf } from './iniFields';
import { EX509Exception } from '../ssl/sslErrors';
import type { AcmeClient } from './acme/client';
import type { DirectoryLock } from './acme/lock';
import type { ControlDb } from './controlDb';
import { CHALLENGE_FIELDS, type DomainRecord } from './records';
import type { TChallengeItem } from './x509CertsTypes';

/** An order that is looked at from time to time. */
export interface PendingOrder {
  /** When to look next, on performance.now's clock. */
  nextAt: number;
  /** Times in a row that the authority could not be reached. */
  misses: number;
  /** Was it begun by an earlier run of the program? */
  readonly isResumed: boolean;
}

export class AccountSession {
  readonly folder: string;
  readonly prefix: string;
  readonly challenges: TChallengeItem[] = [];
  /** Orders that go on by themselves, by common name. */
  readonly pending = new Map<string, PendingOrder>();
  readonly #db: ControlDb;
  readonly #lock: DirectoryLock;
  readonly #client: AcmeClient | null;
  #isClosed = false;

  /** No client: an own CA. */
  constructor(
    folder: string,
    prefix: string,
    db: ControlDb,
    lock: DirectoryLock,
    client: AcmeClient | null,
  ) {
    this.folder = folder;
    this.prefix = prefix;
    this.#db = db;
    this.#lock = lock;
    this.#client = client;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Raises when the account was closed meanwhile: then another process may own the files. */
  alive(): this {
    if (this.#isClosed) throw new EX509Exception('Account was closed', 'EABORT');
    return this;
  }

  get db(): ControlDb {
    this.alive();
    return this.#db;
  }

  get client(): AcmeClient {
    this.alive();
    if (!this.#client) throw new EX509Exception('No ACME account');
    return this.#client;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#client?.close();
    this.#lock.release();
  }

  domain(commonName: string): DomainRecord {
    const domain = this.db.readDomain(commonName);
    if (!domain) throw new EX509Exception(`Domain not found in database: ${commonName}`);
    return domain;
  }

  challengesOf(commonName: string): TChallengeItem[] {
    return this.challenges.filter(({ CCommonName }) => CCommonName === commonName);
  }

  addChallenge(item: TChallengeItem): void {
    this.db.writeChallenge(item);
    const at = this.challenges.findIndex(
      ({ CDomain, CWildcard }) => CDomain === item.CDomain && CWildcard === item.CWildcard,
    );
    if (at >= 0) this.challenges[at] = item;
    else this.challenges.push(item);
  }

  dropChallenge(item: TChallengeItem): void {
    const at = this.challenges.indexOf(item);
    if (at >= 0) this.challenges.splice(at, 1);
    this.db.deleteChallenge(item);
  }
}

export function newChallenge(parts: Partial<TChallengeItem>): TChallengeItem {
  return { ...initialOf(CHALLENGE_FIELDS), ...parts };
}
