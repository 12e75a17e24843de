// A connection of TWSocketThrdServer as the main thread sees it (ICS: TWSocketThrdClient in
// OverbyteIcsWSocketTS.pas). Until the end of OnClientConnect it holds the connection; then the
// worker does, with an object of the class its module names, and this one stands for it: it knows
// who the peer is and can close the connection, but neither send nor receive.
import { TSocketState } from '../types';
import { takeTicket, type TThreadTicket } from '../socket/threadTicket';
import { TWSocketClient } from './TWSocketClient';
import type { TWSocketThrdServer } from './TWSocketThrdServer';
import type { TWsClientThread } from './TWsClientThread';
import type { RemoteCall, TlsStart } from './threadMessages';

export class TWSocketThrdClient extends TWSocketClient {
  /** @internal */
  declare thread: TWsClientThread | null;
  /** @internal Its CliId, which is 0 when it leaves. */
  declare threadKey: number;
  /** @internal CliId under which the worker knows the connection, 0: it does not have it. */
  declare remoteId: number;

  /** The worker it belongs to; null before OnClientAttached and from OnClientDetached on. */
  get ClientThread(): TWsClientThread | null {
    return this.thread;
  }

  /** wsConnected also while the connection is in the worker. */
  override get State(): TSocketState {
    return this.remoteId !== 0 ? TSocketState.wsConnected : super.State;
  }

  /** @internal */
  releaseThread(): void {
    this.thread?.remove(this.threadKey);
    this.thread = null;
  }

  /** Gives the connection to the worker, which greets the peer with Banner. Once. */
  override StartConnection(): void {
    if (this.thread === null || this.socketHandle === 0) return;
    this.knownPeer(); // while there is a socket to ask
    const id = this.CliId;
    const tls = this.tlsStart();
    this.ThreadDetach();
    let ticket: TThreadTicket;
    try {
      ticket = takeTicket(this, 0, true);
    } catch (E) {
      this.ThreadAttach();
      this.HandleBackGroundException(E, 'TWSocketThrdClient.StartConnection');
      if (tls !== null) this.Abort(); // it must not go on in clear
      return;
    }
    this.remoteId = id;
    const { Name, Banner, IcsHostIdx, MultiListenIdx, HostTag, CServerAddr, CServerPort } = this;
    const facts = { Name, Banner, IcsHostIdx, MultiListenIdx, HostTag, CServerAddr, CServerPort };
    this.thread.attach(ticket, { CliId: id, ...facts }, tls);
  }

  /** @internal How the worker begins TLS; null: not at all. */
  protected tlsStart(): TlsStart | null {
    return null;
  }

  /** Closes the connection, wherever it is; what the worker's object still queues is dropped. */
  override Close(): void {
    if (!this.passOn('Close')) super.Close();
  }

  override CloseDelayed(): void {
    if (!this.passOn('CloseDelayed')) super.CloseDelayed();
  }

  override Abort(): void {
    if (!this.passOn('Abort')) super.Abort();
  }

  override Pause(): void {
    if (!this.passOn('Pause')) super.Pause();
  }

  override Resume(): void {
    if (!this.passOn('Resume')) super.Resume();
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    this.passOn('Close');
    this.remoteId = 0;
    const server = this.Server as TWSocketThrdServer | null;
    server?.clientFreed(this);
    super.Destroy();
  }

  private passOn(method: RemoteCall): boolean {
    if (this.remoteId === 0) return false;
    this.thread?.call(this.remoteId, method);
    return true;
  }
}

Object.assign(TWSocketThrdClient.prototype, { thread: null, threadKey: 0, remoteId: 0 });
