// Listeners beside one OnX property of one component. While there are any, an accessor on the object
// stands in for the property: what is assigned to it is kept, and what is read from it is a function
// that calls the assigned handler first and then the listeners.
//
//  - Everybody is called, whoever throws. The first exception leaves as if the handler had thrown it;
//    further ones reach HandleBackGroundException behind it. Promises are watched the same way.
//  - To the component a listener is a handler: the property is not null while listeners exist.
//  - With the last listener the accessor goes and the property is plain again.
import type { TComponent } from '../base/TComponent';
import { finalHandleException, toError } from '../pump/backgroundException';
import { TIcsWndControl } from '../pump/TIcsWndControl';

export type AnyListener = (...args: never[]) => unknown;

/** One registration. `listener` is what the application passed, `call` what is called. */
export interface Registration {
  readonly listener: AnyListener;
  readonly call: AnyListener;
}

/** The event whose handlers a server passes on to its clients, and whose exceptions are ignored. */
const BG_EVENT = 'OnBgException';

const hooks = new WeakMap<TComponent, Map<string, EventHook>>();
/** The handler behind each function that an accessor has given out. */
const handlerOf = new WeakMap<object, unknown>();

export class EventHook {
  readonly #component: TComponent;
  readonly #property: string;
  /** Only set when a class defines the property as an accessor: its values stay there. */
  readonly #inherited: PropertyDescriptor | undefined;
  #registrations: readonly Registration[] = [];
  #handler: unknown;
  #isAssigned: boolean;
  #dispatcher: AnyListener;

  constructor(component: TComponent, property: string) {
    this.#component = component;
    this.#property = property;
    this.#isAssigned = Object.hasOwn(component, property);
    const found = descriptorOf(component, property);
    this.#inherited = found?.set ? found : undefined;
    this.#handler = Reflect.get(component, property) as unknown;
    this.#dispatcher = this.#dispatcherFor(this.#handler);
    Object.defineProperty(component, property, {
      configurable: true,
      enumerable: true,
      get: () => this.#dispatcher,
      set: (value: unknown) => this.#assign(value),
    });
  }

  get registrations(): readonly Registration[] {
    return this.#registrations;
  }

  /** The list is replaced, not changed: a dispatch goes on with the one it began with. */
  set registrations(value: readonly Registration[]) {
    this.#registrations = value;
  }

  /** Makes the property plain again. */
  uninstall(): void {
    Reflect.deleteProperty(this.#component, this.#property);
    if (this.#inherited || !this.#isAssigned) return;
    Reflect.set(this.#component, this.#property, this.#handler);
  }

  #assign(value: unknown): void {
    // Code that puts back what it has read means the handler behind it.
    const isOurs = typeof value === 'function' && handlerOf.has(value);
    const handler = isOurs ? handlerOf.get(value) : value;
    this.#inherited?.set?.call(this.#component, handler);
    this.#handler = handler;
    this.#isAssigned = true;
    this.#dispatcher = this.#dispatcherFor(handler);
  }

  #dispatcherFor(handler: unknown): AnyListener {
    const dispatch = (...args: never[]): unknown => this.#dispatch(dispatcher, handler, args);
    const dispatcher: AnyListener = dispatch;
    handlerOf.set(dispatcher, handler);
    return dispatcher;
  }

  #dispatch(dispatcher: AnyListener, handler: unknown, args: never[]): unknown {
    const calls = this.#listens(dispatcher, args) ? this.#registrations.map((r) => r.call) : [];
    if (typeof handler === 'function') calls.unshift(handler as AnyListener);
    if (calls.length === 0) this.#nobody(args);
    const failures: unknown[] = [];
    const promises: PromiseLike<unknown>[] = [];
    for (const call of calls) {
      try {
        const result = Reflect.apply(call, this.#component, args) as unknown;
        if (isThenable(result)) promises.push(result);
      } catch (E) {
        failures.push(E);
      }
    }
    return this.#outcome(failures, promises);
  }

  // A handler that wraps the one it has read from the property calls an older dispatcher, and one
  // copied to another component has another Sender: the listeners are not meant. But OnBgException
  // is copied to the clients of a server, with everybody who handles it.
  #listens(dispatcher: AnyListener, args: readonly unknown[]): boolean {
    if (this.#property === BG_EVENT) return dispatcher === this.#dispatcher;
    return dispatcher === this.#dispatcher && args[0] === this.#component;
  }

  // A client kept the dispatcher of its server's OnBgException, and the listeners have gone.
  #nobody(args: readonly unknown[]): void {
    const [sender, thrown] = args;
    if (this.#property === BG_EVENT && typeof sender === 'object' && sender !== null)
      finalHandleException(toError(thrown), sender.constructor.name);
  }

  #outcome(failures: unknown[], promises: PromiseLike<unknown>[]): unknown {
    if (this.#property === BG_EVENT) {
      for (const promise of promises) promise.then(undefined, () => undefined);
      return undefined;
    }
    if (failures.length === 0) return this.#combined(promises);
    for (const promise of promises) promise.then(undefined, (E) => this.#report(E));
    for (const E of failures.slice(1)) queueMicrotask(() => this.#report(E));
    throw failures[0];
  }

  // Rejects as soon as one of them does; later rejections are reported one by one.
  #combined(promises: PromiseLike<unknown>[]): PromiseLike<unknown> | undefined {
    if (promises.length < 2) return promises[0];
    let hasFailed = false;
    const watched = promises.map((promise) =>
      promise.then(undefined, (E: unknown) => {
        if (hasFailed) return this.#report(E);
        hasFailed = true;
        throw E;
      }),
    );
    return Promise.all(watched);
  }

  #report(E: unknown): void {
    if (!(this.#component instanceof TIcsWndControl)) throw E;
    this.#component.HandleBackGroundException(E, `${this.#property} listener`);
  }
}

/** The registrations for an event of a component. */
export function registrationsOf(component: TComponent, property: string): readonly Registration[] {
  return hooks.get(component)?.get(property)?.registrations ?? [];
}

/** Properties of the component that have listeners. */
export function hookedProperties(component: TComponent): string[] {
  return [...(hooks.get(component)?.keys() ?? [])];
}

export function addRegistration(
  component: TComponent,
  property: string,
  added: Registration,
): void {
  let ofComponent = hooks.get(component);
  if (!ofComponent) hooks.set(component, (ofComponent = new Map<string, EventHook>()));
  let hook = ofComponent.get(property);
  if (!hook) ofComponent.set(property, (hook = new EventHook(component, property)));
  hook.registrations = [...hook.registrations, added];
}

export function removeRegistration(
  component: TComponent,
  property: string,
  removed: Registration,
): void {
  const ofComponent = hooks.get(component);
  const hook = ofComponent?.get(property);
  if (!ofComponent || !hook) return;
  hook.registrations = hook.registrations.filter((registration) => registration !== removed);
  if (hook.registrations.length > 0) return;
  ofComponent.delete(property);
  hook.uninstall();
}

function descriptorOf(component: object, property: string): PropertyDescriptor | undefined {
  for (let at: object | null = component; at; at = Reflect.getPrototypeOf(at)) {
    const found = Reflect.getOwnPropertyDescriptor(at, property);
    if (found) return found;
  }
  return undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
