// What a SOCKS and an HTTP negotiation have in common: they belong to one connection, read exact
// lengths past the application, and end once, well or badly. The object exists only that long.
import * as E from '../errors';
import * as N from '../native';
import { post } from '../pump/reactor';
import type { TCustomHttpTunnelWSocket } from './TCustomHttpTunnelWSocket';
import { WM_ICS_DATA_SENT } from './messages';
import { sendHidden } from './send';
import * as F from './socketFlags';

const { native } = N;

export abstract class ProxyNegotiation {
  readonly #handle: number;
  #over = false;
  protected readonly socket: TCustomHttpTunnelWSocket;

  constructor(socket: TCustomHttpTunnelWSocket) {
    this.socket = socket;
    this.#handle = socket.socketHandle;
  }

  /** TCP has connected (0) or failed. */
  abstract begin(): void;

  /** Input waits. */
  receive(): void {
    if (this.alive) this.input();
    else native.ignored(this.#handle);
  }

  protected abstract input(): void;

  /** The proxy has closed the connection. */
  abstract ended(): void;

  /** The connection is going, or the negotiation is over: gives up what still runs. */
  stop(): void {}

  /** False once the connection is another or the negotiation has ended, as after any handler. */
  protected get alive(): boolean {
    return !this.#over && this.current;
  }

  private get current(): boolean {
    return this.socket.negotiation === this && this.socket.socketHandle === this.#handle;
  }

  /** Bytes read, 0 when none are there (now, or for ever: then `ended` follows). */
  protected read(to: Uint8Array, offset: number, size: number, flags = 0): number {
    const got = native.receive(this.#handle, to, offset, size, flags);
    if (got <= 0) return 0;
    if (!(flags & N.RECV_PEEK)) this.socket.flags |= F.RECEIVED;
    return got;
  }

  /** Input is left alone until more of it comes. */
  protected ignore(): void {
    native.ignored(this.#handle);
  }

  /** 0, or the error for `fail`. */
  protected send(data: Uint8Array): number {
    return sendHidden(this.socket, data);
  }

  /** The tunnel stands. What the proxy has sent behind its reply is the application's. */
  protected succeed(): void {
    const { socket } = this;
    this.#over = true;
    socket.endNegotiation();
    socket.negotiated();
    // The report of the fresh connection as writable was held back.
    if (!(socket.flags & F.DATA_SENT_QUEUED)) {
      socket.flags |= F.DATA_SENT_QUEUED;
      post(socket, WM_ICS_DATA_SENT);
    }
    socket.TriggerSessionConnected(0);
  }

  /** Tells the application by `trigger`, then OnSessionConnected(code), and closes. */
  protected fail(code: number, trigger: () => void): void {
    const { socket } = this;
    if (!this.alive) return;
    // Input and output stay hidden: nothing here is the application's.
    this.#over = true;
    this.stop();
    socket.LastError = code;
    try {
      trigger();
      if (this.current) socket.TriggerSessionConnected(code);
    } finally {
      if (this.current) {
        socket.Close();
        socket.LastError = code;
      }
    }
  }
}

/** Names and secrets go into lines and length-prefixed fields: nothing that could end one. */
export function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are meant
  return /[\x00-\x1f\x7f]/.test(text);
}

export function isLiteral(host: string): boolean {
  return native.ipVersion(host) !== 0;
}

export function isIPv6(host: string): boolean {
  return native.ipVersion(host) === 6;
}

/** Refuses with an exception what no proxy can do. */
export function refuse(socket: TCustomHttpTunnelWSocket, text: string): true {
  socket.LastError = E.WSAEINVAL;
  socket.RaiseException(text);
  return true;
}
