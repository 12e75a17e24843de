// Properties, events and error reporting of the socket component: the part of ICS's TCustomWSocket
// that holds values and guards them. The methods are in TCustomWSocket.
//
//  - Events are assignable properties, null by default.
//  - Numbers are checked: a value that makes no sense raises and changes nothing (numberProperties).
//  - Defaults live on the prototype, so an idle connection carries only what was assigned to it.
//  - Members marked @internal belong to the functions beside this file.
import { numberProperties, takesNumber } from '../base/numberProperties';
import { ESocketException, WSocketErrorDesc } from '../errors';
import * as N from '../native';
import { TIcsWndControl } from '../pump/TIcsWndControl';
import { callTotals, post } from '../pump/reactor';
import type { ReactorTimer } from '../pump/timerList';
import * as T from '../types';
import { TWSocketCounter } from './TWSocketCounter';
import { literalFamily } from './names';
import { COUNTED } from './socketFlags';

const { TSocketFamily, TSocketState } = T;

export abstract class SocketProperties extends TIcsWndControl {
  // ---- Events ------------------------------------------------------------------------------

  /** Input waits: read it with one of the Receive methods. */
  declare OnDataAvailable: T.TDataAvailable<this> | null;
  /** The send queue has become empty. Never fires inside Send. */
  declare OnDataSent: T.TDataSent<this> | null;
  /** After each physical write. */
  declare OnSendData: T.TSendData<this> | null;
  /** The connection (or the listener) was closed; ErrCode 0 or a Windows number. Once. */
  declare OnSessionClosed: T.TSessionClosed<this> | null;
  /** A listener has a connection to accept. */
  declare OnSessionAvailable: T.TSessionAvailable<this> | null;
  declare OnChangeState: T.TChangeState<this> | null;
  /** Instead of an exception: an error occurred, see LastError. */
  declare OnError: T.TNotifyEvent<this> | null;
  /** Instead of an exception (ICS also spells it onException): gets the exception object. */
  declare OnException: T.TIcsException<this> | null;
  /** Addition: the send queue passed SendQueueHigh. */
  declare OnSendQueueHigh: T.TSendQueueEvent<this> | null;
  /** Addition: after OnSendQueueHigh, the queue has fallen to SendQueueLow. */
  declare OnSendQueueLow: T.TSendQueueEvent<this> | null;
  /** Addition, with HalfClose: the peer sends nothing more but may still receive. */
  declare OnPeerShutdown: T.TNotifyEvent<this> | null;

  // ---- Plain values ------------------------------------------------------------------------

  /** Last error as a Windows number; 0 at the start of Listen and of each receive pass. */
  LastError = 0;
  /** How error messages read. Default wsErrTech. */
  declare SocketErrs: T.TSocketErrs;
  /** Milliseconds a closing connection may take to send its queue. Default 30,000. */
  declare CloseFlushTimeout: number;
  /** Bytes the send queue may hold; a Send beyond fails with 10055. Default 0: no limit, as ICS. */
  declare SendQueueLimit: number;
  /** Bytes above which OnSendQueueHigh fires. Default 1 MiB. */
  declare SendQueueHigh: number;
  /** Bytes at which OnSendQueueLow fires. Default 256 KiB. */
  declare SendQueueLow: number;
  /** Bytes of the own send queue that were dropped by closing. */
  declare DroppedByteCount: number;
  /** True: the connection stays open after the peer's FIN (OnPeerShutdown). Default False. */
  declare HalfClose: boolean;
  /** False: every Send is its own system call. Default True. */
  declare CoalesceSends: boolean;
  /** Connections accepted per turn of the loop. Default 256. */
  declare AcceptBudget: number;
  /** Connections refused for lack of descriptors or memory. */
  declare AcceptFailCount: number;
  /** Chunk size of ICS's send buffer; kept for ported code, without effect. Default 1460. */
  declare BufSize: number;
  declare KeepAliveOnOff: T.TSocketKeepAliveOnOff;
  /** Milliseconds of silence before the first probe (wsKeepAliveOnCustom). Default 0: system. */
  declare KeepAliveTime: number;
  /** Milliseconds between probes (wsKeepAliveOnCustom). Default 0: system. */
  declare KeepAliveInterval: number;
  /** Windows only in ICS; kept for ported code. Default False. */
  declare ExclusiveAddr: boolean;

  // ---- Internal ----------------------------------------------------------------------------

  /** @internal The native socket, 0 when there is none. */
  socketHandle = 0;
  /** @internal socketFlags.ts */
  flags = 0;
  /** @internal */
  declare sendQueueLimit: number;
  /** @internal */
  declare sendQueueHigh: number;
  /** @internal Bytes in the native send queue. */
  queued = 0;
  /** @internal Bytes a filter holds, as part of `queued`. */
  declare plainQueued: number;
  /** @internal */
  state: T.TSocketState = TSocketState.wsClosed;
  /** @internal Flags every receiving call gets: RECV_LINE in line mode. */
  declare recvFlags: number;
  /** @internal */
  declare counter: TWSocketCounter | null;
  /** @internal */
  declare counterClass: typeof TWSocketCounter;
  /** @internal Totals of the last connection, once it is closed. */
  declare readTotal: number;
  /** @internal */
  declare writeTotal: number;
  /** @internal Connection announced by OnSessionAvailable: handle, or -errno; 0 none. */
  declare pendingAccept: number;
  /** @internal */
  declare acceptDelay: number;
  /** @internal */
  declare assignedBacklog: number | undefined;
  /** @internal */
  declare portNum: number;
  /** @internal */
  declare closeTimer: ReactorTimer | null;
  /** @internal */
  declare assignedLinger: boolean;
  /** @internal */
  declare options: T.TWSocketOptions | null;
  /** @internal Values behind the guarded properties. */
  declare texts: Readonly<SocketTexts>;
  /** @internal */
  declare family: T.TSocketFamily;
  /** @internal The family the application set itself. */
  declare explicitFamily: T.TSocketFamily;
  /** @internal */
  declare linger: T.TSocketLingerOnOff;
  /** @internal */
  declare lingerSeconds: number;

  // ---- Guarded properties ------------------------------------------------------------------

  /** Address to listen on or connect to: a literal (sets SocketFamily) or a name. Default ''. */
  get Addr(): string {
    return this.texts.addr;
  }

  set Addr(value: string) {
    const text = String(value).trim();
    if (text === this.texts.addr || !this.isClosedFor('Addr')) return;
    this.setText('addr', text);
    this.family = literalFamily(text) ?? this.explicitFamily;
  }

  /** Port number or service name, as text (a number is accepted too). Default ''. */
  get Port(): string {
    return this.texts.port;
  }

  set Port(value: string | number) {
    const text = String(value).trim();
    if (text === this.texts.port || !this.isClosedFor('Port')) return;
    this.setText('port', text);
  }

  /** Numeric value of Port once Listen or Connect has resolved it; 0 for a dynamic port. */
  get PortNum(): number {
    return this.portNum;
  }

  /** Protocol: 'tcp' (the default), 'udp', or their numbers. */
  get Proto(): string {
    return this.texts.proto;
  }

  set Proto(value: string) {
    const text = String(value).trim();
    if (text === this.texts.proto || !this.isClosedFor('Proto')) return;
    this.setText('proto', text);
  }

  /** Local port of an outgoing connection. Default '0': any. */
  get LocalPort(): string {
    return this.texts.localPort;
  }

  set LocalPort(value: string) {
    if (this.isClosedFor('LocalPort')) this.setText('localPort', String(value));
  }

  /** Local IPv4 address of an outgoing connection; '' restores the default '0.0.0.0'. */
  get LocalAddr(): string {
    return this.texts.localAddr;
  }

  set LocalAddr(value: string) {
    if (this.isClosedFor('LocalAddr'))
      this.setText('localAddr', String(value).trim() || T.ICS_ANY_HOST_V4);
  }

  /** Local IPv6 address of an outgoing connection; '' restores the default '::'. */
  get LocalAddr6(): string {
    return this.texts.localAddr6;
  }

  set LocalAddr6(value: string) {
    if (this.isClosedFor('LocalAddr6'))
      this.setText('localAddr6', String(value).trim() || T.ICS_ANY_HOST_V6);
  }

  /** IP versions that may be used. Default sfIPv4; a literal Addr sets it. */
  get SocketFamily(): T.TSocketFamily {
    return this.family;
  }

  set SocketFamily(value: T.TSocketFamily) {
    if (value === this.family && value === this.explicitFamily) return;
    if (this.state !== TSocketState.wsClosed) {
      this.RaiseException('Cannot change SocketFamily when not closed or in DNS lookup');
      return;
    }
    this.family = this.explicitFamily = value;
  }

  /** Family of the live socket, else SocketFamily. */
  get CurrentSocketFamily(): T.TSocketFamily {
    const version = this.socketHandle === 0 ? 0 : N.native.familyOf(this.socketHandle);
    if (version === 4) return TSocketFamily.sfIPv4;
    return version === 6 ? TSocketFamily.sfIPv6 : this.family;
  }

  /** State of the component. Changes fire OnChangeState. */
  get State(): T.TSocketState {
    return this.state;
  }

  /**
   * Connections the system holds for us until they are accepted. Reads 15 until assigned; the
   * kernel then gets 511 on POSIX, an assigned value as it is.
   */
  get ListenBacklog(): number {
    return this.assignedBacklog ?? 15;
  }

  set ListenBacklog(value: number) {
    if (takesNumber(this, 'ListenBacklog', value)) this.assignedBacklog = value;
  }

  /** Options as a set: `ComponentOptions.add(wsoTcpNoDelay)`. Default empty. */
  get ComponentOptions(): T.TWSocketOptions {
    return (this.options ??= new Set());
  }

  set ComponentOptions(value: Iterable<T.TWSocketOption>) {
    this.options = new Set(value);
  }

  /** @internal */
  hasOption(option: T.TWSocketOption): boolean {
    return this.options !== null && this.options.has(option);
  }

  /** Nothing waits in the own send queue. */
  get AllSent(): boolean {
    return this.queued === 0;
  }

  /** Bytes accepted by Send and not yet given to the system. */
  get BufferedByteCount(): number {
    return this.queued;
  }

  /** Bytes received by the current or last connection. */
  get ReadCount(): number {
    return this.total(N.TOTAL_READ) ?? this.readTotal;
  }

  /** Bytes given to the system by the current or last connection. */
  get WriteCount(): number {
    return this.total(N.TOTAL_WRITTEN) ?? this.writeTotal;
  }

  /** Times of the connection's activity; null (the default): nobody asked for them. */
  get Counter(): TWSocketCounter | null {
    return this.counter;
  }

  set Counter(value: TWSocketCounter | null) {
    this.counter = value;
    this.flags = value ? this.flags | COUNTED : this.flags & ~COUNTED;
  }

  /** Class of the object that CreateCounter makes. Default TWSocketCounter. */
  get CounterClass(): typeof TWSocketCounter {
    return this.counterClass;
  }

  set CounterClass(value: typeof TWSocketCounter) {
    if (value as unknown) this.counterClass = value;
    else this.RaiseException('Property CounterClass may not be nil!');
  }

  /** Makes a new Counter; it counts from now on, a connection that exists as made now. */
  CreateCounter(): void {
    this.Counter = new this.CounterClass();
    if (this.state === TSocketState.wsConnected) this.Counter.SetConnected();
  }

  /** SO_LINGER is touched only when LingerOnOff or LingerTimeout is assigned. Default wsLingerOn. */
  get LingerOnOff(): T.TSocketLingerOnOff {
    return this.linger;
  }

  set LingerOnOff(value: T.TSocketLingerOnOff) {
    this.linger = value;
    this.assignedLinger = true;
  }

  /** Seconds. With wsLingerOn, 0 makes Close a reset; a positive time never blocks. Default 0. */
  get LingerTimeout(): number {
    return this.lingerSeconds;
  }

  set LingerTimeout(value: number) {
    if (!takesNumber(this, 'LingerTimeout', value)) return;
    this.lingerSeconds = value;
    this.assignedLinger = true;
  }

  /** The ICS spelling of OnException. */
  get onException(): T.TIcsException<this> | null {
    return this.OnException;
  }

  set onException(value: T.TIcsException<this> | null) {
    this.OnException = value;
  }

  /** Microseconds this thread polls its sockets before it sleeps; 0 (default): none. Thread-wide. */
  get SpinMicroseconds(): number {
    return spinMicroseconds;
  }

  set SpinMicroseconds(value: number) {
    if (!takesNumber(this, 'SpinMicroseconds', value)) return;
    spinMicroseconds = value;
    N.native.setSpin(spinMicroseconds);
  }

  // ---- Errors ------------------------------------------------------------------------------

  /** @internal */
  SocketError(Func: string, Code: number, FriendlyMsg = ''): void {
    const desc = WSocketErrorDesc(Code);
    const friendly = this.SocketErrs === T.TSocketErrs.wsErrFriendly;
    const text = friendly ? `${desc} in ${Func}` : `${desc} (#${Code} in ${Func})`;
    this.LastError = Code;
    this.RaiseException(text, Code, desc, FriendlyMsg, Func);
  }

  /**
   * OnError if assigned, else OnException if assigned, else an ESocketException is thrown. IP and
   * Port are what the exception tells of the address; default: Addr and Port.
   */
  RaiseException(
    Message: string,
    Code = 0,
    Desc = '',
    FriendlyMsg = '',
    Func = '',
    IP = this.texts.addr,
    Port = this.texts.port,
  ): void {
    if (this.OnError) {
      this.watch(this.OnError(this));
      return;
    }
    const friendly = this.SocketErrs === T.TSocketErrs.wsErrFriendly && FriendlyMsg !== '';
    const text = friendly ? FriendlyMsg : Message;
    const { proto } = this.texts;
    const E = new ESocketException(text, Code, Desc, FriendlyMsg, Func, IP, Port, proto);
    if (!this.OnException) throw E;
    this.watch(this.OnException(this, E));
  }

  // ---- Internal ----------------------------------------------------------------------------

  /** @internal Fires OnChangeState when the state really changes. */
  changeState(NewState: T.TSocketState): void {
    const OldState = this.state;
    if (OldState === NewState) return;
    this.state = NewState;
    this.TriggerChangeState(OldState, NewState);
  }

  TriggerChangeState(OldState: T.TSocketState, NewState: T.TSocketState): void {
    if (this.OnChangeState) this.watch(this.OnChangeState(this, OldState, NewState));
  }

  /** What every close resets (ICS: AssignDefaultValue). Addr and Port stay assigned. */
  AssignDefaultValue(): void {
    if (this.texts !== DEFAULT_TEXTS) {
      const { addr, port } = this.texts;
      this.texts = { ...DEFAULT_TEXTS, addr, port };
    }
    if (!this.assignedLinger) return;
    this.linger = T.TSocketLingerOnOff.wsLingerOn;
    this.lingerSeconds = 0;
    this.assignedLinger = false;
  }

  /** @internal Just before the native socket is given back. */
  beforeRelease(): void {}

  /** @internal Just after a connected descriptor was adopted, before OnChangeState. */
  adopted(): void {
    if (this.flags & COUNTED) this.counter?.SetConnected();
  }

  /** @internal */
  post(Msg: number, WParam = 0): void {
    post(this, Msg, WParam);
  }

  private isClosedFor(what: string): boolean {
    if (this.state === TSocketState.wsClosed) return true;
    this.RaiseException(`Cannot change ${what} if not closed`);
    return false;
  }

  /** @internal */
  protected setText(key: keyof SocketTexts, value: string): void {
    this.texts = { ...this.texts, [key]: value };
  }

  private total(place: number): number | undefined {
    if (this.socketHandle === 0 || N.native.totals(this.socketHandle) < 0) return undefined;
    return callTotals[place];
  }
}

interface SocketTexts {
  addr: string;
  port: string;
  proto: string;
  localPort: string;
  localAddr: string;
  localAddr6: string;
}

const DEFAULT_TEXTS: Readonly<SocketTexts> = {
  addr: '',
  port: '',
  proto: 'tcp',
  localPort: '0',
  localAddr: T.ICS_ANY_HOST_V4,
  localAddr6: T.ICS_ANY_HOST_V6,
};

let spinMicroseconds = 0;

Object.assign(SocketProperties.prototype, {
  OnDataAvailable: null,
  OnDataSent: null,
  OnSendData: null,
  OnSessionClosed: null,
  OnSessionAvailable: null,
  OnChangeState: null,
  OnError: null,
  OnSendQueueHigh: null,
  OnSendQueueLow: null,
  OnPeerShutdown: null,
  SocketErrs: T.TSocketErrs.wsErrTech,
  DroppedByteCount: 0,
  HalfClose: false,
  CoalesceSends: true,
  AcceptFailCount: 0,
  KeepAliveOnOff: T.TSocketKeepAliveOnOff.wsKeepAliveOff,
  ExclusiveAddr: false,
  recvFlags: 0,
  plainQueued: 0,
  counter: null,
  counterClass: TWSocketCounter,
  readTotal: 0,
  writeTotal: 0,
  pendingAccept: 0,
  acceptDelay: 0,
  portNum: 0,
  closeTimer: null,
  assignedLinger: false,
  options: null,
  texts: DEFAULT_TEXTS,
  family: T.DefaultSocketFamily,
  explicitFamily: T.DefaultSocketFamily,
  linger: T.TSocketLingerOnOff.wsLingerOn,
  lingerSeconds: 0,
});
Object.assign(SocketProperties.prototype, { OnException: null, assignedBacklog: undefined });
numberProperties(SocketProperties.prototype, {
  CloseFlushTimeout: { default: 30000 },
  SendQueueLimit: { default: 0 },
  SendQueueHigh: { default: 1024 * 1024 },
  SendQueueLow: { default: 256 * 1024 },
  AcceptBudget: { default: 256, min: 1 },
  BufSize: { default: 1460 },
  KeepAliveTime: { default: 0 },
  KeepAliveInterval: { default: 0 },
});
