// A connection as a Duplex of Node. Bytes are read when the stream asks for them and written when
// the send queue has room, so neither side grows beyond its high water mark and some 64 KiB.
//
//  - The socket's own close events decide: FIN is 'end', an error number is 'error', and a close from
//    this side is 'close' without 'end', which consumers know as a premature close.
//  - What listeners of the stream throw is an uncaught exception, as with every stream: it does not
//    reach OnBgException.
import { addAbortSignal, Duplex } from 'node:stream';
import { ESocketException, WSAECONNABORTED, WSAENOTCONN } from '../errors';
import type { TCustomLineWSocket } from '../socket/TCustomLineWSocket';
import { TSocketState } from '../types';
import { type SignalOption, closing, onFree, socketFailure } from './endings';
import { listenTo } from './events';
import { claimInput } from './readers';

type Done = (error?: Error | null) => void;

export interface StreamOptions extends SignalOption {
  /** Bytes either direction may hold back in the stream. Default: Node's. */
  highWaterMark?: number | undefined;
}

/** Bytes one event takes from the socket, and one Send gives to it. */
const CHUNK = 64 * 1024;
/** More than this in the socket's send queue, and the next write waits until it is empty. */
const QUEUE_MARK = 64 * 1024;
const NOTHING = Buffer.alloc(0);

export class SocketStream extends Duplex {
  /** null: the stream has let go of it. */
  #socket: TCustomLineWSocket | null;
  #stops: (() => void)[];
  /** The stream has asked for input. */
  #isWanted = false;
  #hasInputEnded = false;
  /** The write or end that is not complete. */
  #done: Done | null = null;
  #isEnding = false;
  /** What of the current write the socket has not got. */
  #rest: Buffer = NOTHING;

  constructor(socket: TCustomLineWSocket, options: StreamOptions = {}) {
    const { highWaterMark, signal } = options;
    super({
      allowHalfOpen: socket.HalfClose,
      ...(highWaterMark !== undefined && { highWaterMark }),
    });
    const release = claimInput(socket, 'toStream');
    this.#socket = socket;
    this.#stops = [
      release,
      listenTo(socket, 'DataAvailable', () => this.#guarded(() => this.#takeInput())),
      listenTo(socket, 'DataSent', () => this.#guarded(() => this.#output())),
      listenTo(socket, 'PeerShutdown', () => this.#guarded(() => this.#peerShutdown())),
      listenTo(socket, 'SessionClosed', (_socket, ErrCode) =>
        this.#guarded(() => this.#closed(socket, ErrCode)),
      ),
      onFree(socket, () => this.#guarded(() => this.#freed())),
    ];
    socket.LineMode = false;
    socket.Pause(); // ending it reports what has arrived before
    if (signal) addAbortSignal(signal, this);
    this.read(0); // up to the high water mark: who only writes must learn of the FIN too
  }

  // ---- Input -------------------------------------------------------------------------------

  override _read(): void {
    this.#isWanted = true;
    this.#socket?.Resume();
  }

  #takeInput(): void {
    const socket = this.#socket;
    if (!socket) return;
    if (!this.#isWanted) {
      socket.Pause();
      return;
    }
    const chunk = socket.ReceiveTB(CHUNK);
    if (chunk.length === 0) return;
    this.#isWanted = false; // push() may ask again
    let hasRoom = true; // what a listener throws does not stop the stream
    try {
      hasRoom = this.push(chunk);
    } finally {
      this.#isWanted ||= hasRoom;
      if (!this.#isWanted) this.#socket?.Pause();
    }
  }

  #endInput(): void {
    if (this.#hasInputEnded) return;
    this.#hasInputEnded = true;
    this.push(null);
    if (this.readableLength === 0) this.read(0); // 'end' needs no reader when nothing is left
  }

  #peerShutdown(): void {
    this.allowHalfOpen = true;
    this.#endInput();
  }

  // ---- Output ------------------------------------------------------------------------------

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#rest = chunk;
    this.#done = done;
    this.#output();
  }

  override _writev(parts: { chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(parts.map(({ chunk }) => chunk)), 'buffer', done);
  }

  override _final(done: Done): void {
    this.#done = done;
    this.#isEnding = true;
    this.#output();
  }

  // Gives the socket what it has room for, and reports the write or the end when all is given.
  #output(): void {
    const socket = this.#socket;
    if (!this.#done) return;
    if (!socket) {
      this.#settle(this.#isEnding ? null : this.#failure(WSAENOTCONN));
      return;
    }
    while (this.#rest.length > 0) {
      const size = roomOf(socket, this.#rest.length);
      if (size === 0) return;
      const failure = send(socket, this.#rest.subarray(0, size));
      if (this.#socket !== socket) return; // closed, and everybody was told
      if (failure) {
        this.#settle(failure);
        return;
      }
      this.#rest = this.#rest.subarray(size);
    }
    if (socket.BufferedByteCount > (this.#isEnding ? 0 : QUEUE_MARK)) return;
    if (this.#isEnding) closing(socket, () => socket.Shutdown(1));
    this.#settle(null);
  }

  #settle(error: Error | null): void {
    const done = this.#done;
    this.#done = null;
    this.#rest = NOTHING;
    done?.(error);
  }

  // ---- The end -----------------------------------------------------------------------------

  #closed(socket: TCustomLineWSocket, ErrCode: number): void {
    const fromPeer = ErrCode === 0 && socket.State === TSocketState.wsConnected;
    const failure = ErrCode === 0 ? undefined : socketFailure(socket, ErrCode, 'toStream');
    this.#detach();
    if (failure) {
      this.destroy(failure);
    } else if (fromPeer || (this.#hasInputEnded && this.#isEnding && !this.#done)) {
      this.#endInput();
      this.#output();
    } else {
      this.destroy();
    }
  }

  #freed(): void {
    this.#detach();
    this.destroy();
  }

  /** Abort, or Close when everything written has gone to the system. */
  override _destroy(error: Error | null, done: Done): void {
    const socket = this.#socket;
    this.#detach();
    if (socket) closing(socket, () => (this.writableFinished ? socket.Close() : socket.Abort()));
    if (this.#done) this.#settle(error ?? this.#failure(WSAECONNABORTED));
    done(error);
  }

  #detach(): void {
    const stops = this.#stops;
    this.#socket = null;
    this.#stops = [];
    for (const stop of stops) stop();
  }

  #failure(Code: number): Error {
    return new ESocketException(`The connection of the stream is closed (#${Code})`, Code);
  }

  // The callers are events of the socket, whose exceptions abort it; those of a stream's listeners
  // would do so or not, depending on whether the stream has buffered.
  #guarded(action: () => void): void {
    try {
      action();
    } catch (E) {
      queueMicrotask(() => {
        throw E;
      });
    }
  }
}

/** Bytes of `wanted` that may be sent now; 0: wait for OnDataSent. */
function roomOf(socket: TCustomLineWSocket, wanted: number): number {
  const queued = socket.BufferedByteCount;
  if (queued > QUEUE_MARK) return 0;
  const size = Math.min(wanted, CHUNK);
  const limit = socket.SendQueueLimit;
  if (limit <= 0 || queued + size <= limit) return size;
  return queued > 0 ? 0 : Math.min(size, limit);
}

/** The reason why the socket did not take it, with OnError and wsoNoSendException too. */
function send(socket: TCustomLineWSocket, data: Buffer): Error | null {
  try {
    if (socket.Send(data) >= 0) return null;
  } catch (E) {
    return E instanceof Error ? E : new Error(String(E));
  }
  return socketFailure(socket, socket.LastError, 'Send');
}
