// The listener face of one component: the names and habits of Node's EventEmitter over the OnX
// properties, without emit(). How a listener and the assigned handler share an event is in EventHook.
import type { TComponent } from '../base/TComponent';
import {
  type AnyListener,
  type Registration,
  addRegistration,
  hookedProperties,
  registrationsOf,
  removeRegistration,
} from './EventHook';

/** Names of a component's events: its OnX properties without the `On`. */
export type EventName<C> = {
  [K in keyof C]-?: K extends `On${infer N}` ? (null extends C[K] ? N : never) : never;
}[keyof C];

/** What may listen to the event N: the type of the handler OnN. */
export type EventListener<C, N extends EventName<C>> = Extract<
  C[`On${N}` & keyof C],
  (...args: never[]) => unknown
>;

/** What a listener of the event N is called with, Sender first. */
export type EventArguments<C, N extends EventName<C>> = Parameters<EventListener<C, N>>;

/** 'SessionClosed' → 'OnSessionClosed'. TypeError naming all events when there is no such one. */
export function propertyOf(component: TComponent, name: string): string {
  const property = `On${name}`;
  if (isEvent(component, property)) return property;
  const names = eventNamesOf(component).join(', ');
  throw new TypeError(`${component.constructor.name} has no event "${name}"; it has ${names}`);
}

function isEvent(component: TComponent, property: string): boolean {
  if (!/^On[A-Z]/.test(property) || !(property in component)) return false;
  const value: unknown = Reflect.get(component, property);
  return value === null || typeof value === 'function';
}

function eventNamesOf(component: TComponent): string[] {
  const names = new Set<string>();
  for (let at: object | null = component; at; at = Reflect.getPrototypeOf(at))
    for (const key of Object.getOwnPropertyNames(at))
      if (isEvent(component, key)) names.add(key.slice(2));
  return [...names].sort();
}

export class ComponentEvents<C extends TComponent> {
  readonly #component: C;

  constructor(component: C) {
    this.#component = component;
  }

  /**
   * Calls `listener` each time, behind the OnX handler, with the same arguments. Adding one twice
   * means two calls. To the component a listener counts as an assigned handler.
   */
  on<N extends EventName<C>>(name: N, listener: EventListener<C, N>): this {
    return this.#add(name, listener, listener);
  }

  addListener<N extends EventName<C>>(name: N, listener: EventListener<C, N>): this {
    return this.on(name, listener);
  }

  /** Calls `listener` the next time only. */
  once<N extends EventName<C>>(name: N, listener: EventListener<C, N>): this {
    let isDone = false;
    const call = (...args: never[]): unknown => {
      if (isDone) return undefined; // a pump inside another listener got here first
      isDone = true;
      this.off(name, listener);
      return Reflect.apply<unknown, never[], unknown>(listener, this.#component, args);
    };
    return this.#add(name, listener, call);
  }

  /** Takes back the latest registration of `listener`, also one of once(). */
  off<N extends EventName<C>>(name: N, listener: EventListener<C, N>): this {
    const property = propertyOf(this.#component, name);
    const found = this.#registrations(name).findLast((each) => each.listener === listener);
    if (found) removeRegistration(this.#component, property, found);
    return this;
  }

  removeListener<N extends EventName<C>>(name: N, listener: EventListener<C, N>): this {
    return this.off(name, listener);
  }

  listenerCount(name: EventName<C>): number {
    return this.#registrations(name).length;
  }

  /** Events that have listeners. */
  eventNames(): EventName<C>[] {
    return hookedProperties(this.#component).map((property) => property.slice(2) as EventName<C>);
  }

  #registrations(name: string): readonly Registration[] {
    return registrationsOf(this.#component, propertyOf(this.#component, name));
  }

  #add(name: string, listener: AnyListener, call: AnyListener): this {
    const property = propertyOf(this.#component, name);
    if (typeof listener !== 'function')
      throw new TypeError(`The listener for ${name} must be a function, got ${typeof listener}`);
    addRegistration(this.#component, property, { listener, call });
    return this;
  }
}
