// A server whose clients run in worker threads (ICS: TWSocketThrdServer in OverbyteIcsWSocketTS.pas).
// The main thread accepts, counts and announces; the worker receives and sends.
//
// Order for a connection: OnClientCreate, OnThreadCreate (for a new worker), OnClientAttached,
// OnClientConnect here, then banner and all data events in the worker … OnSessionClosed there,
// OnClientDisconnect and OnClientDetached here.
import { numberProperties } from '../base/numberProperties';
import { availableParallelism } from 'node:os';
import type { WorkerOptions } from 'node:worker_threads';
import { WSAECONNABORTED, WSAENOBUFS } from '../errors';
import { post } from '../pump/reactor';
import type { QueuedMessage } from '../pump/messageQueue';
import { WM_ICS_THREAD } from '../socket/messages';
import { CLOSE_SIGNALLED, DESTROYING } from '../socket/socketFlags';
import type { TThreadTicket } from '../socket/threadTicket';
import type * as T from '../types';
import type { TWSocketClientClass } from './TCustomWSocketServer';
import { TWSocketServer } from './TWSocketServer';
import type { TWSocketClient } from './TWSocketClient';
import { TWSocketThrdClient } from './TWSocketThrdClient';
import type { TWSocketMultiListenItem } from './TWSocketMultiListenItem';
import { TWsClientThread } from './TWsClientThread';
import { exceptionText, type FromWorker } from './threadMessages';

export type TWsClientThreadClass = new (Server: TWSocketThrdServer) => TWsClientThread;

interface ThreadEvent {
  readonly thread: TWsClientThread;
  /** null: the thread has ended. */
  readonly message: FromWorker | null;
}

export class TWSocketThrdServer extends TWSocketServer {
  /** A worker was created and is in the list. */
  declare OnThreadCreate: T.TThreadNotifyEvent<this, TWsClientThread> | null;
  /** A worker has ended, or the server is being destroyed. */
  declare OnBeforeThreadDestroy: T.TThreadNotifyEvent<this, TWsClientThread> | null;
  /** A client has got its worker; it goes there after OnClientConnect. */
  declare OnClientAttached: T.TClientThreadEvent<this, TWSocketThrdClient, TWsClientThread> | null;
  /** After OnClientDisconnect, before the client is freed. */
  declare OnClientDetached: T.TClientThreadEvent<this, TWSocketThrdClient, TWsClientThread> | null;
  /**
   * An exception has escaped in a worker, which ends with all its clients, or a worker could not be
   * started (then AThread may be null). AErrMsg: `<class>: <message>`, at most 1023 characters.
   */
  declare OnThreadException: T.TThreadExceptionEvent<this, TWsClientThread | null> | null;

  /** Class of the client objects in this thread. Default TWSocketThrdClient. */
  override ClientClass: TWSocketClientClass = TWSocketThrdClient;
  /** Class of the thread objects. Default TWsClientThread. */
  ClientThreadClass: TWsClientThreadClass = TWsClientThread;
  /**
   * Addition: the module every worker runs, as Node's Worker takes it (absolute path or file URL). It
   * calls RunClientThread with its class of clients. Must be assigned before Listen.
   */
  WorkerModule: string | URL = '';
  /** Addition: any value that may be cloned; RunClientThread returns it in the worker. */
  WorkerData: unknown = undefined;
  /** Addition: further options for Node's Worker. workerData is not used: see WorkerData. */
  WorkerOptions: WorkerOptions = {};
  /**
   * Addition: workers at the same time. When all are taken, clients above ClientsPerThread go to the
   * one with the fewest. Default: one per processor, at least 4.
   */
  declare MaxThreads: number;
  /** Addition: workers started by Listen that stay while the server listens. Default 0, as ICS. */
  declare MinThreads: number;
  /** Addition: milliseconds until a worker must have called RunClientThread. Default 30,000. */
  declare ThreadStartTimeout: number;
  /** Addition: milliseconds an ending worker has; then it is terminated. Default 10,000. */
  declare ThreadStopTimeout: number;
  #clientsPerThread = 1;
  #threads: TWsClientThread[] = [];
  #waiters: (() => void)[] = [];

  // ---- Properties ----------------------------------------------------------------------------

  /** Clients a worker gets before another one is started. Default 1; Error for what is no whole number from 1 on. */
  get ClientsPerThread(): number {
    return this.#clientsPerThread;
  }

  set ClientsPerThread(value: number) {
    if (!Number.isInteger(value) || value < 1)
      throw new Error('At least one client per thread must be allowed');
    this.#clientsPerThread = value;
  }

  /** Worker threads that run. */
  get ThreadCount(): number {
    return this.#threads.length;
  }

  /** Addition: the workers. */
  get ClientThreads(): readonly TWsClientThread[] {
    return [...this.#threads];
  }

  // ---- Methods -------------------------------------------------------------------------------

  override Listen(): void {
    if (!this.#isComplete()) return;
    super.Listen();
    if (!this.ListenAny()) return;
    while (this.#alive().length < Math.min(this.MinThreads, this.MaxThreads))
      if (this.#newThread() === null) return;
  }

  /** Stops listening; clients stay, idle workers end. */
  override Close(): void {
    super.Close();
    this.#endIdle();
  }

  /** As TakeThreadTicket of a server; clients and their workers stay, idle workers end. */
  override TakeThreadTicket(): TThreadTicket {
    const ticket = super.TakeThreadTicket();
    this.#endIdle();
    return ticket;
  }

  /** Asks every worker to close its clients as CloseDelayed does. Returns at once. */
  override DisconnectAll(): void {
    for (const thread of this.#threads) thread.closeAll();
    for (const client of [...this.Client])
      if (client instanceof TWSocketThrdClient && client.remoteId === 0) client.CloseDelayed();
  }

  /**
   * Closes the listeners and all connections and lets the workers end; by force after
   * ThreadStopTimeout. Returns at once (ICS waits): see WaitForThreads.
   */
  override Destroy(): void {
    if (this.isDestroyed) return;
    for (const thread of this.ClientThreads) {
      thread.end();
      try {
        this.TriggerBeforeThreadDestroy(thread);
      } catch {
        // ICS: exceptions while a component is destroyed are swallowed.
      }
    }
    super.Destroy();
    for (const thread of this.ClientThreads) if (thread.exited) this.#remove(thread);
  }

  /** Addition: resolves when no worker is left, after Destroy or when all clients are gone. */
  WaitForThreads(): Promise<void> {
    if (this.#threads.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  override unref(): this {
    for (const thread of this.#threads) thread.Worker.unref();
    return super.unref();
  }

  override ref(): this {
    for (const thread of this.#threads) thread.Worker.ref();
    return super.ref();
  }

  /**
   * The worker for the next client: of those with fewer than ClientsPerThread clients the one with
   * the fewest, else a new one, else (MaxThreads) the one with the fewest of all. null: none can be
   * started.
   */
  protected AcquireThread(): TWsClientThread | null {
    const alive = this.#alive();
    const least = leastLoaded(alive);
    if (alive.length < this.MinThreads && alive.length < this.MaxThreads)
      return this.#newThread() ?? least;
    if (least && least.ClientCount < this.#clientsPerThread) return least;
    if (least && alive.length >= this.MaxThreads) return least;
    return this.#newThread() ?? least;
  }

  // ---- Threads -------------------------------------------------------------------------------

  #isComplete(): boolean {
    if (this.WorkerModule === '') {
      this.RaiseException('listen: WorkerModule not assigned');
      return false;
    }
    const { ClientClass } = this;
    const fits =
      ClientClass.prototype instanceof TWSocketThrdClient ||
      (ClientClass as unknown) === TWSocketThrdClient;
    if (!fits) this.RaiseException('listen: ClientClass must descend from TWSocketThrdClient');
    return fits;
  }

  #alive(): TWsClientThread[] {
    return this.#threads.filter((thread) => !thread.Terminated);
  }

  #newThread(): TWsClientThread | null {
    let thread: TWsClientThread;
    try {
      thread = new this.ClientThreadClass(this);
    } catch (E) {
      this.TriggerThreadException(null, exceptionText(E));
      return null;
    }
    this.#threads.push(thread);
    this.TriggerThreadCreate(thread);
    return thread;
  }

  #endIdle(): void {
    let alive = this.#alive();
    const kept = this.ListenAny() ? this.MinThreads : 0;
    for (const thread of alive) {
      if (alive.length <= kept) return;
      if (thread.ClientCount > 0) continue;
      thread.end();
      alive = alive.filter((other) => other !== thread);
    }
  }

  /** @internal A worker has something to say; by way of the pump. */
  threadSays(thread: TWsClientThread, message: FromWorker): void {
    const subject: ThreadEvent = { thread, message };
    post(this, WM_ICS_THREAD, 0, 0, subject);
  }

  /** @internal The worker is gone; its descriptors are closed. */
  threadExited(thread: TWsClientThread): void {
    if (this.isDestroyed) {
      this.#remove(thread);
      return;
    }
    const subject: ThreadEvent = { thread, message: null };
    post(this, WM_ICS_THREAD, 0, 0, subject);
  }

  override WndProc(Msg: T.TMessage): void {
    if (Msg.Msg !== WM_ICS_THREAD) {
      super.WndProc(Msg);
      return;
    }
    const { thread, message } = (Msg as QueuedMessage).subject as ThreadEvent;
    if (message === null) this.#exited(thread);
    else if (message.kind === 'closed') this.#clientEnded(thread, message.id, message.code);
    else if (message.kind === 'exception') this.TriggerThreadException(thread, message.text);
  }

  #clientEnded(thread: TWsClientThread, id: number, code: number): void {
    const client = thread.clientOf(id);
    if (!client) return;
    client.remoteId = 0;
    client.flags |= CLOSE_SIGNALLED;
    this.clientClosed(client, code);
  }

  #exited(thread: TWsClientThread): void {
    for (const client of thread.clients()) {
      if (client.remoteId !== 0) this.#clientEnded(thread, client.remoteId, WSAECONNABORTED);
      else client.Abort(); // it was still here
    }
    if (thread.ClientCount === 0) this.#destroyThread(thread);
  }

  #destroyThread(thread: TWsClientThread): void {
    try {
      this.TriggerBeforeThreadDestroy(thread);
    } finally {
      this.#remove(thread);
    }
  }

  #remove(thread: TWsClientThread): void {
    this.#threads = this.#threads.filter((other) => other !== thread);
    if (this.#threads.length > 0) return;
    for (const resume of this.#waiters.splice(0)) resume();
  }

  // ---- Clients -------------------------------------------------------------------------------

  protected override assignListener(client: TWSocketClient): void {
    super.assignListener(client);
    const thread = this.AcquireThread();
    if (thread === null || !(client instanceof TWSocketThrdClient) || client.isDestroyed) return;
    client.thread = thread;
    client.threadKey = client.CliId;
    thread.add(client);
    this.TriggerClientAttached(client, thread);
  }

  // When OnClientConnect throws, no worker gets the client, and nobody here would serve it.
  #handOver(client: TWSocketThrdClient): void {
    try {
      super.clientAccepted(client);
    } catch (E) {
      if (client.remoteId === 0 && this.IsClient(client)) client.Abort();
      throw E;
    }
  }

  protected override clientAccepted(client: TWSocketClient): void {
    if (client instanceof TWSocketThrdClient && client.thread !== null) {
      this.#handOver(client);
      return;
    }
    try {
      this.TriggerClientConnect(client, WSAENOBUFS); // no worker could be started
    } finally {
      client.CliId = 0;
      client.Free();
    }
  }

  override TriggerClientDisconnect(Client: TWSocketClient, ErrCode: number): void {
    try {
      super.TriggerClientDisconnect(Client, ErrCode);
    } finally {
      if (Client instanceof TWSocketThrdClient) this.clientFreed(Client);
    }
  }

  /** @internal The client leaves its worker: once, and always before it is freed. */
  clientFreed(client: TWSocketThrdClient): void {
    const { thread } = client;
    if (thread === null) return;
    client.releaseThread();
    if (this.isDestroyed || this.flags & DESTROYING) return;
    try {
      this.TriggerClientDetached(client, thread);
    } finally {
      if (thread.exited) {
        if (thread.ClientCount === 0) this.#destroyThread(thread);
      } else this.#endIdle();
    }
  }

  /** @internal */
  override itemClosed(item: TWSocketMultiListenItem, ErrCode: number): void {
    super.itemClosed(item, ErrCode);
    this.#endIdle();
  }

  // ---- Triggers ------------------------------------------------------------------------------

  TriggerThreadCreate(AThread: TWsClientThread): void {
    if (this.OnThreadCreate) this.watch(this.OnThreadCreate(this, AThread));
  }

  TriggerBeforeThreadDestroy(AThread: TWsClientThread): void {
    if (this.OnBeforeThreadDestroy) this.watch(this.OnBeforeThreadDestroy(this, AThread));
  }

  TriggerClientAttached(AClient: TWSocketThrdClient, AThread: TWsClientThread): void {
    if (this.OnClientAttached) this.watch(this.OnClientAttached(this, AClient, AThread));
  }

  TriggerClientDetached(AClient: TWSocketThrdClient, AThread: TWsClientThread): void {
    if (this.OnClientDetached) this.watch(this.OnClientDetached(this, AClient, AThread));
  }

  TriggerThreadException(AThread: TWsClientThread | null, AErrMsg: string): void {
    if (this.OnThreadException) this.watch(this.OnThreadException(this, AThread, AErrMsg));
  }
}

function leastLoaded(threads: readonly TWsClientThread[]): TWsClientThread | null {
  let least: TWsClientThread | null = null;
  for (const thread of threads)
    if (least === null || thread.ClientCount < least.ClientCount) least = thread;
  return least;
}

Object.assign(TWSocketThrdServer.prototype, {
  OnThreadCreate: null,
  OnBeforeThreadDestroy: null,
  OnClientAttached: null,
  OnClientDetached: null,
  OnThreadException: null,
});
numberProperties(TWSocketThrdServer.prototype, {
  MaxThreads: { default: Math.max(4, availableParallelism()), min: 1 },
  MinThreads: { default: 0 },
  ThreadStartTimeout: { default: 30000 },
  ThreadStopTimeout: { default: 10000 },
});
