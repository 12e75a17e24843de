// The part of Delphi's TComponent that ICS relies on: an owner frees what it owns, and components
// may ask to be told when another one goes away.
//
//  - Free() and Destroy() may be called any number of times.
//  - After a free the object stays usable as an object: its members answer as on a closed socket.

/** Why Notification is called (Delphi: TOperation). */
export enum TOperation {
  opInsert,
  opRemove,
}

export class TComponent {
  #owner: TComponent | null;
  #owned: Set<TComponent> | null = null;
  #watchers: Set<TComponent> | null = null;
  #name: string = '';
  #destroyed = false;

  /** AOwner frees this component when it is freed itself. */
  constructor(AOwner: TComponent | null = null) {
    this.#owner = AOwner;
    if (AOwner) AOwner.#insert(this);
  }

  get Owner(): TComponent | null {
    return this.#owner;
  }

  get Name(): string {
    return this.#name;
  }

  set Name(value: string) {
    this.#name = value;
  }

  /** Number of components this one owns. */
  get ComponentCount(): number {
    return this.#owned?.size ?? 0;
  }

  /** True from the first call of Free or Destroy on. */
  get isDestroyed(): boolean {
    return this.#destroyed;
  }

  /** Destroys the component unless that has happened already. */
  Free(): void {
    if (!this.#destroyed) this.Destroy();
  }

  /**
   * Frees owned components (last one first), tells whoever asked by FreeNotification, and leaves
   * the owner. Descendants release their own things first and then call `super.Destroy()`.
   */
  Destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    if (this.#owned) for (const component of [...this.#owned].reverse()) component.Free();
    if (this.#watchers)
      for (const watcher of this.#watchers) watcher.Notification(this, TOperation.opRemove);
    this.#watchers = null;
    const owner = this.#owner;
    this.#owner = null;
    if (owner) owner.#remove(this);
  }

  [Symbol.dispose](): void {
    this.Free();
  }

  /** Asks this component to call AComponent.Notification(…, opRemove) when it is destroyed. */
  FreeNotification(AComponent: TComponent): void {
    (AComponent.#watchers ??= new Set()).add(this); // raises first for what is no component
    (this.#watchers ??= new Set()).add(AComponent);
  }

  RemoveFreeNotification(AComponent: TComponent): void {
    this.#watchers?.delete(AComponent);
    AComponent.#watchers?.delete(this);
  }

  /** Called when an owned component comes or goes, or a watched one is destroyed. */
  protected Notification(AComponent: TComponent, Operation: TOperation): void {
    if (Operation === TOperation.opRemove) this.#watchers?.delete(AComponent);
  }

  #insert(component: TComponent): void {
    (this.#owned ??= new Set()).add(component);
    this.Notification(component, TOperation.opInsert);
  }

  #remove(component: TComponent): void {
    if (this.#owned?.delete(component)) this.Notification(component, TOperation.opRemove);
  }
}
