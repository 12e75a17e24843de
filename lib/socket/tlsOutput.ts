// The output of a TLS connection: plaintext that waits, for the handshake or for the end of the running
// dispatch, and ciphertext that the core has only queued.
import { constants } from 'node:os';
import * as N from '../native';
import type { TlsEngine } from '../ssl/tlsEngine';
import { PlainBatch } from './plainBatch';
import { ReplyBudget } from './replyBudget';
import { coalesce, drained, flushQueue } from './send';
import * as F from './socketFlags';
import type { TCustomSslWSocket } from './TCustomSslWSocket';

const { native } = N;
const { send: nativeSend } = native;
const { EBADF } = constants.errno;
/** Plaintext that is collected before it goes through TLS. */
const BATCH_LIMIT = 64 * 1024;

export class TlsOutput {
  readonly #socket: TCustomSslWSocket;
  readonly #handle: number;
  readonly #batch = new PlainBatch();
  readonly #replies = new ReplyBudget();
  /** Null before there is one. */
  filter: TlsEngine | null = null;
  /** OnSslHandshakeDone(0) has fired: what was sent goes out. */
  isOpen = false;
  /** Plaintext, as part of socket.queued; what of it TLS has, and has not yet made ciphertext. */
  #unsent = 0;
  #inTls = 0;
  /** Ciphertext was made that nobody has seen to yet. */
  #made = false;
  /** That is what TLS itself had to say, and it leaves with the first reply. */
  #awaitsReply = false;

  constructor(socket: TCustomSslWSocket) {
    this.#socket = socket;
    this.#handle = socket.socketHandle;
  }

  // ---- Plaintext -----------------------------------------------------------------------------

  /** In a dispatch it is collected, as that of a plain connection. True: it is to go out now. */
  add(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    const collects = (socket.flags & F.IN_DISPATCH) !== 0 && socket.CoalesceSends;
    this.#batch.add(bytes, this.isOpen && collects);
    this.#countUnsent();
    if (!this.isOpen) return false;
    if (!collects || this.#batch.size >= BATCH_LIMIT) return true;
    coalesce(socket);
    return false;
  }

  /** Plaintext waits, and nothing holds it back. */
  get isReady(): boolean {
    return this.isOpen && this.#batch.size > 0;
  }

  /** What was collected, for TLS: its ciphertext is no reply. Valid until the next call for any socket. */
  take(): Uint8Array {
    this.#replies.allow(this.#batch.size, (this.filter?.unsent ?? 0) > 0);
    return this.#batch.take();
  }

  /** Forgets what was sent and is still plaintext. */
  drop(): void {
    this.#batch.clear();
    this.#countUnsent();
  }

  // Plaintext that is not ciphertext yet counts as queued.
  #countUnsent(): void {
    this.#inTls = this.filter?.unsent ?? 0;
    const held = this.#batch.size + this.#inTls;
    this.#socket.queued += held - this.#unsent;
    this.#socket.plainQueued = held;
    this.#unsent = held;
  }

  // ---- Ciphertext ----------------------------------------------------------------------------

  /** `isReply`: it counts for isFlooded. */
  queue(bytes: Uint8Array, isReply: boolean): 'queued' | 'noMemory' | 'closed' {
    this.#made = true;
    if (isReply) this.#replies.spend(bytes.length);
    const result = nativeSend(this.#handle, bytes, 0, bytes.length, 1);
    if (result >= 0) return 'queued';
    return result === -EBADF ? 'closed' : 'noMemory';
  }

  /** Plaintext has arrived: what TLS says now is part of a conversation. */
  renewReplies(): void {
    this.#replies.renew();
  }

  /** TLS itself says much while no plaintext passes. */
  get isFlooded(): boolean {
    return this.#replies.isSpent;
  }

  /**
   * Writes the ciphertext that was made, now or at the end of the dispatch. `inPump`: there will be such
   * an end, and each write of the application has had a call of its own.
   */
  flush(inPump: boolean): void {
    const socket = this.#socket;
    const waited = this.#unsent > 0;
    const isOwn = inPump && this.#inTls === 0;
    this.#countUnsent();
    if (this.#made) {
      this.#made = false;
      if (!this.#mayWait(isOwn)) return flushQueue(socket);
      this.#awaitsReply ||= isOwn;
      coalesce(socket);
    } else if (waited && socket.queued === 0) {
      drained(socket);
    }
  }

  // Tickets leave together with the first reply. In the middle of a handshake nothing is to come.
  #mayWait(isOwn: boolean): boolean {
    const { flags } = this.#socket;
    if (flags & F.TLS_HANDSHAKE && !this.filter?.established) return false;
    return isOwn || (flags & (F.IN_DISPATCH | F.COALESCED)) !== 0;
  }

  /** The dispatch is over. What is not followed by a reply is written here: OnSendData hides it. */
  endWait(): void {
    if (!this.#awaitsReply) return;
    this.#awaitsReply = false;
    if (!this.isReady) native.flush(this.#handle);
  }

  // ---- The end -------------------------------------------------------------------------------

  /** Before the connection is aborted: what TLS itself had to say are no bytes of the application. */
  writeWaiting(): void {
    if (this.#awaitsReply) native.flush(this.#handle);
  }

  /** The session is over: what is still plaintext is dropped. */
  forget(): void {
    this.#socket.DroppedByteCount += this.#batch.size;
    this.#batch.clear();
    this.#socket.queued -= this.#unsent;
    this.#socket.plainQueued = 0;
  }
}
