// The worker's side of TWSocketThrdServer: makes an object of the application's class for each
// connection that arrives, and tells the main thread when it has ended.
import type { MessagePort } from 'node:worker_threads';
import { type TComponent, TOperation } from '../base/TComponent';
import { WSAECONNABORTED } from '../errors';
import { native, OPT_NODELAY } from '../native';
import { TIcsWndControl } from '../pump/TIcsWndControl';
import { post } from '../pump/reactor';
import type { QueuedMessage } from '../pump/messageQueue';
import { WM_ICS_CLIENT_CLOSED, WM_ICS_THREAD } from '../socket/messages';
import { DropThreadTicket, type TThreadTicket } from '../socket/threadTicket';
import type { SharedContext } from '../ssl/contextParts';
import { TSslContext } from '../ssl/TSslContext';
import { TSocketState, type TMessage } from '../types';
import { TWSocketClient, type SessionHost } from './TWSocketClient';
import type { TWSocketClientClass } from './TCustomWSocketServer';
import {
  exceptionText,
  type ClientFacts,
  type FromWorker,
  type TlsStart,
  type ToWorker,
} from './threadMessages';

export class ThreadHost extends TIcsWndControl implements SessionHost {
  readonly #class: TWSocketClientClass;
  readonly #port: MessagePort;
  readonly #clients = new Map<number, TWSocketClient>();
  readonly #ids = new Map<TWSocketClient, number>();
  /** Being constructed: its constructor may raise. */
  #creating: TWSocketClient | null = null;
  /** Of clients whose class has none of its own. */
  #context: TSslContext | null = null;

  constructor(ClientClass: TWSocketClientClass, port: MessagePort) {
    super(null);
    this.#class = ClientClass;
    this.#port = port;
    // By way of the pump: what the messages lead to happens inside its net for exceptions.
    port.on('message', (message: ToWorker) => post(this, WM_ICS_THREAD, 0, 0, message));
    this.#tell({ kind: 'ready' });
  }

  /** The client's session is over: the rest follows from the queue. */
  clientClosed(client: TWSocketClient, ErrCode: number): void {
    post(this, WM_ICS_CLIENT_CLOSED, ErrCode, 0, client);
  }

  override WndProc(Msg: TMessage): void {
    const { subject } = Msg as QueuedMessage;
    if (Msg.Msg === WM_ICS_THREAD) {
      this.#obey(subject as ToWorker);
    } else if (Msg.Msg === WM_ICS_CLIENT_CLOSED) {
      this.#gone(subject as TWSocketClient, Msg.WParam);
    } else {
      super.WndProc(Msg);
    }
  }

  #obey(message: ToWorker): void {
    switch (message.kind) {
      case 'attach':
        this.#attach(message.ticket, message.facts, message.tls);
        return;
      case 'context':
        this.#takeContext(message.context);
        return;
      case 'call': {
        const client = this.#clients.get(message.id);
        if (client) this.#guarded(client, () => client[message.method]());
        return;
      }
      case 'closeAll':
        for (const client of this.#clients.values()) client.CloseDelayed();
        return;
      case 'end':
        this.#port.close();
        this.Free(); // and with it the clients, which are closed
    }
  }

  /** Sessions keep the context they began with. */
  #takeContext(shared: SharedContext): void {
    this.#context = null;
    try {
      const context = new TSslContext(null);
      context.adopt(shared);
      this.#context = context;
    } catch (E) {
      this.#tell({ kind: 'exception', text: exceptionText(E) });
    }
  }

  #attach(ticket: TThreadTicket, facts: ClientFacts, tls: TlsStart | null): void {
    let client: TWSocketClient | null = null;
    try {
      client = new this.#class(this);
      Object.assign(client, facts);
      client.sessionHost = this;
      this.#clients.set(facts.CliId, client);
      this.#ids.set(client, facts.CliId);
      client.ThreadAttach(ticket);
      this.#tell({ kind: 'attached', id: facts.CliId });
    } catch (E) {
      DropThreadTicket(ticket); // unless the client has its socket: then it goes with the client
      this.#tell({ kind: 'exception', text: exceptionText(E) });
      if (client && this.#gone(client, WSAECONNABORTED)) return;
      this.#creating?.Free();
      this.#tell({ kind: 'closed', id: facts.CliId, code: WSAECONNABORTED });
      return;
    } finally {
      this.#creating = null;
    }
    const started = client;
    if (started.State !== TSocketState.wsConnected) return;
    if (tls === null || this.#startTls(started, tls))
      this.#guarded(started, () => started.StartConnection());
  }

  /** A client that cannot begin TLS is lost: nothing goes out in clear. */
  #startTls(client: TWSocketClient, { handshakeTimeout, held }: TlsStart): boolean {
    client.SslEnable = true;
    client.SslContext ??= this.#context;
    client.SslHandshakeTimeout = handshakeTimeout;
    native.setOption(client.socketHandle, OPT_NODELAY, 1);
    try {
      client.AcceptSslHandshake();
      for (const bytes of held) client.Send(bytes);
    } catch (E) {
      client.SslEnable = false;
      client.HandleBackGroundException(E, 'TSslWSocketThrdClient.AcceptSslHandshake');
      if (client.State === TSocketState.wsConnected) client.Abort();
    }
    return client.SslEnable && client.State === TSocketState.wsConnected;
  }

  #guarded(client: TWSocketClient, action: () => void): void {
    try {
      action();
    } catch (E) {
      client.HandleBackGroundException(E, 'TWSocketThrdClient.WndProc');
    }
  }

  #gone(client: TWSocketClient, code: number): boolean {
    const id = this.#ids.get(client);
    if (id === undefined) return false;
    this.#ids.delete(client);
    this.#clients.delete(id);
    client.sessionHost = null;
    client.Free();
    this.#tell({ kind: 'closed', id, code });
    return true;
  }

  /** The application may free a client itself. */
  protected override Notification(AComponent: TComponent, Operation: TOperation): void {
    super.Notification(AComponent, Operation);
    if (!(AComponent instanceof TWSocketClient) || this.isDestroyed) return;
    if (Operation === TOperation.opInsert) this.#creating = AComponent;
    else this.#gone(AComponent, 0);
  }

  #tell(message: FromWorker): void {
    this.#port.postMessage(message);
  }
}
