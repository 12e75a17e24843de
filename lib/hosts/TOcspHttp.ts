// Asks OCSP responders about the certificates of hosts and keeps the answers (ICS: TOcspHttp in
// OverbyteIcsSslHttpRest). Answers are kept in memory and in a file, so that a restart needs no
// responder.
//
// ICS: there the question blocks the server for up to three seconds; here it never waits.
import type { X509Certificate } from 'node:crypto';
import { TComponent } from '../base/TComponent';
import { readCertFile, writeCertFile } from '../ssl/certFiles';
import { ocspRequest, readOcspResponse, type OcspAnswer } from '../ssl/ocsp';
import { reasonOf } from '../ssl/sslErrors';
import { fetchOcsp } from './ocspFetch';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** How long an answer without an end counts (ICS: OcspMaxDays). */
const MAX_DAYS = 7;
const MAX_ANSWER = 65536;
const MAX_RUNNING = 8;
const MAX_ENTRIES = 10000;

/** An answer that counts. */
export interface OcspEntry extends OcspAnswer {
  readonly raw: Buffer;
  readonly fetched: number;
  /** Milliseconds since 1970: up to then the answer may be shown to clients. */
  readonly until: number;
}

export interface OcspQuestion {
  readonly cert: X509Certificate;
  readonly issuer: X509Certificate;
  readonly url: string;
}

type Done = (reason: string, entry: OcspEntry | null) => void;

interface Job extends OcspQuestion {
  readonly listeners: Done[];
}

/** One line of the file. */
interface Stored {
  readonly cert: string;
  readonly fetched: number;
  readonly raw: string;
}

export class TOcspHttp extends TComponent {
  /** File of the answers; '': memory only. Default `ocspservercache.recs`. */
  declare CacheFName: string;
  /** After how many days an answer is asked for anew, if it lives so long. Default 1. */
  declare CacheRefrDays: number;
  /** Minutes until a new answer is written to the file. Default 1. */
  declare CacheFlushMins: number;
  /** Milliseconds for one question (addition). Default 3000, as in ICS. */
  declare OcspTimeout: number;

  readonly #entries = new Map<string, OcspEntry>();
  /** Lines of the file that nobody has asked for yet. */
  #stored: Map<string, Stored> | null = null;
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Map<string, () => void>();
  #flushTimer: NodeJS.Timeout | null = null;

  /** The answer for a certificate while it counts, else null. */
  Find(question: OcspQuestion): OcspEntry | null {
    const key = question.cert.fingerprint256;
    const entry = this.#entries.get(key) ?? this.#restore(key, question);
    return entry && entry.until > Date.now() ? entry : null;
  }

  /** Is it time to ask again? Half the life of the answer, at most CacheRefrDays. */
  NeedsRefresh({ fetched, thisUpdate, until }: OcspEntry): boolean {
    const half = thisUpdate.getTime() + (until - thisUpdate.getTime()) / 2;
    return Date.now() > Math.min(half, fetched + this.CacheRefrDays * DAY_MS);
  }

  /** Asks the responder; `done` is called later, unless this object is freed before. */
  Ask(question: OcspQuestion, done: Done): void {
    if (this.isDestroyed) return;
    const key = question.cert.fingerprint256;
    const job = this.#jobs.get(key);
    if (job) {
      job.listeners.push(done);
      return;
    }
    this.#jobs.set(key, { ...question, listeners: [done] });
    this.#next();
  }

  /** Questions without an answer yet. */
  get Pending(): number {
    return this.#jobs.size;
  }

  #next(): void {
    for (const [key, job] of this.#jobs) {
      if (this.#running.size >= MAX_RUNNING) return;
      if (!this.#running.has(key)) this.#start(key, job);
    }
  }

  #start(key: string, job: Job): void {
    const { cert, issuer, url } = job;
    this.#running.set(key, () => undefined);
    const settle = (reason: string, raw: Buffer): void => {
      this.#running.delete(key);
      this.#jobs.delete(key);
      this.#settle(job, reason, raw);
      if (!this.isDestroyed) this.#next();
    };
    try {
      const body = ocspRequest(cert, issuer);
      const limits = { timeoutMs: this.OcspTimeout, maxBytes: MAX_ANSWER };
      this.#running.set(key, fetchOcsp({ url, body, ...limits }, settle));
    } catch (error) {
      queueMicrotask(() => settle(reasonOf(error), Buffer.alloc(0)));
    }
  }

  #settle(job: Job, failure: string, raw: Buffer): void {
    let reason = failure;
    let entry: OcspEntry | null = null;
    if (reason === '')
      try {
        entry = entryOf(job, raw, Date.now());
        this.#keep(job.cert.fingerprint256, entry);
      } catch (error) {
        reason = reasonOf(error);
      }
    for (const done of job.listeners) if (!this.isDestroyed) done(reason, entry);
  }

  // ---- The file ------------------------------------------------------------------------------

  #keep(key: string, entry: OcspEntry): void {
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.delete([...this.#entries.keys()][0]!);
    this.#entries.set(key, entry);
    if (this.CacheFName === '' || this.#flushTimer !== null) return;
    this.#flushTimer = setTimeout(() => this.Flush(), this.CacheFlushMins * MINUTE_MS);
    this.#flushTimer.unref();
  }

  /** Writes the file now if there is something new. A file that cannot be written is no error. */
  Flush(): void {
    if (this.#flushTimer === null) return;
    clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    const now = Date.now();
    const fresh = [...this.#entries].filter(([, { until }]) => until > now);
    const lines = new Map<string, Stored>(this.#lines());
    for (const [cert, { fetched, raw }] of fresh)
      lines.set(cert, { cert, fetched, raw: raw.toString('base64') });
    const recent = [...lines.values()].filter(({ fetched }) => now - fetched < MAX_DAYS * DAY_MS);
    try {
      writeCertFile(
        this.CacheFName,
        recent.map((line) => `${JSON.stringify(line)}\n`).join(''),
        false,
      );
    } catch {
      return; // the answers stay in memory
    }
  }

  #lines(): Map<string, Stored> {
    if (this.#stored !== null) return this.#stored;
    this.#stored = new Map();
    if (this.CacheFName === '') return this.#stored;
    try {
      for (const line of readCertFile(this.CacheFName).toString('utf8').split('\n')) {
        const stored = line === '' ? null : storedOf(line);
        if (stored && this.#stored.size < MAX_ENTRIES) this.#stored.set(stored.cert, stored);
      }
    } catch {
      this.#stored.clear(); // no file yet, or one of another kind
    }
    return this.#stored;
  }

  /** An answer from the file is checked as one from the responder. */
  #restore(key: string, question: OcspQuestion): OcspEntry | null {
    const stored = this.#lines().get(key);
    if (!stored) return null;
    this.#lines().delete(key);
    try {
      const entry = entryOf(question, Buffer.from(stored.raw, 'base64'), stored.fetched);
      this.#entries.set(key, entry);
      return entry;
    } catch {
      return null;
    }
  }

  /** Gives up all questions, writes the file. */
  override Destroy(): void {
    if (this.isDestroyed) return;
    for (const cancel of this.#running.values()) cancel();
    this.#running.clear();
    this.#jobs.clear();
    this.Flush();
    super.Destroy();
  }
}

function entryOf({ cert, issuer }: OcspQuestion, raw: Buffer, fetched: number): OcspEntry {
  const answer = readOcspResponse(raw, cert, issuer);
  const until = answer.nextUpdate?.getTime() ?? fetched + MAX_DAYS * DAY_MS;
  return { ...answer, raw, fetched, until };
}

function storedOf(line: string): Stored | null {
  try {
    const { cert, fetched, raw } = JSON.parse(line) as Partial<Stored>;
    const isWhole = typeof cert === 'string' && typeof raw === 'string';
    return isWhole && typeof fetched === 'number' ? { cert, fetched, raw } : null;
  } catch {
    return null;
  }
}

Object.assign(TOcspHttp.prototype, {
  CacheFName: 'ocspservercache.recs',
  CacheRefrDays: 1,
  CacheFlushMins: 1,
  OcspTimeout: 3000,
});
