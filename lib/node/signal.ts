// Listen and Connect as promises, with an AbortSignal.
import { type ESocketException, WSAECONNABORTED } from '../errors';
import type { TCustomWSocket } from '../socket/TCustomWSocket';
import { PAUSED } from '../socket/socketFlags';
import { TSocketState } from '../types';
import { AbortError } from './AbortError';
import { addRegistration, removeRegistration } from './EventHook';
import { type SignalOption, closing, onAbort, onFree, socketFailure } from './endings';
import { listenTo } from './events';

/** A socket that can connect; declared by what is used, so that any of them fits. */
export interface Connectable {
  Connect(): void;
  OnSessionConnected: { bivariant(Sender: object, ErrCode: number): void }['bivariant'] | null;
}

/**
 * Listen. Resolves when the socket listens; rejects with what Listen raised, or, where OnError or
 * OnException took that, with an ESocketException for LastError. When the signal fires the listener
 * is closed, however much later.
 */
export async function listen(socket: TCustomWSocket, options: SignalOption = {}): Promise<void> {
  const { signal } = options;
  if (signal?.aborted) throw new AbortError(signal);
  const wasListening = isListening(socket);
  socket.Listen();
  if (wasListening || !isListening(socket)) throw failureOf(socket, 'Listen');
  if (!signal) return;
  const stops = [
    listenTo(socket, 'SessionClosed', () => release()),
    onFree(socket, () => release()),
    onAbort(signal, () => {
      release();
      closing(socket, () => socket.Close());
    }),
  ];
  const release = (): void => {
    for (const stop of stops) stop();
  };
  if (!signal.aborted) return;
  release(); // a handler of OnChangeState did it
  closing(socket, () => socket.Close());
  throw new AbortError(signal);
}

/**
 * Connect. Resolves on OnSessionConnected with 0; rejects with an ESocketException for any other
 * number, for a close before it, and for what Connect raised. When the signal fires before that the
 * attempt is aborted and AbortError is the reason; later it has no effect.
 */
export async function connect(
  socket: TCustomWSocket & Connectable,
  options: SignalOption = {},
): Promise<void> {
  const { signal } = options;
  if (signal?.aborted) throw new AbortError(signal);
  const stops: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (Code: number): void =>
        reject(socketFailure(socket, Code || WSAECONNABORTED, 'Connect'));
      const connected = (_Sender: never, ErrCode: never): void => {
        if (ErrCode !== 0) return fail(ErrCode);
        if (socket.OnDataAvailable === null && !(socket.flags & PAUSED)) {
          socket.Pause(); // data that comes along must find the caller's handler
          stops.push(() => socket.Resume());
        }
        resolve();
      };
      const registration = { listener: connected, call: connected };
      addRegistration(socket, 'OnSessionConnected', registration);
      stops.push(
        () => removeRegistration(socket, 'OnSessionConnected', registration),
        listenTo<TCustomWSocket, 'SessionClosed'>(socket, 'SessionClosed', (_socket, ErrCode) =>
          fail(ErrCode),
        ),
        // A lookup that is given up has no OnSessionClosed. Connect itself may pass through wsClosed.
        listenTo<TCustomWSocket, 'ChangeState'>(socket, 'ChangeState', (_socket, _old, state) => {
          if (state !== TSocketState.wsClosed) return;
          queueMicrotask(() => {
            if (socket.State === TSocketState.wsClosed) fail(WSAECONNABORTED);
          });
        }),
        onFree(socket, () => fail(WSAECONNABORTED)),
        onAbort(signal, () => {
          reject(new AbortError(signal!));
          closing(socket, () => socket.Abort());
        }),
      );
      const wasInUse = socket.State !== TSocketState.wsClosed;
      socket.Connect();
      // OnError or OnException took the exception, or a handler closed at once.
      if (wasInUse || socket.State === TSocketState.wsClosed) reject(failureOf(socket, 'Connect'));
    });
  } finally {
    for (const stop of stops) stop();
  }
}

function isListening(socket: TCustomWSocket): boolean {
  return socket.State === TSocketState.wsListening;
}

function failureOf(socket: TCustomWSocket, Func: string): ESocketException {
  return socketFailure(socket, socket.LastError || WSAECONNABORTED, Func);
}
