// The socket component (ICS: TCustomWSocket in OverbyteIcsWSocket.pas): methods, state and events.
// Properties that only hold a value are in SocketProperties; what happens to bytes and connections
// is in receive.ts, send.ts, listen.ts and close.ts, as functions over the socket.
import { ESocketException, WSAECONNRESET, WSAEINVAL, WSAENOTCONN, wsaFromErrno } from '../errors';
import * as N from '../native';
import { reference, wakeForPending } from '../pump/reactor';
import { INVALID_SOCKET, TSocketState, type TMessage } from '../types';
import { SocketThreads } from './SocketThreads';
import type { TSockAddr } from './TSockAddr';
import { IcsGetTickCount } from './TWSocketCounter';
import { asText, checkByte, checkRange } from './arguments';
import { abortNow, closeNow, closeWhenSent, remoteClosed } from './close';
import { connect, connectDone } from './connect';
import * as D from './datagram';
import { cancelDnsLookup, dnsLookup, reverseDnsLookup, stopLookup } from './dnsLookup';
import { accept, acceptWaiting, adopt, listen } from './listen';
import * as M from './messages';
import { deliverInput, discardInput, postContinue, receive, receiveText } from './receive';
import { dataSent, flushQueue, queueBytes, queueText, sendBytes, sendText, writable } from './send';
import * as F from './socketFlags';
import { flushAll, waitForClose } from './wait';

const { native } = N;
const oneByte = new Uint8Array(1);
/** What ReceiveTB tries when the kernel reports nothing, as ICS does. */
const BLIND_READ = 255;

export class TCustomWSocket extends SocketThreads {
  // ---- Connections -------------------------------------------------------------------------

  /**
   * Connects to Addr and Port. Returns at once; OnSessionConnected tells how it ended (UDP: before
   * Connect returns). A name is looked up first, in state wsDnsLookup. ESocketException when the
   * socket is in use or a property is missing or wrong; the state is unchanged then.
   */
  Connect(): void {
    connect(this);
  }

  /**
   * Looks HostName up: OnDnsLookupDone, then DnsResult and DnsResultList. A literal address is
   * answered before the call returns. A lookup that was running is dropped silently.
   */
  DnsLookup(HostName: string): void {
    dnsLookup(this, HostName, false);
  }

  /** Looks up the names of an address; the answer comes like that of DnsLookup. */
  ReverseDnsLookup(HostAddr: string): void {
    reverseDnsLookup(this, HostAddr);
  }

  /** Ends the running lookup with OnDnsLookupDone(10004). */
  CancelDnsLookup(): void {
    cancelDnsLookup(this);
  }

  /**
   * Begins to listen on Addr and Port (Proto 'udp': receives datagrams there, see
   * ReceiveFrom). Fires OnChangeState for wsBound and wsListening. ESocketException with the ICS texts when it cannot; the state is unchanged then.
   */
  Listen(): void {
    listen(this);
  }

  /**
   * Accepts one connection: its descriptor, to be assigned to another socket's HSocket, or -1.
   * Meant for OnSessionAvailable.
   */
  Accept(): number {
    return accept(this);
  }

  /** Adopts a connected descriptor. The state becomes wsConnected; no OnSessionConnected. */
  Dup(NewHSocket: number): void {
    adopt(this, NewHSocket);
  }

  /** The system's descriptor, -1 when there is none. Writing it is Dup. */
  get HSocket(): number {
    return this.socketHandle === 0 ? INVALID_SOCKET : native.descriptorOf(this.socketHandle);
  }

  set HSocket(value: number) {
    this.Dup(value);
  }

  /**
   * Closes at once with a FIN: what the kernel holds is delivered, what waits in the own send queue
   * is dropped and counted in DroppedByteCount. Fires OnChangeState, then OnSessionClosed(0).
   */
  Close(): void {
    if (this.lookup !== 0) cancelDnsLookup(this);
    closeNow(this);
  }

  /**
   * After the current event: stops reading, sends what is queued (at most CloseFlushTimeout), then
   * closes. The way to close after a reply.
   */
  CloseDelayed(): void {
    if (this.socketHandle !== 0) this.flags |= F.CLOSE_POSTED;
    this.post(M.WM_ICS_CLOSE_DELAYED, this.socketHandle);
  }

  /** Drops everything and closes; the peer sees a reset. OnSessionClosed(0) fires. */
  Abort(): void {
    if (this.lookup !== 0) cancelDnsLookup(this);
    abortNow(this);
  }

  /** Ends one direction: 0 receiving, 1 sending (behind what is queued), 2 both; else 10022. */
  Shutdown(How: number): void {
    if (this.socketHandle === 0) return;
    if (How !== 0 && How !== 1 && How !== 2) {
      this.SocketError('Shutdown', WSAEINVAL);
      return;
    }
    const handle = this.socketHandle;
    if (How !== 0) this.flags |= F.SEND_SHUT; // before OnSendData, whose Send would be too late
    try {
      if (How !== 0 && this.queued > 0) flushQueue(this); // so that its OnSendData is told
    } finally {
      if (this.socketHandle === handle) this.shutDown(How);
    }
  }

  private shutDown(How: number): void {
    this.shutDirections(How);
    if (How !== 0 && this.flags & F.PEER_SHUT) this.CloseDelayed();
  }

  /** @internal */
  protected shutDirections(how: number): void {
    native.shutdown(this.socketHandle, how);
  }

  /** Stops OnDataAvailable (on a listener: accepting); input stays in the kernel. */
  Pause(): void {
    if (this.socketHandle === 0) return;
    this.flags |= F.PAUSED;
    native.pause(this.socketHandle, true);
  }

  /** Ends Pause: what has arrived meanwhile is reported. */
  Resume(): void {
    if (this.socketHandle === 0 || !(this.flags & F.PAUSED)) return;
    this.flags &= ~F.PAUSED;
    if (this.flags & (F.CLOSE_WHEN_SENT | F.ACCEPT_BACKOFF)) return;
    native.pause(this.socketHandle, false);
    if (this.state === TSocketState.wsConnected) this.continueInput();
    wakeForPending();
  }

  // ---- Receiving ---------------------------------------------------------------------------

  /**
   * Reads up to Len bytes (default: the buffer's length). Bytes read, 0 when the peer has finished,
   * -1 with LastError; 10035 there only says that nothing has arrived.
   */
  Receive(Buffer: Uint8Array, Len: number = Buffer.length): number {
    checkRange('Receive', Buffer, Len);
    return receive(this, Buffer, Len, 0);
  }

  /** Like Receive, but the bytes stay and are not counted. */
  PeekData(Buffer: Uint8Array, Len: number = Buffer.length): number {
    checkRange('PeekData', Buffer, Len);
    return receive(this, Buffer, Len, N.RECV_PEEK);
  }

  /**
   * UDP: one datagram, at most BufferSize bytes of it, and its sender. Its length, or -1 with
   * LastError: 10035 none has arrived, 10040 it was longer (what fits was copied, the rest is lost).
   */
  ReceiveFrom(Buffer: Uint8Array, BufferSize: number, From: TSockAddr | null = null): number {
    checkRange('ReceiveFrom', Buffer, BufferSize);
    return D.receiveDatagram(this, Buffer, BufferSize, From);
  }

  /** Everything that has arrived as UTF-8; a character that is not complete yet stays. */
  ReceiveStr(): string {
    return receiveText(this, 0);
  }

  /** Everything that has arrived, one character per byte: loss-free for any data. */
  ReceiveStrA(): string {
    return receiveText(this, N.RECV_BYTES);
  }

  /** Everything that has arrived, at most MaxLen bytes, as a new Buffer. */
  ReceiveTB(MaxLen = Infinity): Buffer {
    const waiting = this.socketHandle === 0 ? 0 : this.RcvdCount;
    const buffer = Buffer.allocUnsafe(Math.min(waiting > 0 ? waiting : BLIND_READ, MaxLen));
    const got = this.Receive(buffer);
    return buffer.subarray(0, Math.max(got, 0));
  }

  /** Bytes that can be read now; in line mode what is left of the current line. */
  get RcvdCount(): number {
    if (this.socketHandle === 0) return -1;
    if (this.flags & F.NEGOTIATING) return 0;
    const count = native.available(this.socketHandle, this.recvFlags);
    if (count >= 0) return count;
    this.SocketError('ioctlSocket', wsaFromErrno(-count));
    return -1;
  }

  // ---- Sending -----------------------------------------------------------------------------

  /**
   * Sends Len bytes of Data (default: all), or one byte given as a number. The result is Len: what
   * the kernel does not take at once is queued. -1 or an exception when not connected (10057),
   * after Shutdown (10058), or above SendQueueLimit (10055). The caller may reuse Data at once.
   */
  Send(Data: Uint8Array | number | null, Len?: number): number {
    if (typeof Data === 'number') {
      checkByte('Send', Data);
      oneByte[0] = Data;
      return sendBytes(this, oneByte, 0, 1);
    }
    const size = Len ?? Data?.length ?? 0;
    if (Data === null) return sendBytes(this, oneByte, 0, 0);
    checkRange('Send', Data, size);
    return sendBytes(this, Data, 0, size);
  }

  /** UDP: sends one datagram to Dest. Len (default: all), or -1 with LastError; never raises. */
  SendTo(Dest: TSockAddr, Data: Uint8Array, Len: number = Data.length): number {
    checkRange('SendTo', Data, Len);
    return D.sendDatagramTo(this, Dest, Data, Len);
  }

  /** Addition: enters a multicast group, on the interface with LocalAddr or one the system picks. */
  JoinGroup(Group: string, LocalAddr = ''): boolean {
    return D.joinGroup(this, Group, LocalAddr);
  }

  LeaveGroup(Group: string, LocalAddr = ''): boolean {
    return D.leaveGroup(this, Group, LocalAddr);
  }

  /** Send for a byte array; Len above its length means all of it. */
  SendTB(Data: Uint8Array, Len = -1): number {
    checkRange('SendTB', Data, Math.min(Len, Data?.length));
    return sendBytes(this, Data, 0, Len < 0 ? Data.length : Math.min(Len, Data.length));
  }

  /** Sends text as UTF-8. The result is its length in bytes. */
  SendStr(Str: string): number {
    return sendText(this, asText(Str), 0);
  }

  /** Sends text, one byte per character. */
  SendStrA(Str: string): number {
    return sendText(this, asText(Str), N.TEXT_LATIN1);
  }

  /** ReceiveStr and SendStr as a property. */
  get Text(): string {
    return this.ReceiveStr();
  }

  set Text(value: string) {
    this.SendStr(value);
  }

  /** Queues without trying to send; a later Send takes it along. */
  PutDataInSendBuffer(Data: Uint8Array, Len: number = Data.length): void {
    checkRange('PutDataInSendBuffer', Data, Len);
    queueBytes(this, Data, Len);
  }

  /** PutDataInSendBuffer for text (UTF-8); the result is its length in bytes. */
  PutStringInSendBuffer(Str: string): number {
    return queueText(this, asText(Str), 0);
  }

  /** Drops what is queued and not yet sent. */
  DeleteBufferedData(): void {
    if (this.socketHandle === 0) return;
    native.dropOutput(this.socketHandle);
    this.queued = 0;
  }

  /** Waits, pumping, until everything is sent or the connection is gone. */
  Flush(): void {
    flushAll(this);
  }

  /** Waits, pumping, until the connection is over. A paused one does not end by its peer. */
  WaitForClose(): void {
    waitForClose(this);
  }

  // ---- Life --------------------------------------------------------------------------------

  /** Closes (FIN) without OnSessionClosed and frees the component. */
  override Destroy(): void {
    if (this.isDestroyed) return;
    this.flags |= F.DESTROYING;
    stopLookup(this);
    try {
      closeNow(this);
    } catch {
      // ICS: exceptions while a component is destroyed are swallowed; OnChangeState can throw.
    }
    super.Destroy();
  }

  /** Does not keep the process alive any more (addition, as in Node). */
  unref(): this {
    if (!(this.flags & F.UNREFERENCED) && this.socketHandle !== 0) reference(-1);
    this.flags |= F.UNREFERENCED;
    return this;
  }

  ref(): this {
    if (this.flags & F.UNREFERENCED && this.socketHandle !== 0) reference(1);
    this.flags &= ~F.UNREFERENCED;
    return this;
  }

  hasRef(): boolean {
    return !(this.flags & F.UNREFERENCED);
  }

  protected override AbortComponent(_E: Error): void {
    this.Abort();
  }

  // ---- Dispatch ----------------------------------------------------------------------------

  /** @internal Called by the pump, in ICS order: connect, read, write, accept, close. */
  onSocketEvent(events: number, error: number): void {
    const handle = this.socketHandle;
    if (events & N.FD_CONNECT) {
      connectDone(this, wsaFromErrno(error));
      return;
    }
    if (this.flags & F.DETACHED) return; // ThreadAttach has it told again
    if (events & N.FD_READ) this.deliverMore();
    if (events & N.FD_WRITE && this.socketHandle === handle) this.onWritable();
    const mayAccept = this.socketHandle === handle && !(this.flags & F.HELD);
    if (events & N.FD_ACCEPT && mayAccept) acceptWaiting(this);
    if (events & N.FD_CLOSE && this.socketHandle === handle && !(this.flags & F.DETACHED))
      remoteClosed(this, wsaFromErrno(error));
  }

  private deliverMore(): void {
    const handle = this.socketHandle;
    if (this.flags & F.FILTERED && !this.pullInput()) {
      if (this.socketHandle === handle) this.inputDelivered();
      return;
    }
    if (this.socketHandle !== handle || this.flags & F.DEAF) return;
    this.deliver(false);
    if (this.flags & F.FILTERED && this.socketHandle === handle) this.inputDelivered();
  }

  private onWritable(): void {
    try {
      writable(this);
    } catch (E) {
      this.HandleBackGroundException(E, 'TCustomWSocket.WndProc, FD_WRITE');
    }
  }

  /** @internal Calls OnDataAvailable as long as input waits. Line mode has its own way. */
  deliver(ending: boolean): void {
    deliverInput(this, ending);
  }

  /** @internal The session is ending: delivers what is left, complete or not. */
  deliverRest(_error: number): void {
    const handle = this.socketHandle;
    this.deliverAll();
    if (this.socketHandle !== handle || this.flags & F.HELD) return;
    if (native.finishInput(handle, 0) > 0) this.deliver(true);
  }

  /** @internal Delivers as long as handlers take something, also after exceptions in them. */
  protected deliverAll(): void {
    const handle = this.socketHandle;
    this.flags |= F.RECEIVED;
    while (this.socketHandle === handle && this.flags & F.RECEIVED && !(this.flags & F.HELD)) {
      if (native.more(handle) === 0) return;
      this.flags &= ~F.RECEIVED;
      this.deliver(true);
    }
  }

  /** @internal Input that the core holds is not reported by the kernel again. */
  continueInput(): void {
    if (this.flags & F.FILTERED || native.buffered(this.socketHandle) !== 0) postContinue(this);
  }

  /** @internal */
  flushCoalesced(): void {
    this.flags &= ~F.COALESCED;
    try {
      flushQueue(this);
    } catch (E) {
      this.HandleBackGroundException(E, 'TCustomWSocket.TryToSend');
    }
  }

  /** Handles the messages sockets post to themselves, then `super.WndProc`. */
  override WndProc(Msg: TMessage): void {
    switch (Msg.Msg) {
      case M.WM_ICS_DATA_SENT:
        dataSent(this);
        return;
      case M.WM_TRIGGER_DATA_AVAILABLE:
        this.flags &= ~F.CONTINUE_QUEUED;
        if (this.socketHandle === 0 || this.flags & F.DETACHED) return;
        if (this.flags & F.FILTERED || native.more(this.socketHandle) !== 0) this.deliverMore();
        return;
      case M.WM_ICS_CLOSE_DELAYED:
        // Posted without a connection it means the coming one; else only the one it was meant for.
        if (Msg.WParam === 0 || Msg.WParam === this.socketHandle) closeWhenSent(this);
        return;
      case M.WM_TRIGGER_EXCEPTION:
        throw new ESocketException('Test exception in WSocket');
      default:
        super.WndProc(Msg);
    }
  }

  // ---- Triggers: fire the event of the same name; descendants may override them --------------

  /** @internal True: somebody wants OnDataSent. */
  wantsDataSent(): boolean {
    return (
      this.OnDataSent !== null || this.TriggerDataSent !== TCustomWSocket.prototype.TriggerDataSent
    );
  }

  /** False when nobody handled the data; it is thrown away then, as in ICS. */
  TriggerDataAvailable(ErrCode: number): boolean {
    if (this.OnDataAvailable === null) {
      this.discardData();
      return false;
    }
    this.watch(this.OnDataAvailable(this, ErrCode));
    return true;
  }

  /** @internal Nobody reads: what has arrived is thrown away. */
  discardData(): void {
    discardInput(this);
  }

  TriggerDataSent(ErrCode: number): void {
    if (this.OnDataSent) this.watch(this.OnDataSent(this, ErrCode));
  }

  TriggerSendData(BytesSent: number): void {
    if (this.flags & F.COUNTED && this.Counter) this.Counter.LastSendTick = IcsGetTickCount();
    if (this.OnSendData) this.watch(this.OnSendData(this, BytesSent));
  }

  TriggerSendQueueHigh(Queued: number): void {
    if (this.OnSendQueueHigh) this.watch(this.OnSendQueueHigh(this, Queued));
  }

  TriggerSendQueueLow(Queued: number): void {
    if (this.OnSendQueueLow) this.watch(this.OnSendQueueLow(this, Queued));
  }

  TriggerPeerShutdown(): void {
    if (this.OnPeerShutdown) this.watch(this.OnPeerShutdown(this));
  }

  TriggerSessionAvailable(ErrCode: number): void {
    if (this.OnSessionAvailable) this.watch(this.OnSessionAvailable(this, ErrCode));
  }

  /** Fires OnSessionClosed, once per connection. */
  TriggerSessionClosed(ErrCode: number): void {
    if (this.flags & F.CLOSE_SIGNALLED) return;
    this.flags |= F.CLOSE_SIGNALLED;
    if (this.OnSessionClosed) this.watch(this.OnSessionClosed(this, ErrCode));
  }

  /**
   * Reports an error the ICS way: the text names the number and the function, LastError is set, a
   * connection that is reset or gone is closed first, then RaiseException.
   */
  override SocketError(Func: string, Code: number, FriendlyMsg = ''): void {
    const dead = Code === WSAECONNRESET || Code === WSAENOTCONN;
    if (dead && this.state === TSocketState.wsConnected && !this.negotiating) closeNow(this, Code);
    super.SocketError(Func, Code, FriendlyMsg);
  }
}
