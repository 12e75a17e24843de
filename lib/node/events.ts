// EventEmitter habits for components: events(server).on('ClientConnect', …) and a promise for the
// next event. The ICS handlers keep working; a listener runs behind the handler of the same event.
import type { TComponent } from '../base/TComponent';
import { EIcsException } from '../errors';
import { AbortError } from './AbortError';
import {
  ComponentEvents,
  type EventArguments,
  type EventListener,
  type EventName,
  propertyOf,
} from './ComponentEvents';
import { type AnyListener, addRegistration, removeRegistration } from './EventHook';
import { type SignalOption, onAbort, onFree } from './endings';

const faces = new WeakMap<TComponent, object>();

/** The listener face of a component; always the same object for the same component. */
export function events<C extends TComponent>(component: C): ComponentEvents<C> {
  let face = faces.get(component);
  if (!face) faces.set(component, (face = new ComponentEvents(component)));
  return face as ComponentEvents<C>;
}

/**
 * The arguments of the next event, Sender first. What awaits it goes on before the next event of the
 * component. Rejects with AbortError, with EIcsException (code EFREED) when the component is freed
 * first, with TypeError for an unknown event.
 */
export async function once<C extends TComponent, N extends EventName<C>>(
  component: C,
  name: N,
  options: SignalOption = {},
): Promise<EventArguments<C, N>> {
  const { signal } = options;
  const property = propertyOf(component, name);
  if (signal?.aborted) throw new AbortError(signal);
  const stops: (() => void)[] = [];
  try {
    return await new Promise<EventArguments<C, N>>((resolve, reject) => {
      const freed = (): void => reject(new EIcsException(`Freed before ${property}`, 'EFREED'));
      if (component.isDestroyed) return freed();
      const call = (...args: never[]): Promise<void> => {
        resolve(args as unknown as EventArguments<C, N>);
        stop();
        return Promise.resolve(); // lets promises proceed before the next event of a batch
      };
      const stop = register(component, property, call);
      stops.push(stop, onFree(component, freed));
      if (signal) stops.push(onAbort(signal, () => reject(new AbortError(signal))));
    });
  } finally {
    for (const stop of stops) stop();
  }
}

function register(component: TComponent, property: string, call: AnyListener): () => void {
  const registration = { listener: call, call };
  addRegistration(component, property, registration);
  return () => removeRegistration(component, property, registration);
}

/**
 * Adds a listener of this package and returns what takes it back.
 * @internal
 */
export function listenTo<C extends TComponent, N extends EventName<C>>(
  component: C,
  name: N,
  listener: EventListener<C, N>,
): () => void {
  return register(component, `On${name}`, listener);
}
