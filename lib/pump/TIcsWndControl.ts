// Base of everything with events (ICS: TIcsWndControl in OverbyteIcsWndControl.pas): the message
// queue's Handle, pumping by hand, background exceptions, attachment to a thread.
//
// In a normal Node program nothing has to be pumped: Node's loop dispatches. ProcessMessage(s) and
// MessageLoop are for code that waits, in a handler or in a console program.
import { threadId } from 'node:worker_threads';
import { TComponent } from '../base/TComponent';
import { EAbort, EIcsException } from '../errors';
import type { TIcsBgExceptionEvent, TMessage, TNotifyEvent, TVar } from '../types';
import { finalHandleException, toError } from './backgroundException';
import type { QueuedMessage } from './messageQueue';
import {
  WM_QUIT,
  noteHandlerPromise,
  post,
  postBounded,
  runUntilTerminated,
  step,
  wakeMessageLoop,
} from './reactor';

/** First number an application may use for its own messages. */
export const WM_USER = 0x0400;
/** Posted by Release: destroys the component from the queue. */
export const WM_ICS_RELEASE = 0x0300;

/** Dispatches of one ProcessMessages call. */
const PROCESS_LIMIT = 10000;

const byHandle = new Map<number, TIcsWndControl>();
let lastHandle = 0;

/**
 * Appends a message to the queue of the component with this Handle; its WndProc gets it later.
 * False when no such component lives or 10,000 messages wait already (Windows: PostMessage).
 */
export function PostMessage(Handle: number, Msg: number, WParam = 0, LParam = 0): boolean {
  const target = byHandle.get(Handle);
  return target !== undefined && postBounded(target, Msg, WParam, LParam);
}

export class TIcsWndControl extends TComponent {
  /** Replaces the built-in pump that MessagePump uses. Default null. */
  declare OnMessagePump: TNotifyEvent<this> | null;
  /**
   * An exception left a handler. CanClose starts True: the component is aborted afterwards unless
   * the handler sets it False. Exceptions of this handler itself are ignored. Default null.
   */
  declare OnBgException: TIcsBgExceptionEvent<TIcsWndControl> | null;
  /** Called before the abort that follows a background exception. Default null. */
  declare ExceptAbortProc: ((E: Error) => void) | null;
  /** Kept for ported code; the port's pump is always the thread's own. Default False. */
  declare MultiThreaded: boolean;
  #handle = 0;
  #terminated = false;
  #attached = true;
  #waiters: (() => void)[] | null = null;

  /** Identity of the message queue, for PostMessage. Never 0, the same for the object's life. */
  get Handle(): number {
    if (this.#handle === 0) {
      this.#handle = ++lastHandle;
      if (!this.isDestroyed) byHandle.set(this.#handle, this);
    }
    return this.#handle;
  }

  /** True ends MessageLoop; set by a quit message and at the end of MessageLoop. Default False. */
  get Terminated(): boolean {
    return this.#terminated;
  }

  set Terminated(value: boolean) {
    this.#terminated = value;
    if (value) wakeMessageLoop();
    if (!value || !this.#waiters) return;
    const waiters = this.#waiters;
    this.#waiters = null;
    for (const resume of waiters) resume();
  }

  /** The thread the component belongs to (Node's threadId + 1), 0 while detached. */
  get ThreadID(): number {
    return this.#attached ? threadId + 1 : 0;
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    byHandle.delete(this.#handle);
    this.Terminated = true;
    super.Destroy();
  }

  /** Destroys the component later, from the queue: the safe way to free it inside a handler. */
  Release(): void {
    post(this, WM_ICS_RELEASE);
  }

  /** Handles at most one message or event; True if there was one. Never blocks. */
  ProcessMessage(): boolean {
    return step(this);
  }

  /**
   * Handles messages and events until none is left, or 10,000 of them: a peer that never stops
   * sending cannot keep the caller here. Never blocks.
   */
  ProcessMessages(): void {
    for (let left = PROCESS_LIMIT; left > 0 && step(this); left--);
  }

  /**
   * Blocks and handles messages and events until Terminated, then leaves Terminated set. At the
   * top level of a CommonJS main script Node's timers and I/O run as well; elsewhere only this
   * package's sockets, messages and timers do.
   */
  MessageLoop(): void {
    runUntilTerminated(this);
    this.Terminated = true;
  }

  /** MessageLoop without blocking Node's loop: resolves when Terminated is set. */
  MessageLoopAsync(): Promise<void> {
    if (this.#terminated) return Promise.resolve();
    return new Promise((resolve) => (this.#waiters ??= []).push(resolve));
  }

  /** OnMessagePump if assigned, else ProcessMessages. */
  MessagePump(): void {
    if (this.OnMessagePump) this.watch(this.OnMessagePump(this));
    else this.ProcessMessages();
  }

  /** Posts the quit message to the own queue; it sets Terminated. */
  PostQuitMessage(): boolean {
    post(this, WM_QUIT);
    return true;
  }

  /** Lets go of the thread: no event or message arrives until ThreadAttach. */
  ThreadDetach(): void {
    this.#attached = false;
  }

  /** Binds to the calling thread. EIcsException `Cannot attach when not detached`. */
  ThreadAttach(): void {
    if (this.#attached) throw new EIcsException('Cannot attach when not detached');
    this.#attached = true;
  }

  /** Receives posted messages, from the queue. Descendants call `super.WndProc(Msg)` for others. */
  WndProc(Msg: TMessage): void {
    if (Msg.Msg === WM_ICS_RELEASE) this.Free();
  }

  /** @internal One queued message, with the net for exceptions around it. */
  dispatchMessage(message: QueuedMessage): void {
    try {
      if (message.Msg === WM_QUIT) this.Terminated = true;
      else this.WndProc(message);
    } catch (E) {
      this.HandleBackGroundException(E, `${this.constructor.name}.WndProc, Msg=${message.Msg}`);
    }
  }

  /**
   * The only net under event handlers. EAbort is dropped silently; everything else goes to
   * OnBgException, then (CanClose) to ExceptAbortProc and AbortComponent.
   */
  HandleBackGroundException(thrown: unknown, _Source: string): void {
    if (thrown instanceof EAbort) return;
    const E = toError(thrown);
    const canClose: TVar<boolean> = { Value: true };
    const handler = this.OnBgException;
    if (handler) quietly(() => handler(this, E, canClose));
    if (canClose.Value) {
      quietly(() => this.ExceptAbortProc?.(E));
      quietly(() => this.AbortComponent(E));
    }
    if (!handler) quietly(() => finalHandleException(E, this.constructor.name));
  }

  /** What an unhandled exception does to the component. */
  protected AbortComponent(_E: Error): void {}

  /** @internal A handler may be async: its rejection is treated like an exception. */
  protected watch(result: unknown): void {
    if (typeof result !== 'object' || result === null || !('then' in result)) return;
    Promise.resolve(result).catch((E: unknown) =>
      this.HandleBackGroundException(E, 'async handler'),
    );
    noteHandlerPromise();
  }
}

function quietly(action: () => unknown): void {
  try {
    const result = action();
    if (result instanceof Promise) result.catch(() => undefined);
  } catch {
    // ICS: exceptions while an exception is handled are ignored.
  }
}

TIcsWndControl.prototype.OnMessagePump = null;
TIcsWndControl.prototype.OnBgException = null;
TIcsWndControl.prototype.ExceptAbortProc = null;
TIcsWndControl.prototype.MultiThreaded = false;
