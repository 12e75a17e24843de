// An item of a TCollection (Delphi: TCollectionItem). The collection owns it: freeing an item takes
// it out of its collection, and the collection's end frees its items.
import type { TCollection } from './TCollection';
import { TPersistent } from './TPersistent';

export class TCollectionItem extends TPersistent {
  #collection: TCollection | null = null;
  #id = 0;

  /** Enters Collection as its last item; normally called by Collection.Add. */
  constructor(Collection: TCollection | null) {
    super();
    this.Collection = Collection;
  }

  /** The collection the item is in, or null. Writing it moves the item; EListError if it cannot. */
  get Collection(): TCollection | null {
    return this.#collection;
  }

  set Collection(Value: TCollection | null) {
    if (Value === this.#collection) return;
    Value?.checkItem(this);
    this.#collection?.removeItem(this);
    Value?.insertItem(this);
  }

  /** Number that no other item of the collection has had; it does not change when items move. */
  get ID(): number {
    return this.#id;
  }

  /** Place in the collection, -1 without one. Writing it moves the item there. */
  get Index(): number {
    return this.#collection ? this.#collection.indexOf(this) : -1;
  }

  set Index(Value: number) {
    this.#collection?.moveItem(this, Value);
  }

  /** What a list of the items shows. Default: the name of the class. */
  get DisplayName(): string {
    return this.GetDisplayName();
  }

  override Destroy(): void {
    if (this.isDestroyed) return;
    try {
      this.Collection = null;
    } finally {
      super.Destroy();
    }
  }

  /** Descendants describe themselves here. */
  protected GetDisplayName(): string {
    return this.constructor.name;
  }

  /** Tells the collection that a property changed; AllItems: that the order did. */
  protected Changed(AllItems: boolean): void {
    this.#collection?.changed(AllItems ? null : this);
  }

  /** @internal Called by the collection. */
  placeIn(collection: TCollection | null, id: number): void {
    this.#collection = collection;
    this.#id = id;
  }
}
