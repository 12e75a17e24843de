// Letting go of a thread and binding to one (ICS: ThreadDetach, ThreadAttach of TCustomWSocket). In
// Delphi the object itself changes threads; here a ticket carries the socket to another object.
import { constants } from 'node:os';
import { numberProperties } from '../base/numberProperties';
import { EIcsException, wsaFromErrno } from '../errors';
import { native } from '../native';
import { wakeForPending } from '../pump/reactor';
import { SocketAddresses } from './SocketAddresses';
import type { TCustomWSocket } from './TCustomWSocket';
import { DETACHED } from './socketFlags';
import { arrive, redeemTicket, takeTicket, type TThreadTicket } from './threadTicket';

const { ENOMEM } = constants.errno;

export abstract class SocketThreads extends SocketAddresses {
  /**
   * Addition: milliseconds a ticket of this socket waits for ThreadAttach; then the socket is
   * closed. Default 30,000; 0: for ever.
   */
  declare TicketTimeout: number;

  /** Lets go of the thread: no event arrives until ThreadAttach. The socket stays open. */
  override ThreadDetach(): void {
    super.ThreadDetach();
    this.flags |= DETACHED;
    if (this.socketHandle !== 0) native.suspend(this.socketHandle, true);
  }

  /**
   * Binds to the calling thread; what has arrived meanwhile is told. EIcsException `Cannot attach
   * when not detached`.
   *
   * Addition: with a ticket this object, which must be closed, goes on with the socket the ticket
   * stands for: the same connection with its queues, counters and line state. OnChangeState fires.
   * EIcsException when the ticket was used already or its time is over, or this object is not
   * closed; the ticket stays good in the last case.
   */
  override ThreadAttach(Ticket: TThreadTicket | null = null): void {
    const self = this as unknown as TCustomWSocket;
    const arrival = Ticket === null ? null : redeemTicket(self, Ticket);
    if (arrival === null || this.ThreadID === 0) super.ThreadAttach();
    this.flags &= ~DETACHED;
    if (arrival !== null) {
      arrive(self, arrival);
      return;
    }
    if (this.socketHandle === 0) return;
    if (native.suspend(this.socketHandle, false) !== -ENOMEM) {
      self.continueInput();
      wakeForPending();
      return;
    }
    super.ThreadDetach(); // as before: nothing would ever be told
    this.flags |= DETACHED;
    self.SocketError('ThreadAttach', wsaFromErrno(ENOMEM));
  }

  /**
   * Addition: after ThreadDetach, a ticket for ThreadAttach of another object, in this thread or any
   * other. This object is an empty, closed one afterwards (nothing fires) and may be used anew or
   * freed. EIcsException `Cannot take a ticket when not detached`; ESocketException for what cannot
   * be moved: 10038 neither connected nor listening, 10045 a connection with TLS.
   */
  TakeThreadTicket(): TThreadTicket {
    if (this.ThreadID !== 0) throw new EIcsException('Cannot take a ticket when not detached');
    return takeTicket(this as unknown as TCustomWSocket, this.TicketTimeout);
  }

  /** @internal A socket has come by ticket, just before OnChangeState. */
  moved(): void {}
}

numberProperties(SocketThreads.prototype, { TicketTimeout: { default: 30000 } });
