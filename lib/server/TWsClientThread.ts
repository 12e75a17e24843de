// One worker of TWSocketThrdServer, as the main thread sees it (ICS: TWsClientThread in
// OverbyteIcsWSocketTS.pas). Made and ended by the server; never by the application.
//
//  - Messages to a worker that is not ready yet wait for it; nobody else waits.
//  - Connections that were sent and not taken are closed when the worker is gone.
import {
  MessageChannel,
  Worker,
  receiveMessageOnPort,
  type MessagePort,
} from 'node:worker_threads';
import { startTimer, stopTimer } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import { DropThreadTicket, type TThreadTicket } from '../socket/threadTicket';
import type { TSslContext } from '../ssl/TSslContext';
import type { TWSocketThrdClient } from './TWSocketThrdClient';
import type { TWSocketThrdServer } from './TWSocketThrdServer';
import {
  exceptionText,
  type ClientFacts,
  type FromWorker,
  type RemoteCall,
  type ThreadStart,
  type TlsStart,
  type ToWorker,
} from './threadMessages';

export class TWsClientThread {
  /** Addition: Node's object of the worker, for messages of the application. */
  readonly Worker: Worker;
  /** The server it belongs to. */
  readonly Server: TWSocketThrdServer;
  #ready = false;
  #ending = false;
  #exited = false;
  /** Node's context the worker has a copy of. */
  #context: object | null = null;
  readonly #port: MessagePort;
  readonly #clients = new Map<number, TWSocketThrdClient>();
  readonly #sent = new Map<number, TThreadTicket>();
  #deadline: ReactorTimer | null = null;

  /** Starts Server.WorkerModule; raises what Node raises when no thread can be had. */
  constructor(Server: TWSocketThrdServer) {
    this.Server = Server;
    const { port1, port2 } = new MessageChannel();
    const data: ThreadStart = { icsPort: port2, data: Server.WorkerData };
    try {
      this.Worker = new Worker(Server.WorkerModule, {
        ...Server.WorkerOptions,
        workerData: data,
        transferList: [port2, ...(Server.WorkerOptions.transferList ?? [])],
      });
    } catch (E) {
      port1.close();
      port2.close();
      throw E;
    }
    this.#port = port1;
    port1.on('message', (message: FromWorker) => this.#receive(message));
    port1.unref(); // the worker itself keeps the process alive
    this.Worker.on('error', (E) => this.#failed(exceptionText(E)));
    this.Worker.on('exit', (code) => this.#exit(code));
    if (!Server.hasRef()) this.Worker.unref();
    this.#limit(Server.ThreadStartTimeout, 'the worker did not call RunClientThread in time');
  }

  /** Clients that belong to the worker, those on their way to it included. */
  get ClientCount(): number {
    return this.#clients.size;
  }

  /** True once the worker takes clients. */
  get ReadyForMsgs(): boolean {
    return this.#ready;
  }

  /** True when the worker gets no more clients. */
  get Terminated(): boolean {
    return this.#ending || this.#exited;
  }

  /** The thread the worker runs in (Node's threadId + 1). */
  get ThreadID(): number {
    return this.Worker.threadId + 1;
  }

  /** @internal The thread does not run any more. */
  get exited(): boolean {
    return this.#exited;
  }

  /** @internal */
  add(client: TWSocketThrdClient): void {
    this.#clients.set(client.CliId, client);
  }

  /** @internal */
  remove(id: number): void {
    this.#clients.delete(id);
  }

  /** @internal */
  clientOf(id: number): TWSocketThrdClient | undefined {
    return this.#clients.get(id);
  }

  /** @internal */
  clients(): TWSocketThrdClient[] {
    return [...this.#clients.values()];
  }

  /** @internal The connection itself changes threads. */
  attach(ticket: TThreadTicket, facts: ClientFacts, tls: TlsStart | null): void {
    if (this.#exited) {
      DropThreadTicket(ticket);
      return;
    }
    this.#sent.set(facts.CliId, ticket);
    this.#send({ kind: 'attach', ticket, facts, tls });
  }

  /** @internal The connections that follow are served with this context; sent when it is another. */
  useContext(context: TSslContext): void {
    const { SslCtxPtr } = context;
    if (SslCtxPtr === this.#context) return;
    this.#context = SslCtxPtr;
    this.#send({ kind: 'context', context: context.share() });
  }

  /** @internal */
  call(id: number, method: RemoteCall): void {
    this.#send({ kind: 'call', id, method });
  }

  /** @internal */
  closeAll(): void {
    this.#send({ kind: 'closeAll' });
  }

  /** @internal Closes what is left and lets the worker end; by force when it does not. */
  end(): void {
    if (this.Terminated) return;
    this.#ending = true;
    this.#send({ kind: 'end' });
    this.#limit(this.Server.ThreadStopTimeout, '');
  }

  #send(message: ToWorker): void {
    if (!this.#exited) this.#port.postMessage(message);
  }

  #limit(delayMs: number, text: string): void {
    stopTimer(this.#deadline);
    this.#deadline = startTimer(delayMs, () => {
      if (text !== '') this.#failed(`Error: ${text}`);
      void this.Worker.terminate();
    });
  }

  #failed(text: string): void {
    if (this.#ending && this.Server.isDestroyed) return;
    this.#ending = true;
    this.Server.threadSays(this, { kind: 'exception', text });
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'ready') {
      this.#ready = true;
      if (!this.#ending) stopTimer(this.#deadline);
    }
    if (message.kind === 'attached') this.#sent.delete(message.id);
    else this.Server.threadSays(this, message);
  }

  #exit(code: number): void {
    for (let last = receiveMessageOnPort(this.#port); last; last = receiveMessageOnPort(this.#port))
      this.#receive(last.message as FromWorker);
    if (!this.Terminated) this.#failed(`Error: the worker ended with exit code ${code}`);
    this.#exited = true;
    stopTimer(this.#deadline);
    this.#port.close();
    for (const ticket of this.#sent.values()) DropThreadTicket(ticket);
    this.#sent.clear();
    this.Server.threadExited(this);
  }
}
