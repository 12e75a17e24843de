// A list that makes, numbers and frees its items (Delphi: TCollection), as far as ICS relies on it.
//
//  - Items are in the order of Add; removing one moves the later ones down.
//  - An index out of range raises EListError.
//  - Clear and Assign work on the items that are there when they are called, so a handler that adds
//    some meanwhile cannot keep them running.
import { EListError } from '../errors';
import { indexedProperty } from './indexedProperty';
import type { TCollectionItem } from './TCollectionItem';
import { TPersistent } from './TPersistent';

/** What has happened to an item (Delphi: TCollectionNotification). */
export enum TCollectionNotification {
  cnAdded,
  cnExtracting,
  cnDeleting,
}

export type TCollectionItemClass<T extends TCollectionItem = TCollectionItem> = new (
  Collection: TCollection | null,
) => T;

/** Items[]: reading raises EListError outside 0 … Count-1, writing is Assign; iterable. */
export interface CollectionItems<T> extends Iterable<T> {
  [index: number]: T;
}

export class TCollection<T extends TCollectionItem = TCollectionItem> extends TPersistent {
  readonly #itemClass: TCollectionItemClass<T>;
  readonly #items: T[] = [];
  #indexed: CollectionItems<T> | null = null;
  #nextId = 0;
  #updateCount = 0;
  #entered: TCollectionItem | null = null;

  /** ItemClass is what Add makes. */
  constructor(ItemClass: TCollectionItemClass<T>) {
    super();
    this.#itemClass = ItemClass;
  }

  get ItemClass(): TCollectionItemClass<T> {
    return this.#itemClass;
  }

  get Count(): number {
    return this.#items.length;
  }

  /** Items by index: `Items[0]`. */
  get Items(): CollectionItems<T> {
    return (this.#indexed ??= indexedProperty<CollectionItems<T>, T>({
      get: (index) => this.itemAt(index),
      set: (index, value) => this.itemAt(index).Assign(value),
      iterate: () => this[Symbol.iterator](),
    }));
  }

  /** The object the collection belongs to; null unless a descendant says so. */
  get Owner(): object | null {
    return null;
  }

  /** Makes an item and appends it. */
  Add(): T {
    const outer = this.#entered; // an item's constructor may add another one
    this.#entered = null;
    try {
      return new this.#itemClass(this);
    } catch (E) {
      // It entered the collection before its constructor failed.
      (this.#entered as TCollectionItem | null)?.Free();
      throw E;
    } finally {
      this.#entered = outer;
    }
  }

  /** Makes an item and puts it at Index. EListError outside 0 … Count; nothing is added then. */
  Insert(Index: number): T {
    if (!Number.isInteger(Index) || Index < 0 || Index > this.Count) outOfBounds(Index);
    const item = this.Add();
    item.Index = Index;
    return item;
  }

  /** Frees the item at Index. */
  Delete(Index: number): void {
    const item = this.itemAt(Index);
    this.Notify(item, TCollectionNotification.cnDeleting);
    item.Free();
  }

  /** Frees all items, the last one first. */
  Clear(): void {
    this.BeginUpdate();
    try {
      for (const item of [...this.#items].reverse()) item.Free();
    } finally {
      this.EndUpdate();
    }
  }

  /** The item with this ID, or null. */
  FindItemID(ID: number): T | null {
    return this.#items.find((item) => item.ID === ID) ?? null;
  }

  /** Replaces the items by copies of those of Source. */
  override Assign(Source: TPersistent | null): void {
    if (Source === this) return;
    if (!(Source instanceof TCollection)) {
      super.Assign(Source);
      return;
    }
    this.BeginUpdate();
    try {
      this.Clear();
      for (const item of Source) this.Add().Assign(item as TCollectionItem);
    } finally {
      this.EndUpdate();
    }
  }

  /** Until EndUpdate, Update is not called. Calls may be nested. */
  BeginUpdate(): void {
    this.#updateCount++;
  }

  EndUpdate(): void {
    this.#updateCount--;
    this.changed(null);
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    try {
      this.Clear();
    } finally {
      super.Destroy();
    }
  }

  /** The items as they are now; the collection may change while they are walked. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.#items][Symbol.iterator]();
  }

  /** Called when an item has come or is about to go. */
  protected Notify(_Item: T, _Action: TCollectionNotification): void {}

  /** Called after Item changed, with null after the list did. */
  protected Update(_Item: T | null): void {}

  /** @internal */
  changed(item: TCollectionItem | null): void {
    if (this.#updateCount === 0) this.Update(item as T | null);
  }

  /** @internal Place of the item, -1 when it is not in the list. */
  indexOf(item: TCollectionItem): number {
    return this.#items.indexOf(item as T);
  }

  /** @internal Raises unless the item is one of ItemClass. */
  checkItem(item: TCollectionItem): void {
    if (!(item instanceof this.#itemClass)) throw new EListError('Invalid property value');
  }

  /** @internal */
  insertItem(item: TCollectionItem): void {
    this.#items.push(item as T);
    this.#entered = item;
    item.placeIn(this, this.#nextId++);
    this.Notify(item as T, TCollectionNotification.cnAdded);
    this.changed(null);
  }

  /** @internal */
  removeItem(item: TCollectionItem): void {
    try {
      this.Notify(item as T, TCollectionNotification.cnExtracting);
    } finally {
      const index = this.indexOf(item);
      if (index >= 0) this.#items.splice(index, 1);
      item.placeIn(null, item.ID);
    }
    this.changed(null);
  }

  /** @internal */
  moveItem(item: TCollectionItem, index: number): void {
    const from = this.indexOf(item);
    if (from === index) return;
    this.itemAt(index);
    this.#items.splice(from, 1);
    this.#items.splice(index, 0, item as T);
    this.changed(null);
  }

  private itemAt(index: number): T {
    return this.#items[index] ?? outOfBounds(index);
  }
}

function outOfBounds(index: number): never {
  throw new EListError(`List index out of bounds (${index})`);
}
