// The two ways in which something may end for this layer besides the component's own events: its
// AbortSignal fires, or the component is freed (Destroy fires no OnSessionClosed, as in ICS). Both
// registrations return the function that takes them back; calling it twice does no harm.
import { TComponent, TOperation } from '../base/TComponent';
import { ESocketException, WSocketErrorDesc } from '../errors';
import type { TCustomWSocket } from '../socket/TCustomWSocket';

/** What every function of this layer takes. */
export interface SignalOption {
  /** Ends the operation; it then fails with AbortError. */
  signal?: AbortSignal | undefined;
}

/** Calls `action` once when the signal fires. Without a signal nothing happens. */
export function onAbort(signal: AbortSignal | undefined, action: () => void): () => void {
  if (!signal) return () => undefined;
  signal.addEventListener('abort', action, { once: true });
  return () => signal.removeEventListener('abort', action);
}

/** Asks a component to tell when it is destroyed: one for all who want to know. */
class FreeWatcher extends TComponent {
  readonly actions = new Set<() => void>();

  protected override Notification(AComponent: TComponent, Operation: TOperation): void {
    super.Notification(AComponent, Operation);
    watchers.delete(AComponent);
    for (const action of [...this.actions]) action();
  }
}

const watchers = new WeakMap<TComponent, FreeWatcher>();

/** Calls `action` when the component is destroyed. It must not throw: Destroy is running. */
export function onFree(component: TComponent, action: () => void): () => void {
  if (component.isDestroyed) return () => undefined;
  let watcher = watchers.get(component);
  if (!watcher) {
    watcher = new FreeWatcher();
    watchers.set(component, watcher);
    component.FreeNotification(watcher);
  }
  const { actions } = watcher;
  const own = (): void => action();
  actions.add(own);
  return () => {
    const current = watchers.get(component);
    if (!actions.delete(own) || actions.size > 0 || current?.actions !== actions) return;
    watchers.delete(component);
    component.RemoveFreeNotification(current);
  };
}

/** Closing calls handlers of the application; what they throw belongs to the component. */
export function closing(socket: TCustomWSocket, action: () => void): void {
  try {
    action();
  } catch (E) {
    socket.HandleBackGroundException(E, 'lib/node');
  }
}

/** The exception for a Windows number that an event has reported, worded like those of the socket. */
export function socketFailure(
  socket: TCustomWSocket,
  Code: number,
  Func: string,
): ESocketException {
  const desc = WSocketErrorDesc(Code);
  const text = `${desc} (#${Code} in ${Func})`;
  return new ESocketException(text, Code, desc, '', Func, socket.Addr, socket.Port, socket.Proto);
}
