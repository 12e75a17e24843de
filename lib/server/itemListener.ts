// The socket that listens for an item of MultiListenSockets. It is hidden: what happens to it is
// told by the server, with the server as Sender, and errors carry the number of the item.
import { ESocketException } from '../errors';
import { dropPending } from '../socket/listen';
import { CLOSE_SIGNALLED } from '../socket/socketFlags';
import { TCustomWSocket } from '../socket/TCustomWSocket';
import type { TThreadTicket } from '../socket/threadTicket';
import { TSocketState } from '../types';
import type { TWSocketMultiListenItem } from './TWSocketMultiListenItem';

/** ICS names these steps otherwise for an item than for the main listener. */
const ITEM_STEPS: Readonly<Record<string, string>> = {
  socket: 'listen: socket',
  Listen: 'listen: Listen',
};

export class ItemListener extends TCustomWSocket {
  readonly item: TWSocketMultiListenItem;
  /** Address and port the kernel has bound; '' while closed. */
  bindAddr = '';
  bindPort = '';

  constructor(item: TWSocketMultiListenItem) {
    super(null);
    this.item = item;
  }

  override beforeRelease(): void {
    super.beforeRelease();
    this.bindAddr = this.bindPort = '';
  }

  override ThreadAttach(Ticket: TThreadTicket | null = null): void {
    super.ThreadAttach(Ticket);
    if (Ticket === null || this.state !== TSocketState.wsListening) return;
    this.bindAddr = this.GetXAddr();
    this.bindPort = this.GetXPort();
  }

  override onSocketEvent(events: number, error: number): void {
    const server = this.item.OwnerServer;
    if (!server) {
      this.Close(); // opened while its item was leaving the server
      return;
    }
    this.AcceptBudget = server.AcceptBudget;
    const outer = server.enterListener(this);
    try {
      super.onSocketEvent(events, error);
    } finally {
      server.leaveListener(outer);
    }
  }

  override TriggerSessionAvailable(ErrCode: number): void {
    const server = this.item.OwnerServer;
    if (!server) {
      dropPending(this);
      return;
    }
    if (this.pendingAccept < 0) server.AcceptFailCount++;
    server.TriggerSessionAvailable(ErrCode);
  }

  // Item states fire no OnChangeState (ICS).
  override TriggerChangeState(): void {}

  override TriggerSessionClosed(ErrCode: number): void {
    if (this.flags & CLOSE_SIGNALLED) return;
    this.flags |= CLOSE_SIGNALLED;
    this.item.OwnerServer?.itemClosed(this.item, ErrCode);
  }

  override SocketError(Func: string, Code: number, FriendlyMsg = ''): void {
    this.LastError = Code;
    this.item.SocketError(ITEM_STEPS[Func] ?? Func, Code, FriendlyMsg);
  }

  // Port or address cannot be resolved: ICS raises, whatever the server has assigned to OnError.
  override RaiseException(Message: string, Code = 0, Desc = ''): void {
    const { item } = this;
    item.LastError = Code;
    if (item.OwnerServer) item.OwnerServer.LastError = Code;
    throw new ESocketException(Message, Code, Desc, '', '', this.Addr, this.Port, this.Proto);
  }

  override HandleBackGroundException(thrown: unknown, Source: string): void {
    const server = this.item.OwnerServer;
    if (server) server.HandleBackGroundException(thrown, Source);
    else super.HandleBackGroundException(thrown, Source);
  }
}
